package import Automata
package import IR

/// A label that a process can have before any transition that the profiles themselves describe, and the source class it
/// stands for.
package struct ProfileEntry: Hashable, Sendable {
  /// Names of the profiles of the label.
  package let label: [String]
  /// Source class of the decision table; 0 for a container's first process, which has no source.
  package let source: Int
  /// The process has executed nothing yet (a container's first process): its events have no source.
  package let isFirstProcess: Bool
  package init(label: [String], source: Int, isFirstProcess: Bool) {
    self.label = label
    self.source = source
    self.isFirstProcess = isFirstProcess
  }
}

/// An event that the profiles decide otherwise than the decision table.
package struct ProfileDifference: Hashable, Sendable {
  package enum Kind: UInt8, Hashable, Sendable {
    /// Blocked although the policy lets it through.
    case blocks
    /// Let through although the policy blocks it.
    case permits
    /// Reported although the policy lets it through unreported.
    case reports
    /// Not reported although the policy wants a report.
    case conceals
    /// Part of what the operation comprises is blocked, part is not.
    case partial
    /// The exec is let through, but the program is killed as it starts: a profile that the exec adds to the label may not
    /// read it.
    case kills

    /// Whether it errs on the strict side (SEMANTICS §8).
    package var isStricter: Bool { self != .permits && self != .conceals }
  }

  package let kind: Kind
  /// A shortest event of the difference.
  package let witness: Event
  /// What the policy says of the witness.
  package let expected: Cell
  /// What the profiles say: block, audit or allow.
  package let actual: Verdict
  /// The label in which the witness happens.
  package let label: [String]
  /// More about it, for people; empty when the rest says all.
  package let detail: String
}

/// What makes a comparison impossible.
package enum ComparisonError: Error, Hashable, Sendable {
  /// A transition or an entry names a profile that is not there.
  case unknownProfile(String, from: String)
  /// A transition of a kind that armorc never writes.
  case foreignTransition(String, profile: String)
  /// More labels than armorc ever writes (a stack that grows without end).
  case tooManyLabels(Int)
  case budget(BudgetError)
}
