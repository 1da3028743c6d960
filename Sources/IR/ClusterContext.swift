/// What is known of a cluster beside its policies: workloads, nodes, postures, visibility.
package struct ClusterContext: Hashable, Sendable {
  package var workloads: [Workload]
  package var nodes: [Node]
  /// Namespaces that have a manifest, with the labels and annotations that matter here.
  package var namespaces: [String: Namespace]
  /// Global postures for containers, as far as a KubeArmorConfig or ConfigMap sets them.
  package var postures: PartialPostures
  /// Global postures for hosts (`hostDefault…Posture`).
  package var hostPostures: PartialPostures
  /// Which allowed events of containers and of hosts are reported, where no namespace says otherwise.
  package var visibility: Set<ResourceClass>
  package var hostVisibility: Set<ResourceClass>

  package init(
    workloads: [Workload] = [],
    nodes: [Node] = [],
    namespaces: [String: Namespace] = [:],
    postures: PartialPostures = PartialPostures(),
    hostPostures: PartialPostures = PartialPostures(),
    visibility: Set<ResourceClass> = [],
    hostVisibility: Set<ResourceClass> = []
  ) {
    self.workloads = workloads
    self.nodes = nodes
    self.namespaces = namespaces
    self.postures = postures
    self.hostPostures = hostPostures
    self.visibility = visibility
    self.hostVisibility = hostVisibility
  }

  /// A pod template: what a Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob runs.
  package struct Workload: Hashable, Sendable {
    package var kind: String
    package var namespace: String
    package var name: String
    /// Of the pods, not of the workload object.
    package var labels: Set<LabelPair>
    /// Names of all containers, init containers included, in document order.
    package var containers: [String]
    package var location: Location
    package init(
      kind: String,
      namespace: String,
      name: String,
      labels: Set<LabelPair>,
      containers: [String],
      location: Location
    ) {
      self.kind = kind
      self.namespace = namespace
      self.name = name
      self.labels = labels
      self.containers = containers
      self.location = location
    }
  }

  package struct Node: Hashable, Sendable {
    package var identity: HostIdentity
    package var location: Location
    package init(identity: HostIdentity, location: Location) {
      self.identity = identity
      self.location = location
    }
  }

  package struct Namespace: Hashable, Sendable {
    package var postures: PartialPostures
    /// `kubearmor-visibility`; nil when not given. It changes no verdict.
    package var visibility: Set<ResourceClass>?
    package var location: Location
    package init(postures: PartialPostures, visibility: Set<ResourceClass>?, location: Location) {
      self.postures = postures
      self.visibility = visibility
      self.location = location
    }
  }

  /// The postures in force in a namespace (nil: several or unknown namespaces; the global ones).
  package func postures(inNamespace namespace: String?) -> Postures {
    let override = namespace.flatMap { namespaces[$0]?.postures } ?? PartialPostures()
    return override.or(postures).filled(with: Postures())
  }

  /// Which allowed events of a namespace are reported (nil: several or unknown namespaces).
  package func visibility(inNamespace namespace: String?) -> Set<ResourceClass> {
    namespace.flatMap { namespaces[$0]?.visibility } ?? visibility
  }

  /// The postures in force on hosts.
  package var postureOfHosts: Postures { hostPostures.filled(with: Postures()) }
}

/// Postures of which some may not be given.
package struct PartialPostures: Hashable, Sendable {
  package var file: Posture?
  package var network: Posture?
  package var capabilities: Posture?

  package init(file: Posture? = nil, network: Posture? = nil, capabilities: Posture? = nil) {
    self.file = file
    self.network = network
    self.capabilities = capabilities
  }

  /// What is not given here is taken from `other`.
  package func or(_ other: PartialPostures) -> PartialPostures {
    PartialPostures(
      file: file ?? other.file,
      network: network ?? other.network,
      capabilities: capabilities ?? other.capabilities
    )
  }

  package func filled(with defaults: Postures) -> Postures {
    Postures(
      file: file ?? defaults.file,
      network: network ?? defaults.network,
      capabilities: capabilities ?? defaults.capabilities
    )
  }
}
