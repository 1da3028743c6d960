package import Automata
package import IR

/// Compares one subject's two sides. A function of its arguments alone, so subjects can be compared on many threads.
package struct SubjectComparison: Sendable {
  private let old: Set<PolicyID>
  private let new: Set<PolicyID>
  private let budget: TableBudget
  private let searchesPatterns: Bool

  /// `old` and `new` are all policies of the two trees: they tell a rule that was removed from one that no longer applies.
  ///
  /// Without the search for patterns, regions are told by the sets of the policies alone: faster, and not always exact.
  package init(
    old: [Policy],
    new: [Policy],
    budget: TableBudget = TableBudget(),
    searchesPatterns: Bool = true
  ) {
    self.old = Set(old.map(\.id))
    self.new = Set(new.map(\.id))
    self.budget = budget
    self.searchesPatterns = searchesPatterns
  }

  /// Most witnesses of one region.
  package static let mostWitnesses = 8

  /// Every witness of the result was replayed through both evaluators.
  /// - Throws: `ReplayError` when one did not: a fault of armorc, never of its input.
  package func compare(_ pair: SubjectPair) throws(ReplayError) -> SubjectDiff {
    try comparison(of: pair).diff
  }

  /// The comparison with its regions as automata, for proofs: as many as the regions of all entries, in their order.
  package func automata(of pair: SubjectPair) throws -> (diff: SubjectDiff, regions: [[RegionAutomata]]) {
    let comparison = try comparison(of: pair)
    return (comparison.diff, try comparison.drafts.map { try $0.map { try RegionAutomata($0) } })
  }

  private struct Comparison {
    var diff: SubjectDiff
    /// Parallel to the regions of `diff.entries`.
    var drafts: [[RegionDraft]] = []
  }

  private func comparison(of pair: SubjectPair) throws(ReplayError) -> Comparison {
    var result = Comparison(
      diff: SubjectDiff(name: pair.name, description: pair.new.subject.words, presence: pair.presence)
    )
    if pair.old.policies == pair.new.policies, pair.old.postures == pair.new.postures,
      pair.old.base?.name == pair.new.base?.name
    {
      return result
    }
    let (oldRules, newRules) = (pair.old.rules, pair.new.rules)
    result.diff.settings = SettingChange.of(pair, (oldRules, newRules), oldTree: old, newTree: new)
    result.diff.unjudged = UnjudgedChange.of(pair)
    let table: JointTable
    do throws(TableBudgetError) {
      table = try JointTable(
        old: (oldRules, pair.old.postures),
        new: (newRules, pair.new.postures),
        budget: budget
      )
    } catch {
      result.diff.problem = error.words
      return result
    }
    if !table.differs { return result }
    let drafts = ChangeDrafts(table, ChangeCauses(pair, table, oldTree: old, newTree: new))
    let replay = WitnessReplay(pair.name, table)
    var words = RegionWords(table, searchesPatterns: searchesPatterns)
    var entries: [ChangeEntry] = []
    var regionDrafts: [[RegionDraft]] = []
    for draft in drafts.entries {
      var regions: [(region: ChangeRegion, draft: RegionDraft)] = []
      for region in draft.regions { regions += words.regions(region, try replay.confirmed(region)) }
      if regions.count > 1 { regions.sort { $0.region.precedes($1.region) } }
      entries.append(
        ChangeEntry(
          resourceClass: draft.resourceClass,
          old: draft.old,
          new: draft.new,
          cause: drafts.causes.causes[draft.cause],
          regions: regions.map(\.region)
        )
      )
      regionDrafts.append(regions.map(\.draft))
    }
    let order = EntryOrder.sorted(entries)
    result.diff.entries = order.map { entries[$0] }
    result.drafts = order.map { regionDrafts[$0] }
    return result
  }
}

