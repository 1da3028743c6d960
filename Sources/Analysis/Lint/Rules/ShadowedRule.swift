import Diagnostics
import IR

/// A rule whose events are all decided alike by other rules of its policy.
struct ShadowedRule: LintRule {
  static let page = RulePage(
    id: "ARM2002",
    name: "ShadowedRule",
    severity: .warning,
    summary: "rule that decides nothing beside the other rules of its policy",
    why: """
      Without this rule every event has the same verdict and every alert says the same. Either it can go, or it was meant
      to be an exception – and it is none: rules have no order, and the narrower one does not win. A `Block` yields only
      to an `Allow` that names its programs with `fromSource`.

      This is computed from the automata of all rules, not guessed from their spelling. A rule with another severity,
      message or tag than the one that covers it is not reported where alerts show the difference.
      """,
    bad: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: protect-etc
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchPaths:
          - path: 1️⃣/etc/shadow
          matchDirectories:
          - dir: /etc/
            recursive: true
        action: Block
      """,
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: no-sockets
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        network:
          matchProtocols:
          - protocol: stream
          - protocol: 1️⃣tcp
        action: Block
      """,
    ],
    good: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: protect-etc
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          severity: 3
          matchPaths:
          - path: /etc/shadow
            severity: 9
            message: somebody reads the password hashes
          matchDirectories:
          - dir: /etc/
            recursive: true
        action: Block
      """
    ],
    fix: "Remove the rule. If it was meant as an exception, say what is excepted by `fromSource`."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    pass.forEachFate { _, rule, fate in
      guard case .ownPolicy? = IdleCause(rule, fate) else { return }
      let instead = fate.deciders.first.map { $0.action == rule.action } ?? true
      let verb = instead ? "already \(RuleText.verb(rule.action))" : "decides"
      let subject = fate.deciders.count == 1 && fate.furtherDeciders == 0
      var notes: [String] = []
      if let witness = fate.witness {
        notes.append("for example '\(witness)': the verdict is the same without this rule")
      }
      findings.append(
        finding(
          "\(rule.title) decides nothing: \(fate.decidersText) "
            + (subject ? "covers it" : "cover it together"),
          at: pass.place(rule),
          caption: "no verdict and no alert changes without it",
          labels: fate.deciders.compactMap { pass.label($0, "\(verb) what it covers") },
          notes: notes,
          fixes: pass.removal(rule)
        )
      )
    }
    return findings
  }
}
