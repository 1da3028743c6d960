package import IR

/// What a replay came to, in numbers. Of everything that could be without end a bounded part is kept by name, the rest is
/// counted together.
package struct ReplayTally: Sendable {
  package enum Outcome: Int, Hashable, Sendable, CaseIterable {
    case block, audit, allow
    /// Allowed since no policy applies.
    case free
    /// No one verdict.
    case open
  }

  /// An event that stands for many.
  package struct Example: Hashable, Sendable {
    /// Of the stream, where there are several.
    package let file: String?
    package let line: Int
    package let subject: String
    package let event: String
  }

  package struct Counts: Hashable, Sendable {
    private var numbers = [Int](repeating: 0, count: Outcome.allCases.count)
    package init() {}
    package subscript(_ outcome: Outcome) -> Int {
      get { numbers[outcome.rawValue] }
      set { numbers[outcome.rawValue] = newValue }
    }
    package var total: Int { numbers.reduce(0, +) }
    mutating func add(_ other: Counts) { for outcome in Outcome.allCases { self[outcome] += other[outcome] } }
  }

  /// What was recorded, and what would be.
  package struct Difference: Hashable, Sendable {
    package let recorded: Verdict
    package let outcome: Outcome
  }

  /// A change of verdict between two states of the policies, with who decides in each.
  package struct Change: Hashable, Sendable {
    package let kind: VerdictChange
    package let old: Outcome
    package let new: Outcome
    package let oldDecision: Decision?
    package let newDecision: Decision?

    /// What all changes are counted as that there is no room for.
    fileprivate var withoutDeciders: Change {
      Change(kind: kind, old: old, new: new, oldDecision: nil, newDecision: nil)
    }
  }

  package struct Examples: Hashable, Sendable {
    package var count = 0
    /// The first ones.
    package var first: [Example] = []
    package init() {}

    /// Adds what a later part of the stream has.
    mutating func add(_ later: Examples) {
      count += later.count
      first += later.first.prefix(max(0, mostExamples - first.count))
    }

    /// Adds what the same part of the stream has.
    mutating func merge(_ other: Examples) {
      count += other.count
      first = Array((first + other.first).sorted { $0.line < $1.line }.prefix(mostExamples))
    }
  }

  /// Most examples of one thing.
  package static let mostExamples = 3
  /// Most things of one sort that are counted by name.
  package static let mostNames = 20_000
  /// Most unparsed lines that are kept.
  package static let mostUnparsed = 10

  /// All lines but blank ones.
  package var lines = 0
  package var forms: [Record.Form: Int] = [:]
  package var outcomes = Counts()
  package var subjects: [String: Counts] = [:]
  package var deciders: [Decision: Int] = [:]
  package var reasons: [String: Int] = [:]
  package var noAccess: [String: Int] = [:]
  package var companions = 0
  package var unparsed = 0
  package var firstUnparsed: [(file: String?, line: Int, reason: String)] = []
  package var recorded: [Difference: Examples] = [:]
  package var changes: [Change: Examples] = [:]

  package init() {}

  /// Events of all forms.
  package var events: Int { outcomes.total }
  package var changed: Int { changes.values.reduce(0) { $0 + $1.count } }

  /// How many events go otherwise now than recorded.
  package var differing: Int {
    recorded.filter { $0.key.differs }.values.reduce(0) { $0 + $1.count }
  }

  /// Adds what a later part of the stream came to.
  package mutating func add(_ later: ReplayTally) {
    lines += later.lines
    companions += later.companions
    unparsed += later.unparsed
    outcomes.add(later.outcomes)
    firstUnparsed += later.firstUnparsed.prefix(max(0, ReplayTally.mostUnparsed - firstUnparsed.count))
    for (form, count) in later.forms { forms[form, default: 0] += count }
    for (name, counts) in later.subjects.sorted(by: { $0.key < $1.key }) {
      let isKept = subjects[name] != nil || subjects.count < ReplayTally.mostNames
      subjects[isKept ? name : ReplayTally.others, default: Counts()].add(counts)
    }
    for (decision, count) in later.deciders { deciders[decision, default: 0] += count }
    for (reason, count) in later.reasons.sorted(by: { $0.key < $1.key }) {
      let isKept = reasons[reason] != nil || reasons.count < ReplayTally.mostNames
      reasons[isKept ? reason : ReplayTally.others, default: 0] += count
    }
    for (reason, count) in later.noAccess { noAccess[reason, default: 0] += count }
    for (key, more) in later.recorded { recorded[key, default: Examples()].add(more) }
    for (key, more) in later.changes {
      let isKept = changes[key] != nil || changes.count < ReplayTally.mostNames
      changes[isKept ? key : key.withoutDeciders, default: Examples()].add(more)
    }
  }

  package static let others = "(others)"
}

extension ReplayTally.Difference {
  /// Allowed by a rule and allowed since no policy applies is one; what is not certain differs from nothing.
  package var differs: Bool {
    switch (recorded, outcome) {
    case (.allow, .allow), (.allow, .free), (.audit, .audit), (.block, .block), (_, .open): false
    default: true
    }
  }
}
