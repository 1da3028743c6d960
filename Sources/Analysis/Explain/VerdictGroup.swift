import IR

/// Objects that one source may use alike: one verdict, decided by rules, or by the posture, or by nobody.
struct VerdictGroup: Hashable {
  enum Decided: Int, Hashable { case rule, posture, nothing }

  struct Key: Hashable {
    let verdict: Verdict
    let owner: OwnerCondition
    let by: Decided
  }

  let key: Key
  /// Path classes, socket cells or capability numbers.
  var members: Set<Int> = []
  /// Indices of the rules that decided.
  var rules: Set<Int> = []

  /// All groups of some objects; `cells` gives the cell of one for another's object and for the actor's own.
  static func groups(_ objects: some Sequence<Int>, cells: (Int) -> (other: Cell, owner: Cell)) -> Set<VerdictGroup> {
    var groups: [Key: VerdictGroup] = [:]
    func add(_ object: Int, _ owner: OwnerCondition, _ cells: Cell...) {
      for cell in cells {
        let key = Key(verdict: cell.verdict, owner: owner, by: decided(cell))
        groups[key, default: VerdictGroup(key: key)].members.insert(object)
        if let rule = cell.rule { groups[key]?.rules.insert(rule) }
      }
    }
    for object in objects {
      let (other, owner) = cells(object)
      if other.verdict == owner.verdict, decided(other) == decided(owner) {
        add(object, .any, other, owner)
      } else {
        add(object, .owner, owner)
        add(object, .other, other)
      }
    }
    return Set(groups.values)
  }

  private static func decided(_ cell: Cell) -> Decided {
    cell.rule != nil ? .rule : cell.posture != nil ? .posture : .nothing
  }

  /// Blocked things first, then by owner condition and decider.
  var rank: [Int] { [-Int(key.verdict.rawValue), Int(key.owner.rawValue), key.by.rawValue] }
}

/// Sources that may do the same.
struct SourceGroup {
  /// Indices of source classes; 0 is every source that has no class of its own.
  var classes: [Int]
  var groups: Set<VerdictGroup>

  /// Source classes with equal groups together, that of class 0 first.
  static func all(_ table: DecisionTable, _ groups: (Int) -> Set<VerdictGroup>) -> [SourceGroup] {
    var result: [SourceGroup] = []
    var known: [Set<VerdictGroup>: Int] = [:]
    for source in 0..<table.sources.count {
      let mine = groups(source)
      if let index = known[mine] {
        result[index].classes.append(source)
      } else {
        known[mine] = result.count
        result.append(SourceGroup(classes: [source], groups: mine))
      }
    }
    return result
  }

  /// The sources as a set, beside the other groups of `all`.
  func sources(_ table: DecisionTable, among all: [SourceGroup]) -> SourceSet {
    guard classes.contains(0) else { return .only(classes.flatMap { table.sources.paths[$0] }.sorted()) }
    let others = all.flatMap(\.classes).filter { !classes.contains($0) }
    return others.isEmpty ? .any : .allBut(others.flatMap { table.sources.paths[$0] }.sorted())
  }
}
