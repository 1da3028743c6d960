package import IR

/// What one enforcer makes of an event where it may not do what the policy says.
package struct EnforcerNote: Hashable, Sendable {
  /// As people call it: `AppArmor`.
  package let enforcer: String
  /// What it does; nil if that depends on things the event does not tell.
  package let verdict: Verdict?
  /// Why, on one line; lower case, no final period.
  package let reason: String
  /// A like event that it decides otherwise than the policy, if the event itself may not be one.
  package let witness: Event?

  package init(enforcer: String, verdict: Verdict?, reason: String, witness: Event? = nil) {
    self.enforcer = enforcer
    self.verdict = verdict
    self.reason = reason
    self.witness = witness
  }
}

/// What an enforcer makes of an event.
package enum EnforcerAnswer: Hashable, Sendable {
  /// The verdict of the policy, for certain.
  case exact
  case differs([EnforcerNote])
  /// Nothing can be said, and why.
  case unknown(String)
}
