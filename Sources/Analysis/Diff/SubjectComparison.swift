package import Automata
package import IR

/// Compares one subject's two sides. A function of its arguments alone, so subjects can be compared on many threads.
package struct SubjectComparison: Sendable {
  private let old: Set<PolicyID>
  private let new: Set<PolicyID>
  private let budget: TableBudget

  /// `old` and `new` are all policies of the two trees: they tell a rule that was removed from one that no longer applies.
  package init(old: [Policy], new: [Policy], budget: TableBudget = TableBudget()) {
    self.old = Set(old.map(\.id))
    self.new = Set(new.map(\.id))
    self.budget = budget
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
    result.diff.settings = SettingChange.of(pair, oldTree: old, newTree: new)
    result.diff.unjudged = UnjudgedChange.of(pair)
    let table: JointTable
    do throws(TableBudgetError) {
      table = try JointTable(
        old: (pair.old.rules, pair.old.postures),
        new: (pair.new.rules, pair.new.postures),
        budget: budget
      )
    } catch {
      result.diff.problem = error.words
      return result
    }
    let drafts = ChangeDrafts(table, ChangeCauses(pair, table, oldTree: old, newTree: new))
    let replay = WitnessReplay(pair.name, table)
    var words = RegionWords(table)
    var entries: [(entry: ChangeEntry, drafts: [RegionDraft])] = []
    for draft in drafts.entries {
      var regions: [(region: ChangeRegion, draft: RegionDraft)] = []
      for region in draft.regions {
        let witnesses = try replay.confirmed(region)
        for region in words.regions(region, witnesses) { regions.append(region) }
      }
      regions.sort { $0.region.precedes($1.region) }
      entries.append(
        (
          ChangeEntry(
            resourceClass: draft.resourceClass,
            old: draft.old,
            new: draft.new,
            cause: drafts.causes.causes[draft.cause],
            regions: regions.map(\.region)
          ), regions.map(\.draft)
        )
      )
    }
    entries.sort { $0.entry.precedes($1.entry) }
    result.diff.entries = entries.map(\.entry)
    result.drafts = entries.map(\.drafts)
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
    for draft in region.witnesses.sorted(by: { $0.precedes($1) }).prefix(SubjectComparison.mostWitnesses) {
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

extension ChangeEntry {
  /// Looser first, then by class, cause and place.
  fileprivate func precedes(_ other: ChangeEntry) -> Bool {
    if order != other.order { return order.lexicographicallyPrecedes(other.order) }
    let (mine, theirs) = (cause.new ?? cause.old, other.cause.new ?? other.cause.old)
    if let mine, let theirs, mine.origin != theirs.origin { return mine.origin < theirs.origin }
    let verdicts = [old, new].map { Int($0.rawValue) }
    let others = [other.old, other.new].map { Int($0.rawValue) }
    if verdicts != others { return verdicts.lexicographicallyPrecedes(others) }
    return (regions.first?.witnesses.first?.event.description ?? "")
      < (other.regions.first?.witnesses.first?.event.description ?? "")
  }

  private var order: [Int] {
    [
      direction == .looser ? 0 : 1,
      ResourceClass.allCases.firstIndex(of: resourceClass) ?? 0,
      Cause.Kind.allCases.firstIndex(of: cause.kind) ?? 0,
    ]
  }
}
