import Diagnostics
import IR

/// The same rule twice in one policy.
struct DuplicateRule: LintRule {
  static let page = RulePage(
    id: "ARM2001",
    name: "DuplicateRule",
    severity: .warning,
    summary: "rule that stands in the policy twice",
    why: """
      Two rules of one policy with the same object, sources, flags and action decide the same events. Only one of them is
      named by alerts: the one of higher severity, else the first. Mostly the second was meant to say something else.
      """,
    bad: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: no-downloads
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPaths:
          - path: /usr/bin/curl
          - path: /usr/bin/wget
          - path: 1️⃣/usr/bin/curl
        action: Block
      """
    ],
    good: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: no-downloads
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPaths:
          - path: /usr/bin/curl
          - path: /usr/bin/wget
        file:
          matchPaths:
          - path: /usr/bin/curl
        action: Block
      """
    ],
    fix: "Remove one of the two, or correct the one that was meant to say something else."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    pass.forEachFate { _, rule, fate in
      guard case .duplicate? = IdleCause(rule, fate), let other = fate.deciders.first else { return }
      var notes: [String] = []
      if other.severity != rule.severity || other.message != rule.message || other.tags != rule.tags {
        notes.append("alerts show severity, message and tags of the other one")
      }
      findings.append(
        finding(
          "\(rule.title) stands twice in policy '\(rule.origin.policy)'",
          at: pass.place(rule),
          caption: "this one decides nothing",
          labels: pass.label(other, "the same rule").map { [$0] } ?? [],
          notes: notes,
          fixes: pass.removal(rule)
        )
      )
    }
    return findings
  }
}

extension LintPass {
  /// The advice to remove a rule. For display: what remains of its list is not looked at.
  func removal(_ rule: Rule) -> [FixIt] {
    spans(rule).map { [FixIt("remove this entry", span: $0.entry, replacement: "", applicability: .display)] } ?? []
  }
}
