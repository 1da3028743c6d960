package import IR

/// One side of a comparison of what an enforcer does: plain functions and tables, whoever made them.
package struct EnforcedSide: Sendable {
  package let map: VerdictMap
  /// What happens to an event, found otherwise than by `map`: confirms witnesses.
  package let replay: @Sendable (Event) -> Verdict
  /// Why the enforcer does not do what the policies say; empty where it does.
  package let reason: @Sendable (Event) -> String
  /// The rules that are not served exactly.
  package let inexact: Set<Origin>

  package init(
    map: VerdictMap,
    inexact: Set<Origin>,
    replay: @escaping @Sendable (Event) -> Verdict,
    reason: @escaping @Sendable (Event) -> String
  ) {
    self.map = map
    self.replay = replay
    self.reason = reason
    self.inexact = inexact
  }
}
