/// What happens to an event.
package enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
  /// Let through, not reported as an alert.
  case allow
  /// Let through and reported.
  case audit
  case block

  package var name: String { ["allow", "audit", "block"][Int(rawValue)] }
}

/// Who decided a verdict.
package enum Decider: Hashable, Sendable {
  /// No rule and no posture: allowed because nothing speaks of it.
  case nothing
  case rule(Origin)
  /// `DefaultPosture` of a class in allow-list mode.
  case posture(ResourceClass)
}

/// A verdict and who decided it.
package struct Decision: Hashable, Sendable {
  package let verdict: Verdict
  package let decider: Decider
  package init(_ verdict: Verdict, by decider: Decider) {
    self.verdict = verdict
    self.decider = decider
  }
}
