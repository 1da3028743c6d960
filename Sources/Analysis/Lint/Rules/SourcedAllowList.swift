import Diagnostics
import IR

/// `Allow` rules with sources that make an allow-list for everybody.
struct SourcedAllowList: LintRule {
  static let page = RulePage(
    id: "ARM2013",
    name: "SourcedAllowList",
    severity: .warning,
    summary: "'Allow' for some programs that makes an allow-list for all",
    why: """
      One `Allow` rule turns its class into an allow-list for the whole container or host, also when it names its programs
      with `fromSource`. Every *other* program is then allowed nothing of that class: with posture `block` it is blocked,
      with posture `audit` reported (a note).
      """,
    bad: [
      """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: shop
        annotations:
          kubearmor-network-posture: block
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart-net
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        network:
          matchProtocols:
          - protocol: 1️⃣tcp
            fromSource:
            - path: /usr/bin/cart
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
          kubearmor-network-posture: block
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart-net
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        network:
          matchProtocols:
          - protocol: raw
            fromSource:
            - path: /usr/bin/ping
          - protocol: tcp
        action: Allow
      """
    ],
    fix: """
      If only this object was meant to be reserved for these programs, block it for everybody and allow it with
      `fromSource`: such an `Allow` is the exception to such a `Block`. If an allow-list was meant, allow the other
      programs what they need too.
      """
  )

  private struct Key: Hashable {
    let policy: Int
    let resourceClass: ResourceClass
  }

  func check(_ pass: LintPass) -> [Diagnostic] {
    // Only where it is so in every subject of the policy.
    var verdict: [Key: Posture?] = [:]
    for (subject, policies) in pass.subjects {
      for resourceClass in [ResourceClass.process, .file, .network, .capabilities] {
        let allows = subject.rules.filter { $0.action == .allow && $0.resourceClass == resourceClass }
        if allows.isEmpty { continue }
        let posture = subject.postures[resourceClass]
        let isSourced = posture != .allow && allows.allSatisfy { !$0.sources.isEmpty }
        for policy in policies {
          let key = Key(policy: policy, resourceClass: resourceClass)
          if !isSourced {
            verdict[key] = .some(nil)
          } else if verdict[key] == nil || verdict[key] == .some(.audit) {
            verdict[key] = .some(posture)
          }
        }
      }
    }
    var findings: [Diagnostic] = []
    let keys = verdict.keys.sorted { ($0.policy, $0.resourceClass.rawValue) < ($1.policy, $1.resourceClass.rawValue) }
    for key in keys {
      guard let posture = verdict[key] ?? nil else { continue }
      let policy = pass.input.policies[key.policy]
      let first = policy.rules.first {
        $0.action == .allow && $0.resourceClass == key.resourceClass && $0.condition == nil
      }
      if let first { findings.append(tell(pass, first, posture)) }
    }
    return findings
  }

  private func tell(_ pass: LintPass, _ rule: Rule, _ posture: Posture) -> Diagnostic {
    let name = RuleText.name(rule.resourceClass)
    let isBlocked = posture == .block
    let others = rule.sources.count == 1 ? rule.sources.map(RuleText.of).joined() : "these programs"
    return finding(
      "'Allow' with 'fromSource' makes '\(name)' an allow-list for every other program too",
      at: pass.place(rule),
      severity: isBlocked ? .warning : .note,
      caption: "nothing of '\(name)' is allowed to programs other than \(others)",
      labels: pass.spans(rule)?.sources.first.map { [Label($0, "the only programs that are allowed anything")] } ?? [],
      notes: [
        "posture is '\(posture.rawValue)': what no rule allows is \(isBlocked ? "blocked" : "reported")",
        "to reserve an object for some programs, 'Block' it without 'fromSource' and 'Allow' it with 'fromSource'",
      ]
    )
  }
}
