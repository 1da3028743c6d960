import Diagnostics
import IR

/// A policy that applies to nothing.
struct UnmatchedPolicy: LintRule {
  static let page = RulePage(
    id: "ARM2012",
    name: "UnmatchedPolicy",
    severity: .warning,
    summary: "policy that matches no given workload or node",
    why: """
      Manifests of workloads (or nodes) were given, and none of them is selected by this policy. A policy that matches
      nothing is accepted by the cluster and does nothing. Mostly a label is misspelt, stands on the Deployment and not on
      its pod template, or the namespace is another one.

      Not reported when no manifest of that sort was given.
      """,
    bad: [
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: cart
        namespace: shop
        labels:
          app: cart
      spec:
        containers:
        - name: cart
          image: cart
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: cart
        namespace: shop
      spec:
        1️⃣selector:
          matchLabels:
            app: card
        process:
          matchPaths:
          - path: /usr/bin/curl
        action: Block
      """
    ],
    good: [
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: cart
        namespace: shop
        labels:
          app: cart
      spec:
        containers:
        - name: cart
          image: cart
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
          - path: /usr/bin/curl
        action: Block
      """
    ],
    fix: "Correct the selector or the namespace, or give the manifests of the workloads that are meant."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    pass.unmatched.map { number in
      let policy = pass.input.policies[number]
      let isHost = policy.selector.isHost
      var notes: [String] = []
      if !isHost, let namespace = policy.selector.singleNamespace {
        let there = pass.input.context.workloads.filter { $0.namespace == namespace }
        notes.append(
          there.isEmpty
            ? "no workload of namespace '\(namespace)' was given"
            : "workloads of namespace '\(namespace)': "
              + RuleText.list(there.map { "'\($0.kind)/\($0.name)'" }.sorted(), word: "and")
        )
        if let near = nearest(policy.selector, there) { notes.append(near) }
      }
      return finding(
        "policy '\(policy.id)' matches no given \(isHost ? "node" : "workload")",
        at: pass.input.spans.selector(policy.location) ?? pass.place(policy),
        caption: "selects nothing",
        notes: notes
      )
    }
  }

  /// A workload that lacks just one label.
  private func nearest(_ selector: Selector, _ workloads: [ClusterContext.Workload]) -> String? {
    guard case .pods(let pods) = selector, !pods.labels.isEmpty else { return nil }
    for workload in workloads {
      let missing = pods.labels.subtracting(workload.labels)
      guard missing.count == 1, let label = missing.first else { continue }
      let own = workload.labels.first { $0.key == label.key }
      let name = "'\(workload.kind)/\(workload.name)'"
      if let own { return "the pods of \(name) carry '\(own.key): \(own.value)', not '\(label.value)'" }
      if pods.labels.count > 1 { return "the pods of \(name) lack only '\(label.key): \(label.value)'" }
    }
    return nil
  }
}
