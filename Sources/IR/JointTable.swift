import Automata

/// What two states of one subject decide differently, cell by cell: the cells of two decision tables over one set of
/// columns and sources, as far as they may differ.
///
/// A verdict can only change where a rule covers the event that the other side does not have, or where the mode or the
/// posture of a whole class changed. Nothing else is looked at, so the cost follows the change.
package struct JointTable: Sendable {
  package let old: JointSide
  package let new: JointSide
  /// Every path that some rule outside `syscalls` names as a source, sorted; columns name them by index.
  package let sources: [BytePath]
  /// Process, then file.
  package let paths: [JointPaths]
  package let network: [(cell: SocketCell, column: JointColumn)]
  package let capabilities: [(capability: Capability, column: JointColumn)]
  package let syscalls: [JointSyscalls]

  /// - Throws: `TableBudgetError` naming the rules that make automata or columns too many.
  package init(
    old: (rules: [Rule], postures: Postures),
    new: (rules: [Rule], postures: Postures),
    budget: TableBudget = TableBudget()
  ) throws(TableBudgetError) {
    var named: Set<BytePath> = []
    for rules in [old.rules, new.rules] {
      for index in rules.indices where !rules[index].sources.isEmpty && rules[index].resourceClass != .syscalls {
        for case .literal(let path) in rules[index].sources { named.insert(path) }
      }
    }
    sources = named.sorted()
    let numbers = Dictionary(uniqueKeysWithValues: sources.enumerated().map { ($1, $0) })
    let (oldChanged, newChanged) = RuleContents.changed(old.rules, new.rules)
    self.old = JointSide(old.rules, old.postures, isChanged: oldChanged, sources: numbers)
    self.new = JointSide(new.rules, new.postures, isChanged: newChanged, sources: numbers)
    let judge = JointJudge(old: self.old, new: self.new)
    var paths: [JointPaths] = []
    for resourceClass in [ResourceClass.process, .file] where judge.mayDiffer(resourceClass) {
      paths.append(try JointPaths(resourceClass, judge, budget: budget))
    }
    self.paths = paths
    network = judge.mayDiffer(.network) ? judge.network() : []
    capabilities = judge.mayDiffer(.capabilities) ? judge.capabilities() : []
    syscalls = judge.mayDiffer(.syscalls) ? try JointSyscalls.all(judge, budget: budget) : []
  }

  /// Whether some event has another verdict.
  package var differs: Bool {
    paths.contains { !$0.columns.isEmpty } || !network.isEmpty || !capabilities.isEmpty
      || syscalls.contains { !$0.columns.isEmpty }
  }
}

/// One of the two states.
package struct JointSide: Sendable {
  private let whole: Whole
  /// Per clause: the sources it names, as columns number them.
  var sources: [[Int]]

  private final class Whole: Sendable {
    let rules: [Rule]
    let postures: Postures
    let isChanged: [Bool]

    init(rules: [Rule], postures: Postures, isChanged: [Bool]) {
      self.rules = rules
      self.postures = postures
      self.isChanged = isChanged
    }
  }

  let cellRule: CellRule
  package var rules: [Rule] { whole.rules }
  package var postures: Postures { whole.postures }
  package var allowListed: Set<ResourceClass> { cellRule.allowListed }
  /// Per rule: whether no rule of the other side covers the same and does the same.
  package var isChanged: [Bool] { whole.isChanged }

  init(_ rules: [Rule], _ postures: Postures, isChanged: [Bool], sources: [BytePath: Int]) {
    whole = Whole(rules: rules, postures: postures, isChanged: isChanged)
    cellRule = CellRule(rules: rules, postures: postures)
    self.sources = cellRule.clauses.map { clause in
      var numbers: [Int] = []
      for case .literal(let path) in clause.sources { if let number = sources[path] { numbers.append(number) } }
      return numbers
    }
  }

  package func decision(_ cell: Cell) -> Decision { cell.decision(by: rules) }

  /// Changed rules among some clauses that cover a cell, by rank.
  package func changedRules(_ clauses: [Int], slot: JointSlot, source: Int?) -> [Int] {
    let rules = Set(clauses.filter { covers($0, slot, source) }.map { cellRule.ruleOf[$0] })
    return rules.filter { isChanged[$0] }.sorted { cellRule.rank[$0] < cellRule.rank[$1] }
  }

  func covers(_ clause: Int, _ slot: JointSlot, _ source: Int?) -> Bool {
    let clauses = cellRule.clauses
    if clauses[clause].isSourced {
      guard let source, sources[clause].contains(source) else { return false }
    }
    guard let operation = slot.operation else { return true }
    return clauses[clause].operations.contains(operation) && clauses[clause].owner.holds(isOwner: slot.isOwner)
  }

  func cell(_ resourceClass: ResourceClass, _ clauses: [Int], _ slot: JointSlot, _ source: Int?) -> Cell {
    cellRule.decide(resourceClass, covering: clauses) { covers($0, slot, source) }
  }
}

