import IR

/// Which rule of the linter tells about a rule that decides nothing; each is told once.
enum IdleCause {
  /// It covers no event.
  case coversNothing
  /// An `Audit` behind a default posture.
  case unreached
  /// An `Allow` behind a `Block`.
  case overridden
  /// The same rule stands elsewhere in its policy.
  case duplicate
  /// Other rules of its policy decide.
  case ownPolicy
  /// Rules of other policies, or a base list, have a part in it.
  case otherPolicies
  /// An `Allow` where the posture allows everything.
  case permissivePosture

  init?(_ rule: Rule, _ fate: RuleFate) {
    let isOwn = fate.deciders.allSatisfy { $0.origin.policy == rule.origin.policy }
    if fate.coversNothing {
      self = .coversNothing
    } else if fate.isUnreached {
      self = .unreached
    } else if fate.isOverridden {
      self = .overridden
    } else if !fate.isIdle {
      return nil
    } else if fate.deciders.isEmpty {
      guard rule.action == .allow, fate.posture == .allow else { return nil }
      self = .permissivePosture
    } else if isOwn {
      self = fate.isDuplicate ? .duplicate : .ownPolicy
    } else {
      self = .otherPolicies
    }
  }
}

extension RuleFate {
  /// "the rule for '/etc/'", "the rules for 'a' and 'b'".
  var decidersText: String {
    let names = deciders.map(\.objectText)
    if names.count == 1, furtherDeciders == 0, let name = names.first { return "the rule for \(name)" }
    let rest = furtherDeciders > 0 ? ["\(furtherDeciders) more"] : []
    return "the rules for " + RuleText.list(names + rest, word: "and")
  }
}
