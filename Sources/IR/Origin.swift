/// The kinds of policy.
package enum PolicyKind: String, Hashable, Sendable, CaseIterable {
  case pod = "KubeArmorPolicy"
  case host = "KubeArmorHostPolicy"
  case cluster = "KubeArmorClusterPolicy"
  case network = "KubeArmorNetworkPolicy"
  /// A base list that `--base` adds.
  case base = "base list"
}

/// What names a policy. The namespace is empty for kinds that have none.
package struct PolicyID: Hashable, Sendable, Comparable {
  package let kind: PolicyKind
  package let namespace: String
  package let name: String

  package init(kind: PolicyKind, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// By namespace, then name, then kind: the order of SEMANTICS §6.
  package static func < (a: PolicyID, b: PolicyID) -> Bool {
    (a.namespace, a.name, a.kind.rawValue) < (b.namespace, b.name, b.kind.rawValue)
  }
}

extension PolicyID: CustomStringConvertible {
  package var description: String { namespace.isEmpty ? name : namespace + "/" + name }
}

/// Where something stands in the sources, for people. Equal to every other location: moving YAML never changes the IR.
package struct Location: Hashable, Sendable {
  package let file: String
  /// 1-based.
  package let line: Int
  /// 1-based.
  package let column: Int

  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  package static func == (a: Location, b: Location) -> Bool { true }
  package func hash(into hasher: inout Hasher) {}
}

extension Location: CustomStringConvertible {
  package var description: String { "\(file):\(line)" }
}

/// Which rule of which policy something comes from. Copied everywhere, hence one reference.
package struct Origin: Hashable, Sendable, Comparable {
  private let storage: Storage

  private final class Storage: Sendable {
    let policy: PolicyID
    let position: Int
    let path: String
    let location: Location

    init(policy: PolicyID, position: Int, path: String, location: Location) {
      self.policy = policy
      self.position = position
      self.path = path
      self.location = location
    }
  }

  package init(policy: PolicyID, position: Int, path: String, location: Location) {
    storage = Storage(policy: policy, position: position, path: path, location: location)
  }

  package var policy: PolicyID { storage.policy }
  /// Position of the rule in its policy, counted over all lists in document order, from 0.
  package var position: Int { storage.position }
  /// Where in the policy, such as `spec.file.matchPaths[2]`.
  package var path: String { storage.path }
  package var location: Location { storage.location }

  package static func == (a: Origin, b: Origin) -> Bool {
    a.storage === b.storage || a.position == b.position && a.path == b.path && a.policy == b.policy
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(position)
    hasher.combine(path)
    hasher.combine(policy)
  }

  package static func < (a: Origin, b: Origin) -> Bool {
    (a.policy, a.position, a.path) < (b.policy, b.position, b.path)
  }
}