/// What else of an event a cell depends on, beside object and source.
package struct JointSlot: Hashable, Sendable {
  /// Nil for classes without paths.
  package let operation: PathOperation?
  package let isOwner: Bool

  package init(operation: PathOperation?, isOwner: Bool) {
    self.operation = operation
    self.isOwner = isOwner
  }

  static func all(_ resourceClass: ResourceClass) -> [JointSlot] {
    switch resourceClass {
    case .process: process
    case .file: file
    default: single
    }
  }

  private static let process = slots(.process)
  private static let file = slots(.file)
  private static let single = [JointSlot(operation: nil, isOwner: true)]

  private static func slots(_ resourceClass: ResourceClass) -> [JointSlot] {
    PathOperation.allCases.filter { $0.resourceClass == resourceClass }
      .flatMap { [JointSlot(operation: $0, isOwner: false), JointSlot(operation: $0, isOwner: true)] }
  }
}

/// A cell whose verdicts differ.
package struct JointCell: Hashable, Sendable {
  package let slot: JointSlot
  package let old: Cell
  package let new: Cell
}

/// The changed cells of one class of objects.
package struct JointColumn: Sendable {
  /// For no source and every source that is not in `overrides`.
  package let plain: [JointCell]
  /// By source, ascending: all that changes for it where that is not the same as `plain`.
  package let overrides: [(source: Int, cells: [JointCell])]
  /// The clauses of either side that cover these objects, whatever the rest of the event is.
  package let oldClauses: [Int]
  package let newClauses: [Int]
}

/// What rules cover and do with it; who wrote them, where and with which words is left out.
private enum RuleContents {
  /// Per rule: whether no rule of the other side has the same content.
  static func changed(_ old: [Rule], _ new: [Rule]) -> (old: [Bool], new: [Bool]) {
    let (oldHashes, newHashes) = (old.indices.map { hash(old[$0]) }, new.indices.map { hash(new[$0]) })
    return (missing(old, oldHashes, in: new, newHashes), missing(new, newHashes, in: old, oldHashes))
  }

  private static func missing(_ rules: [Rule], _ hashes: [Int], in others: [Rule], _ otherHashes: [Int]) -> [Bool] {
    var byHash: [Int: [Int]] = [:]
    byHash.reserveCapacity(others.count)
    for (index, hash) in otherHashes.enumerated() { byHash[hash, default: []].append(index) }
    return rules.indices.map { index in
      // Mostly the same rule stands at the same place.
      if index < others.count, hashes[index] == otherHashes[index], isSame(rules[index], others[index]) { return false }
      return byHash[hashes[index]]?.contains { isSame(rules[index], others[$0]) } != true
    }
  }

  private static func hash(_ rule: borrowing Rule) -> Int {
    var hasher = Hasher()
    hasher.combine(rule.target)
    hasher.combine(rule.action)
    hasher.combine(rule.sources.isEmpty)
    return hasher.finalize()
  }

  private static func isSame(_ a: borrowing Rule, _ b: borrowing Rule) -> Bool {
    a.action == b.action && a.ownerOnly == b.ownerOnly && a.readOnly == b.readOnly && a.target == b.target
      && (a.sources == b.sources || Set(a.sources) == Set(b.sources)) && a.blocksTheRest == b.blocksTheRest
  }
}
