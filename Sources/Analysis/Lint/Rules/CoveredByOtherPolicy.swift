import Diagnostics
import IR

/// A rule whose events other policies of the same subjects decide alike.
struct CoveredByOtherPolicy: LintRule {
  static let page = RulePage(
    id: "ARM2003",
    name: "CoveredByOtherPolicy",
    severity: .note,
    summary: "rule that decides nothing beside the rules of another policy",
    why: """
      Every subject of this policy is a subject of the other policy too, and there every event of this rule is decided
      alike, with the other policy named in alerts. That is harmless as long as the other policy stays: a note, since two
      teams may well say the same on purpose.

      Policies count as joined only where that is certain: by the workloads given, or because one selector implies the
      other.
      """,
    bad: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: all-pods
        namespace: shop
      spec:
        selector: {}
        process:
          matchDirectories:
          - dir: /usr/sbin/
            recursive: true
        action: Block
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPaths:
          - path: 1️⃣/usr/sbin/tcpdump
          - path: /usr/bin/curl
        action: Block
      """
    ],
    good: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: front
        namespace: shop
      spec:
        selector:
          matchLabels:
            tier: front
        process:
          matchDirectories:
          - dir: /usr/sbin/
            recursive: true
        action: Block
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPaths:
          - path: /usr/sbin/tcpdump
        action: Block
      """
    ],
    fix: "Nothing, or remove the rule if both policies are yours."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    let idle = IdlePolicy.idlePolicies(pass)
    var byPolicy: [Int: [(rule: Rule, fate: RuleFate)]] = [:]
    pass.forEachFate { number, rule, fate in
      guard case .otherPolicies? = IdleCause(rule, fate), !idle.contains(number) else { return }
      byPolicy[number, default: []].append((rule, fate))
    }
    return byPolicy.compactMap { number, covered in tell(pass, pass.input.policies[number], covered) }
  }

  /// One note per policy: at its first such rule, with marks at the next ones.
  private func tell(_ pass: LintPass, _ policy: Policy, _ covered: [(rule: Rule, fate: RuleFate)]) -> Diagnostic? {
    guard let (rule, fate) = covered.first else { return nil }
    let others = covered.flatMap(\.fate.deciders).filter { $0.origin.policy != policy.id }
    let names = IdlePolicy.policyNames(others)
    let isOne = fate.deciders.count == 1 && fate.furtherDeciders == 0
    let labels = fate.deciders.compactMap { pass.label($0, "covers it in \(IdlePolicy.policyNames([$0]))") }
    guard covered.count > 1 else {
      return finding(
        "\(rule.title) decides nothing: \(fate.decidersText) of \(names) \(isOne ? "covers" : "cover") it",
        at: pass.place(rule),
        labels: labels
      )
    }
    return finding(
      "\(covered.count) rules of policy '\(policy.id)' decide nothing beside \(names)",
      at: pass.place(rule),
      caption: "the first of them",
      labels: labels + covered.dropFirst().prefix(3).compactMap { pass.label($0.rule, "another one") }
    )
  }
}
