import Diagnostics
import IR

/// An `Audit` that a default posture forestalls.
struct UnreachedAudit: LintRule {
  static let page = RulePage(
    id: "ARM2005",
    name: "UnreachedAudit",
    severity: .warning,
    summary: "'Audit' in an allow-list that does not allow its events",
    why: """
      `Audit` never grants. Where an `Allow` rule has turned the class into an allow-list, what no rule allows is left to
      the default posture: with posture `block` it is blocked, and the `Audit` rule has nothing to report. With posture
      `audit` it is reported already, as `DefaultPosture`, without severity and message of the rule (a note).
      """,
    bad: [
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
          - path: 1️⃣/usr/bin/env
            action: Audit
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
          matchDirectories:
          - dir: /usr/bin/
            action: Allow
          matchPaths:
          - path: /usr/bin/env
            action: Audit
      """
    ],
    fix: "Allow the same object too: what is allowed and audited is let through and reported."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    pass.forEachFate { _, rule, fate in
      guard case .unreached? = IdleCause(rule, fate) else { return }
      let isBlocked = fate.posture == .block
      let name = RuleText.name(rule.resourceClass)
      var notes = [
        "an 'Allow' rule makes '\(name)' an allow-list, and its default posture is "
          + "'\(fate.posture?.rawValue ?? "block")'",
        "add an 'Allow' for the same object to let it through and report it",
      ]
      if let witness = fate.witness {
        notes.append("for example '\(witness)' is \(isBlocked ? "blocked" : "reported") by the default posture")
      }
      findings.append(
        finding(
          isBlocked
            ? "\(rule.title) never reports: what no rule allows is blocked"
            : "\(rule.title) adds nothing: what no rule allows is reported already",
          at: pass.place(rule),
          severity: isBlocked ? .warning : .note,
          caption: isBlocked ? "blocked by the default posture" : "reported as 'DefaultPosture'",
          labels: fate.deciders.compactMap { pass.label($0, "blocks part of it") },
          notes: notes
        )
      )
    }
    return findings
  }
}
