internal import FoundationEssentials
package import IR

/// What the annotations of a container say of who it is.
package struct ContainerFacts: Hashable, Sendable {
  /// Annotation with the name of a subject.
  package static let subjectKey = "armorc.io/subject"
  /// Annotation with all labels of the pod: `app=cart,tier=web`. Runtimes are not told of labels otherwise.
  package static let labelsKey = "armorc.io/labels"

  package var subject: String?
  /// The container that only holds a pod's namespaces.
  package var isSandbox = false
  package var namespace: String?
  package var container: String?
  package var pod: String?
  /// Nil: not known.
  package var labels: Set<LabelPair>?

  /// - Throws: `NodeError` where annotations contradict each other or cannot be understood.
  package init(_ state: ContainerState, _ configuration: ContainerConfiguration) throws(NodeError) {
    var all = configuration.annotations
    for (key, value) in state.annotations.sorted(by: { $0.key < $1.key }) {
      if let other = all.updateValue(value, forKey: key), other != value {
        throw NodeError(
          "the annotation '\(key)' is '\(value)' in the container's state and '\(other)' in its config.json"
        )
      }
    }
    try self.init(annotations: all)
  }

  package init(annotations: [String: String]) throws(NodeError) {
    // CRI-O keeps what the kubelet calls labels in one annotation.
    var kubelet: [String: String] = [:]
    if let text = annotations["io.kubernetes.cri-o.Labels"] {
      guard let labels = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
        throw NodeError("the annotation 'io.kubernetes.cri-o.Labels' is no JSON object of strings")
      }
      kubelet = labels
    }
    func one(_ what: String, _ keys: [String]) throws(NodeError) -> String? {
      var found: (key: String, value: String)?
      for key in keys {
        for value in [annotations[key], kubelet[key]].compactMap(\.self) where !value.isEmpty {
          if let found, found.value != value {
            throw NodeError("annotations name two \(what): '\(found.key)' '\(found.value)', '\(key)' '\(value)'")
          }
          found = (key, value)
        }
      }
      return found?.value
    }
    subject = try one("subjects", [Self.subjectKey])
    namespace = try one("namespaces", ["io.kubernetes.pod.namespace", "io.kubernetes.cri.sandbox-namespace"])
    container = try one("containers", ["io.kubernetes.container.name", "io.kubernetes.cri.container-name"])
    pod = try one("pods", ["io.kubernetes.pod.name", "io.kubernetes.cri.sandbox-name"])
    let kinds = ["io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType"]
    isSandbox = try one("types of container", kinds) == "sandbox"
    if let text = annotations[Self.labelsKey] { labels = try Self.labels(text) }
  }

  private static func labels(_ text: String) throws(NodeError) -> Set<LabelPair> {
    var labels: Set<LabelPair> = []
    var keys: Set<String> = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) where !text.isEmpty {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, !pair[0].isEmpty else {
        throw NodeError("the annotation '\(labelsKey)' is not written as 'key=value,key=value'")
      }
      guard keys.insert(String(pair[0])).inserted else {
        throw NodeError("the annotation '\(labelsKey)' has the key '\(pair[0])' twice")
      }
      labels.insert(LabelPair(String(pair[0]), String(pair[1])))
    }
    return labels
  }
}

/// Which subject a container is.
package enum SubjectChoice: Hashable, Sendable {
  case subject(String)
  /// None, and why.
  case none(String)

  /// - Throws: `NodeError` if there are several, or none of the name that was asked for.
  package init(_ facts: ContainerFacts, names: [String], _ identities: SubjectIdentities) throws(NodeError) {
    if let name = facts.subject {
      guard names.contains(name) else {
        throw NodeError("the annotation '\(ContainerFacts.subjectKey)' names '\(name)', which is not loaded")
      }
      self = .subject(name)
      return
    }
    if facts.isSandbox {
      self = .none("it is a pod's sandbox")
      return
    }
    guard let namespace = facts.namespace, let container = facts.container else {
      self = .none("its annotations name no namespace and container, and no '\(ContainerFacts.subjectKey)'")
      return
    }
    var workloads: [String] = []
    var selections: [String] = []
    var open: [String] = []
    for (name, subject) in identities.subjects {
      switch subject {
      case .host: break
      case .container(let workload, let identity):
        guard identity.namespace == namespace, identity.container == container,
          facts.labels.map(identity.labels.isSubset) ?? true,
          facts.pod.map({ Self.isPod($0, of: workload) }) ?? true
        else { continue }
        workloads.append(name)
      case .selection(.pods(let pods)):
        if pods.labels.isEmpty && pods.expressions.isEmpty || facts.labels != nil {
          let identity = ContainerIdentity(namespace: namespace, labels: facts.labels ?? [], container: container)
          if pods.matches(identity) { selections.append(name) }
        } else if pods.namespaces.contains(namespace), pods.containers?.contains(container) ?? true {
          open.append(name)
        }
      case .selection: break
      }
    }
    // A container's own subject joins all policies that select it; a selection is one selector alone.
    let found = workloads.isEmpty ? selections : workloads
    guard found.count < 2 else {
      throw NodeError(
        "container '\(container)' in '\(namespace)' may be \(found.joined(separator: " or ")): name one in the annotation "
          + "'\(ContainerFacts.subjectKey)'"
      )
    }
    if let name = found.first {
      self = .subject(name)
    } else if let first = open.first {
      let others = open.count > 1 ? " (and \(open.count - 1) more)" : ""
      self = .none(
        "whether container '\(container)' in '\(namespace)' is '\(first)'\(others) depends on the pod's labels, which no "
          + "annotation '\(ContainerFacts.labelsKey)' tells"
      )
    } else {
      self = .none("no policy is loaded for container '\(container)' in '\(namespace)'")
    }
  }

  /// Whether a pod may be one of a workload's, by how Kubernetes names pods.
  static func isPod(_ pod: String, of workload: String) -> Bool {
    let parts = workload.split(separator: "/", maxSplits: 1)
    guard parts.count == 2 else { return true }
    let name = parts[1]
    // Longer names are cut before what is appended.
    if name.utf8.count > 40 { return true }
    if parts[0] == "Pod" { return pod == name }
    guard pod.hasPrefix(name + "-") else { return false }
    let appended = pod.dropFirst(name.count + 1).split(separator: "-", omittingEmptySubsequences: false)
    guard appended.allSatisfy({ !$0.isEmpty }) else { return false }
    switch parts[0] {
    case "StatefulSet": return appended.count == 1 && appended[0].allSatisfy(\.isNumber)
    case "DaemonSet", "ReplicaSet": return appended.count == 1
    case "Job": return (1...2).contains(appended.count)
    case "Deployment": return appended.count == 2
    case "CronJob": return (2...3).contains(appended.count)
    default: return true
    }
  }
}
