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
    try comparison(of: pair, keepsDrafts: false).diff
  }

  /// The comparison with its regions as automata, for proofs: as many as the regions of all entries, in their order.
  package func automata(of pair: SubjectPair) throws -> (diff: SubjectDiff, regions: [[RegionAutomata]]) {
    let comparison = try comparison(of: pair, keepsDrafts: true)
    return (comparison.diff, try comparison.drafts.map { try $0.map { try RegionAutomata($0) } })
  }

  private struct Comparison {
    var diff: SubjectDiff
    /// Parallel to the regions of `diff.entries`, if they are kept.
    var drafts: [[RegionDraft]] = []
  }

  private func comparison(of pair: SubjectPair, keepsDrafts: Bool) throws(ReplayError) -> Comparison {
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
    entries.reserveCapacity(drafts.entries.count)
    for draft in drafts.entries {
      var regions: [ChangeRegion] = []
      var kept: [RegionDraft] = []
      for region in draft.regions {
        let told = words.regions(region, try replay.confirmed(region))
        if keepsDrafts { kept += told.map { _ in region } }
        regions += told
      }
      if regions.count > 1 {
        let order = RegionOrder.sorted(regions)
        regions = order.map { regions[$0] }
        if keepsDrafts { kept = order.map { kept[$0] } }
      }
      entries.append(
        ChangeEntry(
          resourceClass: draft.resourceClass,
          old: draft.old,
          new: draft.new,
          cause: drafts.causes.causes[draft.cause],
          regions: regions
        )
      )
      if keepsDrafts { regionDrafts.append(kept) }
    }
    let order = EntryOrder.sorted(entries)
    result.diff.entries = order.map { entries[$0] }
    if keepsDrafts { result.drafts = order.map { regionDrafts[$0] } }
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
    let drafts =
      region.witnesses.count > 1 ? region.witnesses.sorted { $0.length < $1.length } : region.witnesses
    for draft in drafts.prefix(SubjectComparison.mostWitnesses) {
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

/// Shorter first witnesses first, then by text.
private struct RegionOrder {
  static func sorted(_ regions: [ChangeRegion]) -> [Int] {
    let keys = regions.map { region in
      let text = region.witnesses.first?.event.description ?? ""
      return (text.utf8.count, text)
    }
    return regions.indices.sorted { (keys[$0].0, keys[$0].1, $0) < (keys[$1].0, keys[$1].1, $1) }
  }
}

/// Looser first, then by class, cause and place.
private struct EntryOrder {
  private let rank: Int
  /// Of the rule's policy among all policies of the entries; negative without a rule.
  private let policy: Int
  private let position: Int

  private init(_ entry: ChangeEntry, _ origin: Origin?, _ places: [PolicyID: Int]) {
    var rank = entry.direction == .looser ? 0 : 1
    rank = rank * ResourceClass.allCases.count + (ResourceClass.allCases.firstIndex(of: entry.resourceClass) ?? 0)
    rank = rank * Cause.Kind.allCases.count + (Cause.Kind.allCases.firstIndex(of: entry.cause.kind) ?? 0)
    self.rank = rank * 16 + Int(entry.old.rawValue) * 4 + Int(entry.new.rawValue)
    policy = origin.map { places[$0.policy] ?? 0 } ?? -1
    position = origin?.position ?? 0
  }

  static func sorted(_ entries: [ChangeEntry]) -> [Int] {
    let origins = entries.map(\.cause.origin)
    var places: [PolicyID: Int] = [:]
    for origin in origins { if let origin { places[origin.policy] = 0 } }
    for (place, policy) in places.keys.sorted().enumerated() { places[policy] = place }
    let keys = entries.indices.map { EntryOrder(entries[$0], origins[$0], places) }
    return entries.indices.sorted { a, b in
      let (mine, theirs) = (keys[a], keys[b])
      if mine.rank >> 4 != theirs.rank >> 4 { return mine.rank < theirs.rank }
      if mine.policy >= 0, theirs.policy >= 0 {
        if mine.policy != theirs.policy { return mine.policy < theirs.policy }
        if mine.position != theirs.position { return mine.position < theirs.position }
        if let mine = origins[a]?.path, let theirs = origins[b]?.path, mine != theirs { return mine < theirs }
      }
      if mine.rank != theirs.rank { return mine.rank < theirs.rank }
      let (first, second) = (witness(entries[a]), witness(entries[b]))
      return first != second ? first < second : a < b
    }
  }

  private static func witness(_ entry: ChangeEntry) -> String {
    entry.regions.first?.witnesses.first?.event.description ?? ""
  }
}
