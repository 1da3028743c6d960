package import IR

/// What happens to one event of one subject, who decided it, and why nobody else did.
package struct Explanation: Sendable {
  package let subject: SubjectPolicy
  package let event: Event
  /// As `Evaluator` has it.
  package let decision: Decision
  /// The rule that decided, if one did.
  package let decider: Rule?
  /// Every rule that covers the event, in the order of `SubjectPolicy.rules`.
  package let covering: [CoveringRule]
  /// The first `Allow` rule of the event's class: it makes the class an allow-list. Nil where the class is none.
  package let allowListedBy: Rule?
  /// The posture of the event's class; it has a say in an allow-list only.
  package let posture: Posture
  /// Parts of the subject's policies in the event's class that no verdict speaks of, in words with their place.
  package let unjudged: [Unjudged]

  /// A rule that covers the event.
  package struct CoveringRule: Sendable {
    package let rule: Rule
    package let fate: RuleRole
  }

  package struct Unjudged: Hashable, Sendable {
    package let what: String
    package let location: Location
  }

  package init(subject: SubjectPolicy, event: Event) {
    let evaluator = Evaluator(subject)
    let rules = subject.rules
    let resourceClass = event.access.resourceClass
    let covering = evaluator.rulesCovering(event)
    self.subject = subject
    self.event = event
    decision = evaluator.decide(event)
    let roles = RuleRoles(event: event, covering: covering, decision: decision)
    decider = roles.decider.map { covering[$0] }
    self.covering = covering.indices.map { CoveringRule(rule: covering[$0], fate: roles.role(of: $0)) }
    allowListedBy = rules.first {
      $0.resourceClass == resourceClass && $0.action == .allow && $0.origin.policy.kind != .base
    }
    posture = subject.postures[resourceClass]
    unjudged = Explanation.unjudged(subject, resourceClass)
  }

  /// `nil` is all classes.
  static func unjudged(_ subject: SubjectPolicy, _ resourceClass: ResourceClass?) -> [Unjudged] {
    var found: [Unjudged] = []
    for policy in subject.policies {
      if let native = policy.nativeAppArmor {
        found.append(Unjudged(what: "native AppArmor rules of '\(policy.id)'", location: native.location))
      }
      for rule in policy.rules where rule.condition != nil {
        guard resourceClass == nil || resourceClass == rule.resourceClass else { continue }
        found.append(Unjudged(what: rule.words, location: rule.origin.location))
      }
      for part in policy.notCompiled {
        guard [nil, part.resourceClass].contains(resourceClass) || part.resourceClass == .presets else { continue }
        found.append(Unjudged(what: part.what, location: part.origin.location))
      }
    }
    return found
  }

  package var verdict: Verdict { decision.verdict }

  /// The name of the policy that decided, `DefaultPosture`, or nil when nothing speaks of the event.
  package var policyName: String? {
    switch decision.decider {
    case .nothing: nil
    case .rule(let origin): origin.policy.name
    case .posture: "DefaultPosture"
    }
  }
}
