package import Diagnostics
package import IR

/// Everything `Lint` looks at. It comes from a front end that Analysis does not know.
package struct LintInput: Sendable {
  /// In the order in which they were read: of two with one id the later is in force.
  package let policies: [Policy]
  package let context: ClusterContext
  /// A base list that `build` would add; nil for none.
  package let base: BaseList?
  package let spans: LintSpans

  package init(policies: [Policy], context: ClusterContext, base: BaseList? = nil, spans: LintSpans = .none) {
    self.policies = policies
    self.context = context
    self.base = base
    self.spans = spans
  }
}

/// Finds the source text of what the IR speaks of. Look-ups go by the fields of a location (file, line, column), since
/// all locations are equal by design.
package struct LintSpans: Sendable {
  /// By `Origin.location` of a rule.
  package let rule: @Sendable (Location) -> RuleSpans?
  /// By `Policy.location`: the value of `metadata.name`, or what else stands for the whole policy.
  package let policy: @Sendable (Location) -> Span?
  /// By `Policy.location`: its selector, if it has one.
  package let selector: @Sendable (Location) -> Span?

  package init(
    rule: @escaping @Sendable (Location) -> RuleSpans?,
    policy: @escaping @Sendable (Location) -> Span?,
    selector: @escaping @Sendable (Location) -> Span? = { _ in nil }
  ) {
    self.rule = rule
    self.policy = policy
    self.selector = selector
  }

  /// No source text: findings have no spans.
  package static let none = LintSpans(rule: { _ in nil }, policy: { _ in nil })
}
