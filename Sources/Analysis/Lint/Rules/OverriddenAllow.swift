import Diagnostics
import IR

/// An `Allow` that never allows.
struct OverriddenAllow: LintRule {
  static let page = RulePage(
    id: "ARM2004",
    name: "OverriddenAllow",
    severity: .warning,
    summary: "'Allow' whose every event a 'Block' covers",
    why: """
      A `Block` wins over an `Allow`, however much narrower the `Allow` is and wherever it stands: rules have no order.
      The only exception to a `Block` without `fromSource` is an `Allow` with `fromSource`. So this `Allow` never lets
      anything through. It may still turn its class into an allow-list, which is hardly what it was written for.

      KubeArmor's own enforcers disagree here: with AppArmor the `Block` wins as it does in armorc, with BPF-LSM a path
      wins over the directory that holds it.
      """,
    bad: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: config
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchDirectories:
          - dir: /etc/
            recursive: true
            action: Block
          matchPaths:
          - path: 1️⃣/etc/cart.conf
            action: Allow
      """
    ],
    good: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: config
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchDirectories:
          - dir: /etc/
            recursive: true
            action: Block
          matchPaths:
          - path: /etc/cart.conf
            fromSource:
            - path: /usr/bin/cart
            action: Allow
          - path: /tmp/cart.sock
            action: Allow
      """
    ],
    fix: """
      Name the programs that are excepted with `fromSource`, or block what is left and not the whole, or remove the
      `Allow`.
      """
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    pass.forEachFate { number, rule, fate in
      guard case .overridden? = IdleCause(rule, fate) else { return }
      let isSole = !pass.input.policies[number].rules.contains {
        $0.action == .allow && $0.resourceClass == rule.resourceClass && $0.origin.position != rule.origin.position
      }
      var notes = ["a 'Block' wins over an 'Allow'; an exception names its programs with 'fromSource'"]
      if !rule.sources.isEmpty { notes = ["a 'Block' of the same source wins over an 'Allow'"] }
      if isSole, !fate.isIdle {
        notes.append("all it does is to turn '\(RuleText.name(rule.resourceClass))' into an allow-list")
      }
      if let witness = fate.witness { notes.append("for example '\(witness)' is blocked") }
      let other = fate.deciders.contains { $0.origin.policy != rule.origin.policy }
      let blockers = other ? " of \(IdlePolicy.policyNames(fate.deciders))" : ""
      findings.append(
        finding(
          "\(rule.title) never allows: \(fate.decidersText)\(blockers) "
            + (fate.deciders.count == 1 && fate.furtherDeciders == 0 ? "blocks it" : "block it"),
          at: pass.place(rule),
          caption: "always blocked",
          labels: fate.deciders.compactMap { pass.label($0, "blocks what it allows") },
          notes: notes
        )
      )
    }
    return findings
  }
}
