import IR

/// Finds out because of which line each cell changes.
struct ChangeCauses {
  /// Each once; cells name them by index.
  private(set) var causes: [Cause] = []

  private let pair: SubjectPair
  private let table: JointTable
  private let oldTree: Set<PolicyID>
  private let newTree: Set<PolicyID>
  private let oldApplied: Set<PolicyID>
  private let newApplied: Set<PolicyID>
  /// A base list takes part whenever a class becomes an allow-list; only its own change is a cause.
  private let hasOtherBase: Bool
  /// Changed rules by their place.
  private var oldPlaces: [Place: Int] = [:]
  private var newPlaces: [Place: Int] = [:]
  private var ofOldRule: [Int: Int] = [:]
  private var ofNewRule: [Int: Int] = [:]
  private var ofClass: [ResourceClass: Int?] = [:]
  private var unexplained: Int?

  private struct Place: Hashable {
    let policy: PolicyID
    let path: String
    init(_ rule: Rule) {
      policy = rule.origin.policy
      path = rule.origin.path
    }
  }

  init(_ pair: SubjectPair, _ table: JointTable, oldTree: Set<PolicyID>, newTree: Set<PolicyID>) {
    self.pair = pair
    self.table = table
    self.oldTree = oldTree
    self.newTree = newTree
    oldApplied = Set(pair.old.policies.map(\.id))
    newApplied = Set(pair.new.policies.map(\.id))
    hasOtherBase = pair.old.base?.name != pair.new.base?.name
    func places(_ side: JointSide) -> [Place: Int] {
      var places: [Place: Int] = [:]
      for number in side.rules.indices where side.isChanged[number] {
        let place = Place(side.rules[number])
        if places[place] == nil { places[place] = number }
      }
      return places
    }
    oldPlaces = places(table.old)
    newPlaces = places(table.new)
  }

  /// The cause of a changed cell of a column, as an index into `causes`.
  mutating func cause(_ resourceClass: ResourceClass, _ column: JointColumn, _ cell: JointCell, source: Int?) -> Int {
    if let rule = cell.new.rule, isCause(rule, table.new) { return cause(newRule: rule) }
    if let rule = cell.old.rule, isCause(rule, table.old) { return cause(oldRule: rule) }
    if let known = ofClass[resourceClass] {
      if let known { return known }
    } else {
      let found = classCause(resourceClass).map { add($0) }
      ofClass[resourceClass] = .some(found)
      if let found { return found }
    }
    // A rule that decides nothing here itself, such as one with a source that lifts a block without one.
    if let rule = table.new.changedRules(column.newClauses, slot: cell.slot, source: source).first {
      return cause(newRule: rule)
    }
    if let rule = table.old.changedRules(column.oldClauses, slot: cell.slot, source: source).first {
      return cause(oldRule: rule)
    }
    let result = unexplained ?? add(Cause(.posture))
    unexplained = result
    return result
  }

  private func isCause(_ rule: Int, _ side: JointSide) -> Bool {
    side.isChanged[rule] && (hasOtherBase || side.rules[rule].origin.policy.kind != .base)
  }

  private func classCause(_ resourceClass: ResourceClass) -> Cause? {
    let isOld = table.old.allowListed.contains(resourceClass)
    let isNew = table.new.allowListed.contains(resourceClass)
    if isOld != isNew {
      return Cause(
        isNew ? .allowListOn : .allowListOff,
        old: isOld ? table.old.rules.firstAllow(resourceClass) : nil,
        new: isNew ? table.new.rules.firstAllow(resourceClass) : nil
      )
    }
    let (before, after) = (table.old.postures[resourceClass], table.new.postures[resourceClass])
    return isNew && before != after ? Cause(.posture, oldPosture: before, newPosture: after) : nil
  }

  private mutating func cause(newRule number: Int) -> Int {
    if let known = ofNewRule[number] { return known }
    let rule = table.new.rules[number]
    let policy = rule.origin.policy
    let result: Int
    if policy.kind == .base {
      result = add(Cause(.baseList, new: rule))
    } else if let old = oldPlaces[Place(rule)] {
      result = ofOldRule[old] ?? add(Cause(.ruleChanged, old: table.old.rules[old], new: rule))
      ofOldRule[old] = result
    } else {
      let kind: Cause.Kind =
        !oldTree.contains(policy) ? .policyAdded : !oldApplied.contains(policy) ? .policyJoined : .ruleAdded
      result = add(Cause(kind, new: rule))
    }
    ofNewRule[number] = result
    return result
  }

  private mutating func cause(oldRule number: Int) -> Int {
    if let known = ofOldRule[number] { return known }
    let rule = table.old.rules[number]
    let policy = rule.origin.policy
    if policy.kind != .base, let new = newPlaces[Place(rule)] {
      let result = cause(newRule: new)
      ofOldRule[number] = result
      return result
    }
    let kind: Cause.Kind =
      policy.kind == .base
      ? .baseList
      : !newTree.contains(policy) ? .policyRemoved : !newApplied.contains(policy) ? .policyLeft : .ruleRemoved
    let result = add(Cause(kind, old: rule))
    ofOldRule[number] = result
    return result
  }

  private mutating func add(_ cause: Cause) -> Int {
    causes.append(cause)
    return causes.count - 1
  }
}

extension [Rule] {
  /// The rule that a class owes its allow-list mode to, if it is in it: the first by policy and place.
  func firstAllow(_ resourceClass: ResourceClass) -> Rule? {
    var first: Int?
    for index in indices where self[index].action == .allow && self[index].resourceClass == resourceClass {
      if self[index].origin.policy.kind == .base { continue }
      if let first, self[first].origin <= self[index].origin { continue }
      first = index
    }
    return first.map { self[$0] }
  }
}
