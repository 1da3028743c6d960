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
  /// By index of the rules that decided, what each decided.
  var membersOfRule: [Int: Set<Int>] = [:]

  /// Indices of the rules that decided, in order.
  var rules: [Int] { membersOfRule.keys.sorted() }

  /// All groups of some objects; `cells` gives the cell of one for another's object and for the actor's own, `asked` which
  /// of the two matter.
  static func groups(
    _ objects: some Sequence<Int>,
    asked: (Int) -> OwnerCondition = { _ in .any },
    cells: (Int) -> (other: Cell, owner: Cell)
  ) -> Set<VerdictGroup> {
    var groups: [Key: VerdictGroup] = [:]
    func add(_ object: Int, _ owner: OwnerCondition, _ cells: Cell...) {
      for cell in cells {
        let key = Key(verdict: cell.verdict, owner: owner, by: decided(cell))
        groups[key, default: VerdictGroup(key: key)].members.insert(object)
        if let rule = cell.rule { groups[key]?.membersOfRule[rule, default: []].insert(object) }
      }
    }
    for object in objects {
      let (other, owner) = cells(object)
      switch asked(object) {
      case .owner: add(object, .owner, owner)
      case .other: add(object, .other, other)
      case .any where other.verdict == owner.verdict && decided(other) == decided(owner):
        add(object, .any, other, owner)
      case .any:
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
