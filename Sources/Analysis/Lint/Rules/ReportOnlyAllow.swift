import Diagnostics
import IR

/// `Allow` rules under a posture that blocks nothing.
struct ReportOnlyAllow: LintRule {
  static let page = RulePage(
    id: "ARM2014",
    name: "ReportOnlyAllow",
    severity: .note,
    summary: "'Allow' rules that block nothing, since the posture is not 'block'",
    why: """
      What happens to events that an allow-list does not name is up to the default posture. Unless somebody sets it, it is
      `audit`: they are let through and reported. An allow-list protects only with posture `block`.

      Told once per class and run, and only where no posture is given at all; and for every `Allow` under posture
      `allow`, which does nothing whatever.
      """,
    bad: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart-programs
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPaths:
          - path: 1️⃣/usr/bin/cart
        action: Allow
      """
    ],
    good: [
      """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: shop
        annotations:
          kubearmor-file-posture: block
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart-programs
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPaths:
          - path: /usr/bin/cart
        action: Allow
      """
    ],
    fix: """
      Say which posture is meant: by the annotation `kubearmor-file-posture` (`-network-`, `-capabilities-`) of the
      namespace, by `defaultFilePosture` in the KubeArmor configuration, or on the command line with `--posture`.
      """
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    // The policies concerned, by posture.
    var concerned: [Word: Set<Int>] = [:]
    for (subject, policies) in pass.subjects {
      let given = postures(pass, of: subject)
      for policy in policies {
        for rule in pass.input.policies[policy].rules where rule.action == .allow && rule.condition == nil {
          guard let word = Word(rule.resourceClass), subject.postures[rule.resourceClass] == .audit else { continue }
          if word.posture(given) == nil { concerned[word, default: []].insert(policy) }
        }
      }
    }
    for word in Word.allCases {
      guard let policies = concerned[word], let number = policies.min() else { continue }
      let rule = pass.input.policies[number].rules.first {
        $0.action == .allow && $0.condition == nil && Word($0.resourceClass) == word
      }
      let names = policies.count == 1 ? "policy '\(pass.input.policies[number].id)'" : "\(policies.count) policies"
      findings.append(
        finding(
          "'Allow' rules of \(names) block nothing: the \(word.rawValue) posture is 'audit'",
          at: rule.flatMap(pass.place),
          caption: policies.count == 1 ? "what it does not allow is reported" : "the first of them",
          notes: [
            "nobody gives a \(word.rawValue) posture, and 'audit' is the default; 'block' makes an allow-list protect"
          ]
        )
      )
    }
    pass.forEachFate { _, rule, fate in
      guard case .permissivePosture? = IdleCause(rule, fate) else { return }
      findings.append(
        finding(
          "\(rule.title) does nothing: the posture allows everything",
          at: pass.place(rule),
          notes: ["posture of '\(RuleText.name(rule.resourceClass))' is 'allow'"]
        )
      )
    }
    return findings
  }

  private enum Word: String, CaseIterable {
    case file, network, capabilities
    init?(_ resourceClass: ResourceClass) {
      switch resourceClass {
      case .process, .file: self = .file
      case .network: self = .network
      case .capabilities: self = .capabilities
      case .syscalls, .dns, .presets, .device: return nil
      }
    }
    func posture(_ given: PartialPostures) -> Posture? {
      switch self {
      case .file: given.file
      case .network: given.network
      case .capabilities: given.capabilities
      }
    }
  }

  /// What somebody gave for a subject, defaults left out.
  private func postures(_ pass: LintPass, of subject: SubjectPolicy) -> PartialPostures {
    let context = pass.input.context
    switch subject.subject {
    case .host: return context.hostPostures
    case .container(_, let identity):
      return (context.namespaces[identity.namespace]?.postures ?? PartialPostures()).or(context.postures)
    case .selection(let selector):
      if selector.isHost { return context.hostPostures }
      let own = selector.singleNamespace.flatMap { context.namespaces[$0]?.postures }
      return (own ?? PartialPostures()).or(context.postures)
    }
  }
}
