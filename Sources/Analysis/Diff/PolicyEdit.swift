package import IR

/// One change in the text of a policy, as a reviewer would name it.
package struct PolicyEdit: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case policyAdded, policyRemoved
    case ruleAdded(Rule)
    case ruleRemoved(Rule)
    case ruleChanged(old: Rule, new: Rule)
    /// The same rules in another order.
    case reordered
    /// `field` is `severity`, `tags` or `message`; `rules` how many rules of the policy have it changed.
    case metadata(field: String, old: String, new: String, rules: Int)
    case selector(old: String, new: String)
    /// Native text, presets and other parts without a compiled form.
    case notCompiled(String)
  }

  /// What the edit does to verdicts.
  package enum Effect: Hashable, Sendable {
    /// Some entry of some subject has it as its cause.
    case meaning
    /// No verdict of any subject changes; why, in words, such as "already covered by shop.yaml:12".
    case none(String)
    /// No verdict speaks of it: an enforcer may do something else all the same.
    case unknown
  }

  package var policy: PolicyID
  package var kind: Kind
  package var effect: Effect
  package var oldLocation: Location?
  package var newLocation: Location?

  package init(
    policy: PolicyID,
    kind: Kind,
    effect: Effect,
    oldLocation: Location? = nil,
    newLocation: Location? = nil
  ) {
    self.policy = policy
    self.kind = kind
    self.effect = effect
    self.oldLocation = oldLocation
    self.newLocation = newLocation
  }
}
