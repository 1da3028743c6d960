import IR

/// Leads from what a record says of its workload to the policies that apply.
struct WorkloadDirectory: Sendable {
  enum Finding {
    case subject(SubjectPolicy)
    case unknown(name: String, String)
  }

  private let side: PolicySide
  private let joiner: PolicyJoiner
  private let finder: SubjectFinder
  private let names: [Subject: String]
  private let byName: [String: SubjectPolicy]
  private let byProfile: [String: SubjectPolicy]

  init(_ side: PolicySide) {
    self.side = side
    joiner = PolicyJoiner(side)
    finder = SubjectFinder(side)
    func first<Key: Hashable, Value>(_ pairs: [(Key, Value)]) -> [Key: Value] {
      Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
    names = first(finder.subjects.map { (WorkloadDirectory.bare($0.subject), $0.name) })
    byName = first(finder.subjects.map { ($0.name, $0) })
    // As KubeArmor calls the profiles that it writes.
    byProfile = first(
      finder.subjects.compactMap { subject in
        guard case .container(let workload, let identity) = subject.subject else { return nil }
        let owner = workload.split(separator: "/").last ?? ""
        return ("kubearmor-\(identity.namespace)-\(owner)-\(identity.container)", subject)
      }
    )
  }

  /// Without the name of the workload: who the policies look at.
  private static func bare(_ subject: Subject) -> Subject {
    if case .container(_, let identity) = subject { return .container(workload: "", identity) }
    return subject
  }

  func complaint(aboutSubject name: String) -> String? {
    guard byName[name] == nil else { return nil }
    let near = finder.near(name)
    if !near.isEmpty { return "did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?" }
    let known = finder.subjects.prefix(5).map { "'\($0.name)'" }
    return known.isEmpty
      ? "there is no subject at all"
      : "there are \(known.joined(separator: ", "))"
        + (finder.subjects.count > 5 ? " and \(finder.subjects.count - 5) more" : "")
  }

  func find(_ workload: RecordedWorkload) -> Finding {
    switch workload {
    case .subject(let name):
      if let subject = byName[name] { return .subject(subject) }
      return .unknown(name: name, "no subject is called '\(name)'")
    case .profile(let name):
      if let subject = subject(ofProfile: name) { return .subject(subject) }
      return .unknown(name: name, "the profile '\(name)' is of no subject (give --subject)")
    case .host(let name, let labels): return host(name, labels)
    case .container(let namespace, let labels, let container, let owner, let pod):
      return self.container(namespace, labels, container, owner, pod)
    }
  }

  /// `armorc.NAME`, or that with a part for some sources behind it.
  private func subject(ofProfile profile: String) -> SubjectPolicy? {
    if let subject = byProfile[profile] { return subject }
    guard profile.hasPrefix("armorc.") else { return nil }
    let name = profile.dropFirst(7)
    if let subject = byName[String(name)] { return subject }
    if name.hasSuffix(".others") { return byName[String(name.dropLast(7))] }
    // `.S01-node`: a capital letter stands in no name of a subject.
    return name.indices.first { name[$0...].hasPrefix(".S") }.flatMap { byName[String(name[..<$0])] }
  }

  // MARK: Hosts

  private func host(_ name: String, _ labels: Set<LabelPair>?) -> Finding {
    let node = side.context.nodes.first { $0.identity.name == name }
    let own = node?.identity.labels ?? labels
    let identity = HostIdentity(name: name, labels: own ?? [])
    let title = names[.host(identity)] ?? "host:" + name
    if own == nil,
      let policy = side.policies.first(where: { policy in
        guard case .nodes(let nodes) = policy.selector else { return false }
        return !nodes.labels.isEmpty && nodes.hostNames?.contains(name) ?? true
      })
    {
      return .unknown(
        name: title,
        "the labels of node '\(name)' are not known, and '\(policy.id)' asks for some (give its manifest)"
      )
    }
    return .subject(joiner.subject(named: title, host: identity))
  }

  // MARK: Containers

  private func container(
    _ namespace: String,
    _ labels: Set<LabelPair>?,
    _ container: String?,
    _ owner: String?,
    _ pod: String?
  ) -> Finding {
    let workload = self.workload(namespace, labels, owner, pod)
    let own = labels ?? workload?.labels
    let only = workload.flatMap { $0.containers.count == 1 ? $0.containers.first : nil }
    let name = container ?? only
    let query = SubjectQuery.container(namespace: namespace, labels: own, container: name, pod: pod ?? owner)
    let identity = ContainerIdentity(namespace: namespace, labels: own ?? [], container: name ?? "")
    let title = names[.container(workload: "", identity)] ?? query.description
    for policy in side.policies {
      guard case .pods(var pods) = policy.selector, pods.namespaces.contains(namespace) else { continue }
      if own == nil, !pods.labels.isEmpty || !pods.expressions.isEmpty,
        name.flatMap({ pods.containers?.contains($0) }) ?? true
      {
        return .unknown(
          name: title,
          "the pod's labels are not known, and '\(policy.id)' asks for some (give the manifests)"
        )
      }
      guard name == nil, pods.containers != nil else { continue }
      pods.containers = nil
      if pods.matches(identity) {
        return .unknown(name: title, "the container is not known, and '\(policy.id)' asks for one")
      }
    }
    let joined = joiner.subject(named: title, container: identity, workload: owner ?? pod ?? "")
    return .subject(joined)
  }

  /// The manifest that a pod was made from: by its owner's name, else by its own.
  private func workload(
    _ namespace: String,
    _ labels: Set<LabelPair>?,
    _ owner: String?,
    _ pod: String?
  ) -> ClusterContext.Workload? {
    guard labels == nil else { return nil }
    return side.context.workloads.first { workload in
      guard workload.namespace == namespace else { return false }
      let full = "\(workload.kind)/\(workload.name)"
      if let owner { return owner == full || owner == workload.name }
      return pod.map { SubjectFinder.isPod($0, of: full) } ?? false
    }
  }
}
