package import Diagnostics
package import IR

/// What manifests say about the cluster around the policies.
package struct ManifestContext: Sendable {
  /// In file order.
  package var workloads: [Workload] = []
  package var nodes: [NodeManifest] = []
  package var namespaces: [String: NamespaceManifest] = [:]
  /// From a KubeArmorConfig or a `kubearmor-config` ConfigMap; nil when there is neither.
  package var global: GlobalSettings?
  package init() {}

  /// The postures in force for pods of a namespace: its annotations over the global ones (SEMANTICS §7).
  package func postures(namespace: String) -> Postures {
    let base = global?.postures ?? Postures()
    guard let own = namespaces[namespace] else { return base }
    return Postures(
      file: own.file ?? base.file,
      network: own.network ?? base.network,
      capabilities: own.capabilities ?? base.capabilities
    )
  }

  /// The postures in force for hosts.
  package var hostPostures: Postures { global?.hostPostures ?? Postures() }

  /// Which allowed events of a namespace are reported as logs; nil when nothing says so.
  package func visibility(namespace: String) -> Visibility? { namespaces[namespace]?.visibility ?? global?.visibility }
}

/// A pod, or what makes pods.
package struct Workload: Sendable, Hashable {
  /// `Pod`, `Deployment` and so on.
  package var kind: String
  package var namespace: String
  package var name: String
  /// The labels of its pods, without those that controllers add (`pod-template-hash` and the like).
  package var labels: Set<LabelPair>
  /// Names of its containers, init containers first, in source order.
  package var containers: [String]
  package var span: Span

  /// One identity per container.
  package var identities: [ContainerIdentity] {
    containers.map { ContainerIdentity(namespace: namespace, labels: labels, container: $0) }
  }
}

package struct NodeManifest: Sendable, Hashable {
  package var identity: HostIdentity
  package var span: Span
}

/// A namespace with its annotations; nil where it has none or an invalid one.
package struct NamespaceManifest: Sendable, Hashable {
  package var name: String
  package var file: Posture?
  package var network: Posture?
  package var capabilities: Posture?
  package var visibility: Visibility?
  package var span: Span
}

/// What the KubeArmor installation itself sets.
package struct GlobalSettings: Sendable, Hashable {
  package var postures = Postures()
  package var hostPostures = Postures()
  package var visibility: Visibility?
  package var hostVisibility: Visibility?
  package var span: Span
}

/// Which allowed events are reported as logs; it never changes a verdict.
package struct Visibility: Sendable, Hashable {
  package static let words: Set<String> = ["process", "file", "network", "capabilities", "dns", "ima", "none"]
  /// A subset of `words`.
  package var reported: Set<String>
}
