package import IR

/// Finds whose verdicts an event asks for: the subjects of a build, or what the policies say of a workload that no manifest
/// names.
package struct SubjectFinder: Sendable {
  /// As a build has them, in order of name.
  package let subjects: [SubjectPolicy]
  private let side: PolicySide
  private let joiner: PolicyJoiner
  private let byName: [String: Int]

  package init(_ side: PolicySide) {
    self.side = side
    joiner = PolicyJoiner(side)
    let subjects = Resolution(policies: side.policies, context: side.context, base: side.base).subjects
    self.subjects = subjects
    byName = Dictionary(subjects.indices.map { (subjects[$0].name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// In order of name. Empty if there is no such name, or the pod of no known workload; a container with labels and a
  /// host always have a subject, with no policies where none applies.
  package func find(_ query: SubjectQuery) -> [SubjectPolicy] {
    switch query {
    case .name(let name): return byName[name].map { [subjects[$0]] } ?? []
    case .host(let name, let labels):
      let node = side.context.nodes.first { $0.identity.name == name && labels.isSubset(of: $0.identity.labels) }
      return [
        named(
          joiner.subject(named: query.description, host: node?.identity ?? HostIdentity(name: name, labels: labels))
        )
      ]
    case .container(let namespace, let labels, let container, let pod):
      let there = subjects.filter { subject in
        guard case .container(let workload, let identity) = subject.subject else { return false }
        return identity.namespace == namespace && (container == nil || identity.container == container)
          && (labels.map { $0.isSubset(of: identity.labels) } ?? true)
          && (pod.map { SubjectFinder.isPod($0, of: workload) } ?? true)
      }
      if !there.isEmpty { return there }
      guard let labels else { return pod == nil && container == nil ? inNamespace(namespace) : [] }
      return containerNames(namespace, labels, container).map { name in
        let identity = ContainerIdentity(namespace: namespace, labels: labels, container: name)
        let text = SubjectQuery.container(
          namespace: namespace,
          labels: labels,
          container: name.isEmpty ? nil : name,
          pod: nil
        )
        return named(joiner.subject(named: text.description, container: identity, workload: pod ?? ""))
      }
    }
  }

  /// Names that look like one that is not there, likeliest first.
  package func near(_ name: String) -> [String] {
    let names = subjects.map(\.name)
    if let meant = Spelling.correction(of: name, among: names) { return [meant] }
    return name.isEmpty ? [] : Array(names.filter { $0.contains(name) || name.contains($0) }.prefix(5))
  }

  /// Without a container's name: each that some policy of these labels singles out, and "" for all others.
  private func containerNames(_ namespace: String, _ labels: Set<LabelPair>, _ container: String?) -> [String] {
    if let container { return [container] }
    var names: Set<String> = []
    for policy in side.policies {
      guard case .pods(var pods) = policy.selector, let own = pods.containers else { continue }
      pods.containers = nil
      if pods.matches(ContainerIdentity(namespace: namespace, labels: labels, container: "")) { names.formUnion(own) }
    }
    return [""] + names.sorted()
  }

  /// The subjects of a namespace, those made of selectors included.
  private func inNamespace(_ namespace: String) -> [SubjectPolicy] {
    subjects.filter { subject in
      switch subject.subject {
      case .container(_, let identity): identity.namespace == namespace
      case .selection(let selector): selector.singleNamespace == namespace
      case .host: false
      }
    }
  }

  /// With the name of the subject of a build that holds the same policies, if there is one.
  private func named(_ subject: SubjectPolicy) -> SubjectPolicy {
    guard !subject.policies.isEmpty else { return subject }
    let ids = subject.policies.map(\.id)
    let same = subjects.first { known in
      guard known.policies.count == ids.count, known.policies.map(\.id) == ids, known.postures == subject.postures
      else {
        return false
      }
      if case .host(let identity) = subject.subject, case .host(let other) = known.subject { return identity == other }
      if case .selection = known.subject { return true }
      return false
    }
    guard let same else { return subject }
    var renamed = subject
    renamed.name = same.name
    return renamed
  }

  /// Whether Kubernetes may have named a pod so: the workload's name, or that with a suffix of its controller.
  static func isPod(_ pod: String, of workload: String) -> Bool {
    let parts = workload.split(separator: "/", maxSplits: 1)
    guard let name = parts.last else { return false }
    if pod == name { return true }
    guard pod.hasPrefix(name + "-") else { return false }
    let suffix = pod.dropFirst(name.count + 1).split(separator: "-", omittingEmptySubsequences: false)
    let isPlain = suffix.allSatisfy {
      !$0.isEmpty
        && $0.utf8.allSatisfy { ("a"..."z").contains(Character(Unicode.Scalar($0))) || (0x30...0x39).contains($0) }
    }
    let count =
      switch parts.first {
      case "Deployment": 2...2
      case "CronJob": 2...2
      case "Pod": 0...0
      default: 1...1
      }
    return isPlain && count.contains(suffix.count)
  }
}
