import IR

/// Finds out because of which line an enforcer's verdict changes: where the policies' verdicts change too, for the reason
/// that their own comparison gives; else because of a rule that the enforcer does not serve exactly.
struct EnforcerCauses {
  private(set) var causes: [Cause] = []
  private let policy: [Entry]
  private let old: EnforcedSide
  private let new: EnforcedSide
  private let pair: SubjectPair
  private var numbers: [Cause: Int] = [:]
  private var ofCells: [Cells: Int] = [:]
  private var ofClass: [ResourceClass: Int] = [:]

  private struct Cells: Hashable {
    let resourceClass: ResourceClass
    let old: Cell
    let new: Cell
  }

  private struct Entry {
    let entry: ChangeEntry
    let regions: [RegionMatcher]
  }

  /// `policy` is the comparison of the policies.
  init(_ pair: SubjectPair, policy: SubjectDiff, old: EnforcedSide, new: EnforcedSide) {
    self.pair = pair
    self.old = old
    self.new = new
    self.policy = policy.entries.map { Entry(entry: $0, regions: $0.regions.map(RegionMatcher.init)) }
  }

  /// As an index into `causes`; the cells are what the policies say of the event.
  mutating func cause(_ event: Event, _ oldCell: Cell, _ newCell: Cell) -> Int {
    let resourceClass = event.access.resourceClass
    if oldCell.verdict == newCell.verdict { return enforcerCause(resourceClass) }
    let cells = Cells(resourceClass: resourceClass, old: oldCell, new: newCell)
    if let known = ofCells[cells] { return known }
    let found = policy.first { entry in
      entry.entry.resourceClass == resourceClass && entry.entry.old == oldCell.verdict
        && entry.entry.new == newCell.verdict && entry.regions.contains { $0.holds(event) }
    }
    let number =
      found.map { self.number($0.entry.cause) }
      ?? self.number(
        Cause(
          .enforcer,
          old: oldCell.rule.map { old.map.table.rules[$0] },
          new: newCell.rule.map { new.map.table.rules[$0] }
        )
      )
    ofCells[cells] = number
    return number
  }

  private mutating func number(_ cause: Cause) -> Int {
    if let known = numbers[cause] { return known }
    numbers[cause] = causes.count
    causes.append(cause)
    return causes.count - 1
  }

  private mutating func enforcerCause(_ resourceClass: ResourceClass) -> Int {
    if let known = ofClass[resourceClass] { return known }
    let before = Set(old.map.table.rules.map(RuleMeaning.init))
    let after = Set(new.map.table.rules.map(RuleMeaning.init))
    let removed = old.map.table.rules.filter { !after.contains(RuleMeaning($0)) }
    let added = new.map.table.rules.filter { !before.contains(RuleMeaning($0)) }
    let cause: Cause
    if removed.isEmpty && added.isEmpty, pair.old.postures[resourceClass] != pair.new.postures[resourceClass] {
      cause = Cause(
        .posture,
        oldPosture: pair.old.postures[resourceClass],
        newPosture: pair.new.postures[resourceClass]
      )
    } else {
      cause = Cause(
        .enforcer,
        old: suspect(removed, old, resourceClass),
        new: suspect(added, new, resourceClass)
      )
    }
    let number = number(cause)
    ofClass[resourceClass] = number
    return number
  }

  /// Of some changed rules the most likely one: of the class and not exact, else of the class, else not exact.
  private func suspect(_ rules: [Rule], _ side: EnforcedSide, _ resourceClass: ResourceClass) -> Rule? {
    func rank(_ rule: Rule) -> Int {
      (rule.resourceClass == resourceClass ? 0 : 2) + (side.inexact.contains(rule.origin) ? 0 : 1)
    }
    return rules.min { (rank($0), $0.origin) < (rank($1), $1.origin) }
  }
}

/// What of a rule decides verdicts.
private struct RuleMeaning: Hashable {
  private let target: Rule.Target
  private let sources: Set<PathSet>
  private let action: Action
  private let flags: [Bool]

  init(_ rule: Rule) {
    target = rule.target
    sources = Set(rule.sources)
    action = rule.action
    flags = [rule.ownerOnly, rule.readOnly, rule.blocksTheRest]
  }
}
