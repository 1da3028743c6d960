/// Which alerts are wanted. What is nil or empty excludes none; of several values one has to hold.
package struct AlertFilter: Hashable, Sendable {
  /// What became of an event: an alert's action, or `log` for what was allowed.
  package enum Outcome: String, Hashable, Sendable, CaseIterable { case block, audit, log }

  package var subjects: Set<String> = []
  package var policies: Set<String> = []
  package var operations: Set<Alert.Operation> = []
  package var outcomes: Set<Outcome> = []
  package var severityAtLeast: Int?

  package init() {}

  package func wants(_ alert: Alert) -> Bool {
    // That events are missing concerns everybody.
    if alert.kind == .systemEvent { return true }
    if !operations.isEmpty, !operations.contains(alert.operation) { return false }
    if !outcomes.isEmpty {
      let outcome: Outcome = alert.action == .block ? .block : alert.action == .audit ? .audit : .log
      if !outcomes.contains(outcome) { return false }
    }
    if let severityAtLeast, alert.severity < severityAtLeast { return false }
    if !policies.isEmpty, !policies.contains(alert.policy) { return false }
    return subjects.isEmpty || subjects.contains(alert.place.subject)
  }
}
