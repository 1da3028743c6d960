/// A label `key=value`.
package struct LabelPair: Hashable, Sendable, Comparable {
  package let key: String
  package let value: String
  package init(_ key: String, _ value: String) {
    self.key = key
    self.value = value
  }
  package static func < (a: LabelPair, b: LabelPair) -> Bool { (a.key, a.value) < (b.key, b.value) }
}

/// One entry of `matchExpressions` with key `label`: at least one of these labels, or none of them.
package struct LabelExpression: Hashable, Sendable {
  package enum Operator: String, Hashable, Sendable { case `in` = "In", notIn = "NotIn" }
  package let `operator`: Operator
  /// Sorted, without repeats.
  package let labels: [LabelPair]
  package init(_ operator: Operator, _ labels: some Sequence<LabelPair>) {
    self.operator = `operator`
    self.labels = Set(labels).sorted()
  }
  package func holds(for labels: Set<LabelPair>) -> Bool {
    let meets = self.labels.contains { labels.contains($0) }
    return `operator` == .in ? meets : !meets
  }
}

/// Namespaces: all but `excluded`, or only `included`.
package struct NamespaceSet: Hashable, Sendable {
  /// Nil: every namespace.
  package let included: Set<String>?
  package let excluded: Set<String>
  package init(included: Set<String>? = nil, excluded: Set<String> = []) {
    self.included = included?.subtracting(excluded)
    self.excluded = included == nil ? excluded : []
  }
  package static let all = NamespaceSet()
  package static func one(_ name: String) -> NamespaceSet { NamespaceSet(included: [name]) }
  package func contains(_ name: String) -> Bool { included.map { $0.contains(name) } ?? !excluded.contains(name) }
  package func isSubset(of other: NamespaceSet) -> Bool {
    switch (included, other.included) {
    case (let mine?, let theirs?): mine.isSubset(of: theirs)
    case (let mine?, nil): mine.isDisjoint(with: other.excluded)
    case (nil, nil): excluded.isSuperset(of: other.excluded)
    case (nil, .some): false
    }
  }
}

/// Which subjects a policy applies to (SEMANTICS §3).
package enum Selector: Hashable, Sendable {
  case pods(PodSelector)
  case nodes(NodeSelector)
  /// Nothing (a policy that armorc does not enforce, such as a KubeArmorNetworkPolicy).
  case nothing
}

package struct PodSelector: Hashable, Sendable {
  package var namespaces: NamespaceSet
  /// All of them must be there.
  package var labels: Set<LabelPair>
  /// All of them must hold.
  package var expressions: Set<LabelExpression>
  /// `kubearmor.io/container.name`: only these containers; nil is all.
  package var containers: Set<String>?

  package init(
    namespaces: NamespaceSet,
    labels: Set<LabelPair> = [],
    expressions: Set<LabelExpression> = [],
    containers: Set<String>? = nil
  ) {
    self.namespaces = namespaces
    self.labels = labels
    self.expressions = expressions
    self.containers = containers
  }

  package func matches(_ container: ContainerIdentity) -> Bool {
    namespaces.contains(container.namespace) && labels.isSubset(of: container.labels)
      && expressions.allSatisfy { $0.holds(for: container.labels) }
      && (containers?.contains(container.container) ?? true)
  }

  /// Whether every container that `self` matches is matched by `other` too, as far as the two selectors alone can tell.
  package func implies(_ other: PodSelector) -> Bool {
    guard namespaces.isSubset(of: other.namespaces), other.labels.isSubset(of: labels) else { return false }
    if let theirs = other.containers {
      guard let mine = containers, mine.isSubset(of: theirs) else { return false }
    }
    return other.expressions.allSatisfy(implies)
  }

  /// One key has one value: a demanded `k=v` excludes every other `k=w`.
  private func implies(_ expression: LabelExpression) -> Bool {
    switch expression.operator {
    case .in:
      if expression.labels.contains(where: labels.contains) { return true }
      return expressions.contains {
        $0.operator == .in && Set($0.labels).isSubset(of: Set(expression.labels))
      }
    case .notIn:
      return expression.labels.allSatisfy { excluded in
        labels.contains { $0.key == excluded.key && $0.value != excluded.value }
          || expressions.contains { $0.operator == .notIn && $0.labels.contains(excluded) }
          || expressions.contains {
            $0.operator == .in && $0.labels.allSatisfy { $0.key == excluded.key && $0.value != excluded.value }
          }
      }
    }
  }
}

package struct NodeSelector: Hashable, Sendable {
  /// All of them must be there, but for the host name keys, which `hostNames` holds.
  package var labels: Set<LabelPair>
  /// `kubearmor.io/hostname` and `kubernetes.io/hostname`: one of these names; nil is any host (`*` or not given).
  package var hostNames: Set<String>?

  package init(labels: Set<LabelPair> = [], hostNames: Set<String>? = nil) {
    self.labels = labels
    self.hostNames = hostNames
  }

  package func matches(_ host: HostIdentity) -> Bool {
    labels.isSubset(of: host.labels) && (hostNames?.contains(host.name) ?? true)
  }

  package func implies(_ other: NodeSelector) -> Bool {
    guard other.labels.isSubset(of: labels) else { return false }
    guard let theirs = other.hostNames else { return true }
    return hostNames.map { $0.isSubset(of: theirs) } ?? false
  }
}

/// One real container.
package struct ContainerIdentity: Hashable, Sendable {
  package var namespace: String
  package var labels: Set<LabelPair>
  package var container: String
  package init(namespace: String, labels: Set<LabelPair>, container: String) {
    self.namespace = namespace
    self.labels = labels
    self.container = container
  }
}

/// One real node.
package struct HostIdentity: Hashable, Sendable {
  package var name: String
  package var labels: Set<LabelPair>
  package init(name: String, labels: Set<LabelPair>) {
    self.name = name
    self.labels = labels
  }
}

extension Selector {
  package func matches(_ container: ContainerIdentity) -> Bool {
    if case .pods(let pods) = self { pods.matches(container) } else { false }
  }
  package func matches(_ host: HostIdentity) -> Bool {
    if case .nodes(let nodes) = self { nodes.matches(host) } else { false }
  }
  /// Whether whatever `self` matches is matched by `other` too, as far as the selectors alone can tell.
  package func implies(_ other: Selector) -> Bool {
    switch (self, other) {
    case (.pods(let a), .pods(let b)): a.implies(b)
    case (.nodes(let a), .nodes(let b)): a.implies(b)
    default: false
    }
  }
}
