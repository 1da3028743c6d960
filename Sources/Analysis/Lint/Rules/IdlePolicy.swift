import Diagnostics
import IR

/// A policy without which nothing would change.
struct IdlePolicy: LintRule {
  static let page = RulePage(
    id: "ARM2011",
    name: "IdlePolicy",
    severity: .warning,
    summary: "policy that changes no verdict",
    why: """
      Whatever this policy says, other policies of the same subjects (or the default posture) say already: every event has
      the same verdict without it.
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
        name: 1️⃣cart
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPaths:
          - path: /usr/sbin/tcpdump
          - path: /usr/sbin/arping
        action: Block
      """
    ],
    good: [
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
          matchDirectories:
          - dir: /usr/sbin/
            recursive: true
        action: Block
      """
    ],
    fix: "Remove the policy, or find out what it was meant to add."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    IdlePolicy.idlePolicies(pass).sorted().map { number in
      let policy = pass.input.policies[number]
      let deciders = pass.fates[number].flatMap(\.deciders).filter { $0.origin.policy != policy.id }
      var seen: Set<PolicyID> = []
      let firsts = deciders.filter { seen.insert($0.origin.policy).inserted }
      return finding(
        "policy '\(policy.id)' changes no verdict",
        at: pass.place(policy),
        caption: firsts.isEmpty ? "everything is the same without it" : "says nothing that is not said already",
        labels: firsts.prefix(3).compactMap { pass.label($0, "this and other rules cover what it says") },
        notes: firsts.isEmpty ? [] : ["its subjects are also subjects of \(IdlePolicy.policyNames(firsts))"]
      )
    }
  }

  /// Policies all of whose rules can go together, other policies having a part in it, and which hold nothing else.
  static func idlePolicies(_ pass: LintPass) -> Set<Int> {
    Set(
      pass.input.policies.indices.filter { number in
        let policy = pass.input.policies[number]
        let fates = pass.fates[number]
        return !policy.isIncomplete && policy.notCompiled.isEmpty && policy.nativeAppArmor == nil && !fates.isEmpty
          && fates.allSatisfy(\.isIdle) && !fates.contains(where: \.isUnreached)
          && zip(policy.rules, fates).contains { rule, fate in
            if case .otherPolicies? = IdleCause(rule, fate) { true } else { false }
          }
      }
    )
  }

  /// "policy 'a'", "policies 'a' and 'b'", "base list 'runtime-v1'".
  static func policyNames(_ rules: [Rule]) -> String {
    var seen: Set<PolicyID> = []
    let ids = rules.map(\.origin.policy).filter { seen.insert($0).inserted }
    if ids.count == 1, let id = ids.first {
      return (id.kind == .base ? "base list " : "policy ") + RuleText.quoted(id.description)
    }
    return "policies " + RuleText.list(ids.map { RuleText.quoted($0.description) }, word: "and")
  }
}
