/// How an enforcer serves a rule (SEMANTICS §8), from best to worst.
package enum ExactnessLabel: String, Hashable, Sendable, CaseIterable, Comparable {
  case exact, stricter, looser, unsupported
  package static func < (a: ExactnessLabel, b: ExactnessLabel) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}

/// What one enforcer makes of one rule.
package struct RuleExactness: Hashable, Sendable {
  package let origin: Origin
  package let label: ExactnessLabel
  /// Why it is not exact; empty when it is. Lower case, no final period.
  package let reason: String
  /// An event that the enforcer decides otherwise than the policy; nil when exact or unsupported.
  package let witness: Event?

  package init(origin: Origin, label: ExactnessLabel, reason: String = "", witness: Event? = nil) {
    self.origin = origin
    self.label = label
    self.reason = reason
    self.witness = witness
  }
}
