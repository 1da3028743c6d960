package import IR

/// What an enforcer makes of an event.
package enum EnforcerAnswer: Hashable, Sendable {
  /// `isExact`: the verdict of the policies. `reason` says why it is not; lower case, no final period. `notes` are further
  /// things to know.
  case known(enforcer: String, verdict: Verdict, isExact: Bool, reason: String, notes: [String])
  /// Nothing can be said, and why.
  case unknown(enforcer: String, String)

  package var enforcer: String {
    switch self {
    case .known(let enforcer, _, _, _, _), .unknown(let enforcer, _): enforcer
    }
  }
}
