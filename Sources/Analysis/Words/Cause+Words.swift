internal import Diagnostics
package import IR

extension Cause {
  /// Why, as one phrase safe to print: `rule added: Block exec of /usr/bin/curl`, `posture of file: audit -> block`. `resourceClass`
  /// is the entry's; `located` adds the lines of rules: `rule added: Block exec of /usr/bin/curl (shop.yaml:12)`.
  package func words(in resourceClass: ResourceClass? = nil, located: Bool = false) -> String {
    func text(_ rule: Rule?) -> String {
      guard let rule else { return "a rule" }
      return rule.words + (located ? " (" + DisplayText.safe(rule.origin.location.description) + ")" : "")
    }
    func by(_ rule: Rule?) -> String { rule == nil ? "" : ": " + text(rule) }
    let rules: String =
      switch kind {
      case .ruleAdded, .policyAdded, .policyJoined, .allowListOn: by(new)
      case .ruleRemoved, .policyRemoved, .policyLeft, .allowListOff: by(old)
      case .ruleChanged: ": " + text(old) + " -> " + text(new)
      case .posture: ""
      case .baseList, .enforcer: by(new ?? old)
      }
    return title(in: resourceClass) + rules
  }

  package var words: String { words() }

  /// `words` without the rules, for listings that show them on lines of their own.
  package func title(in resourceClass: ResourceClass? = nil) -> String {
    func policy(_ rule: Rule?) -> String {
      rule.map { "policy '" + DisplayText.safe($0.origin.policy.description) + "'" } ?? "policy"
    }
    let name = (resourceClass ?? (new ?? old)?.resourceClass).map(RuleText.name) ?? "the class"
    switch kind {
    case .ruleAdded: return "rule added"
    case .ruleRemoved: return "rule removed"
    case .ruleChanged: return "rule changed"
    case .policyAdded: return policy(new) + " added"
    case .policyRemoved: return policy(old) + " removed"
    case .policyJoined: return policy(new) + " applies now"
    case .policyLeft: return policy(old) + " applies no more"
    case .allowListOn: return "'Allow' makes \(name) an allow-list"
    case .allowListOff: return "without this 'Allow' \(name) is no allow-list any more"
    case .posture:
      let postures = [oldPosture, newPosture].map { $0?.rawValue ?? "none" }.joined(separator: " -> ")
      // Process has no posture of its own.
      return "posture" + (resourceClass.map { " of " + ($0 == .process ? "file" : RuleText.name($0)) } ?? "") + ": "
        + postures
    case .baseList: return "base list"
    case .enforcer: return "AppArmor profiles differ"
    }
  }
}

extension SettingChange {
  /// `posture of file: audit -> block`, `process is an allow-list now: Allow exec of /bin/cat`; safe to print.
  package func words(located: Bool = false) -> String {
    func place(_ location: Location) -> String {
      located ? " (" + DisplayText.safe(location.description) + ")" : ""
    }
    func text(_ rule: Rule) -> String { rule.words + place(rule.origin.location) }
    func quoted(_ id: PolicyID) -> String { "'" + DisplayText.safe(id.description) + "'" }
    switch self {
    case .posture(let resourceClass, let old, let new):
      return "posture of \(RuleText.name(resourceClass)): \(old.rawValue) -> \(new.rawValue)"
    case .allowListOn(let resourceClass, let rule):
      return "\(RuleText.name(resourceClass)) is an allow-list now: " + text(rule)
    case .allowListOff(let resourceClass, let rule):
      return "\(RuleText.name(resourceClass)) is no allow-list any more, as it was by: " + text(rule)
    case .baseList(let old, let new):
      return "base list: \(old.map(DisplayText.safe) ?? "none") -> \(new.map(DisplayText.safe) ?? "none")"
    case .policyJoined(let id, let location): return "policy \(quoted(id)) applies now" + place(location)
    case .policyLeft(let id, let location): return "policy \(quoted(id)) applies no more" + place(location)
    }
  }

  package var words: String { words() }
}

extension UnjudgedChange {
  /// `native AppArmor rules of shop/web changed`; safe to print.
  package var words: String { DisplayText.safe(what) + " " + kind.rawValue }
}

extension PolicyEdit {
  /// `policy 'shop/web': rule added: Block exec of /usr/bin/curl`; safe to print. Says nothing of `effect`.
  package var words: String {
    let name = "policy '\(DisplayText.safe(policy.description))'"
    switch kind {
    case .policyAdded, .policyRemoved: return name + " " + kind.words
    default: return name + ": " + kind.words
    }
  }

  /// What the edit does to verdicts: `changes the meaning`, `no change in meaning: already covered by shop.yaml:12`,
  /// `not judged`.
  package var effectWords: String { effect.words }
}

extension PolicyEdit.Kind {
  /// `added`, `rule removed: Block exec of /usr/bin/curl`, `severity of 3 rules: 1 -> 5`.
  package var words: String {
    switch self {
    case .policyAdded: return "added"
    case .policyRemoved: return "removed"
    case .ruleAdded(let rule): return "rule added: " + rule.words
    case .ruleRemoved(let rule): return "rule removed: " + rule.words
    case .ruleChanged(let old, let new): return "rule changed: " + old.words + " -> " + new.words
    case .reordered: return "rules in another order"
    case .metadata(let field, let old, let new, let rules):
      func shown(_ value: String) -> String { value.isEmpty ? "none" : "'" + DisplayText.safe(value) + "'" }
      let count = rules == 1 ? "one rule" : "\(rules) rules"
      return "\(DisplayText.safe(field)) of \(count): \(shown(old)) -> \(shown(new))"
    case .selector(let old, let new): return "selector: " + DisplayText.safe(old) + " -> " + DisplayText.safe(new)
    case .notCompiled(let what): return DisplayText.safe(what)
    }
  }
}

extension PolicyEdit.Effect {
  package var words: String {
    switch self {
    case .meaning: "changes the meaning"
    case .none(let reason): "no change in meaning: " + DisplayText.safe(reason)
    case .unknown: "not judged"
    }
  }
}