/// Paths and sources of a region, sorted under the labels of `JointPaths`; nil where a region has none or names them all.
package struct RegionAutomata: Sendable {
  package let paths: Classifier?
  /// For `matching` and `allButMatching`: the language that they hold.
  package let sources: Classifier?

  fileprivate init(_ draft: RegionDraft) throws {
    switch draft.objects {
    case .paths(let joint):
      paths = try joint.automaton(of: draft.columns)
      sources = nil
    case .syscalls(let calls):
      paths = calls.pathAutomaton(of: draft.columns)
      sources = calls.sourceAutomaton(of: draft.box.sources.listed)
    case .network, .capabilities: (paths, sources) = (nil, nil)
    }
  }
}

/// A witness that the evaluator does not confirm.
package struct ReplayError: Error, Hashable, Sendable {
  package let subject: String
  package let witness: ChangeWitness
  package init(subject: String, witness: ChangeWitness) {
    self.subject = subject
    self.witness = witness
  }
}

/// Confirms witnesses by the evaluators of both sides.
private struct WitnessReplay {
  private let subject: String
  private let table: JointTable
  private let old: EventReplay
  private let new: EventReplay

  init(_ subject: String, _ table: JointTable) {
    self.subject = subject
    self.table = table
    old = EventReplay(rules: table.old.rules, postures: table.old.postures)
    new = EventReplay(rules: table.new.rules, postures: table.new.postures)
  }

  func confirmed(_ region: RegionDraft) throws(ReplayError) -> [ChangeWitness] {
    var witnesses: [ChangeWitness] = []
    for draft in region.witnesses.sorted(by: { $0.length < $1.length }).prefix(SubjectComparison.mostWitnesses) {
      let witness = ChangeWitness(
        event: draft.event,
        old: table.old.decision(draft.old),
        new: table.new.decision(draft.new)
      )
      guard old.decide(draft.event) == witness.old, new.decide(draft.event) == witness.new else {
        throw ReplayError(subject: subject, witness: witness)
      }
      witnesses.append(witness)
    }
    return witnesses
  }
}

extension TableBudgetError {
  /// One line, lower case, no final period.
  fileprivate var words: String {
    let named = rules.prefix(3).map { "\($0.location)" }.joined(separator: ", ")
    return "comparing needs more than \(limit) \(quantity.rawValue), most of all because of \(named)"
  }
}

extension ChangeRegion {
  fileprivate func precedes(_ other: ChangeRegion) -> Bool {
    guard let mine = witnesses.first?.event.description, let theirs = other.witnesses.first?.event.description else {
      return false
    }
    return (mine.utf8.count, mine) < (theirs.utf8.count, theirs)
  }
}

/// Looser first, then by class, cause and place.
private struct EntryOrder: Comparable {
  let rank: Int
  let origin: Origin?
  let witness: Event?

  init(_ entry: ChangeEntry) {
    var rank = entry.direction == .looser ? 0 : 1
    rank = rank * ResourceClass.allCases.count + (ResourceClass.allCases.firstIndex(of: entry.resourceClass) ?? 0)
    rank = rank * Cause.Kind.allCases.count + (Cause.Kind.allCases.firstIndex(of: entry.cause.kind) ?? 0)
    self.rank = rank * 16 + Int(entry.old.rawValue) * 4 + Int(entry.new.rawValue)
    origin = (entry.cause.new ?? entry.cause.old)?.origin
    witness = entry.regions.first?.witnesses.first?.event
  }

  static func sorted(_ entries: [ChangeEntry]) -> [Int] {
    let keys = entries.map { EntryOrder($0) }
    return entries.indices.sorted { keys[$0] < keys[$1] }
  }

  static func < (a: EntryOrder, b: EntryOrder) -> Bool {
    if a.rank >> 4 != b.rank >> 4 { return a.rank < b.rank }
    if let mine = a.origin, let theirs = b.origin, mine != theirs { return mine < theirs }
    if a.rank != b.rank { return a.rank < b.rank }
    return (a.witness?.description ?? "") < (b.witness?.description ?? "")
  }
}
