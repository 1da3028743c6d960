package import IR

/// From the records of a bundle back to the policies and the cluster that they were made from.
package enum RecordSide {
  /// What keeps records from being one side: they contradict each other. Never empty; lower case, no final period.
  package struct Contradiction: Error, Hashable, Sendable {
    package let problems: [String]
  }

  /// Policies by id, workloads and nodes from the subjects, postures per namespace, the base list. `Resolution` of it
  /// gives back the subjects.
  ///
  /// What no subject tells is taken from the manifest: postures that were given on the command line; else the defaults.
  package static func side(
    _ subjects: [SubjectPolicy],
    options: Manifest.Options
  ) throws(Contradiction) -> PolicySide {
    var problems: [String] = []
    var joined = Join()
    for subject in subjects.sorted(by: { $0.name < $1.name }) { joined.add(subject, &problems) }
    let base = options.base.flatMap(BaseList.named)
    if let name = options.base, base == nil { problems.append("the manifest names a base list '\(name)'") }
    for subject in subjects.sorted(by: { $0.name < $1.name }) where subject.base != base {
      problems.append(
        "'\(subject.name)' has \(subject.base.map { "the base list '\($0.name)'" } ?? "no base list"), the manifest "
          + (base.map { "'\($0.name)'" } ?? "none")
      )
    }
    var given = PartialPostures()
    for (field, text) in [
      (\PartialPostures.file, options.posture.file), (\.network, options.posture.network),
      (\.capabilities, options.posture.capabilities),
    ] {
      guard let text else { continue }
      given[keyPath: field] = Posture(rawValue: text)
      if given[keyPath: field] == nil { problems.append("the manifest names a posture '\(text)'") }
    }
    guard problems.isEmpty else { throw Contradiction(problems: problems) }
    return PolicySide(policies: joined.policies, context: joined.context(given), base: base)
  }

  private struct Join {
    private var byID: [PolicyID: (policy: Policy, subject: String)] = [:]
    private(set) var policies: [Policy] = []
    private var workloads: [ClusterContext.Workload] = []
    /// Indices of `workloads`; several where one name stands for several pod templates with one container in common.
    private var workloadsOf: [WorkloadKey: [Int]] = [:]
    private var nodes: [ClusterContext.Node] = []
    private var namespaces: [String: Setting] = [:]
    private var global: Setting?
    private var hosts: Setting?

    /// What a subject says of the place that it is in.
    private struct Setting {
      let postures: Postures
      let visibility: Set<ResourceClass>
      let subject: String
    }

    private struct WorkloadKey: Hashable {
      let workload: String
      let namespace: String
      let labels: Set<LabelPair>
    }

    mutating func add(_ subject: SubjectPolicy, _ problems: inout [String]) {
      for policy in subject.policies {
        if let known = byID[policy.id] {
          if known.policy != policy {
            problems.append(
              "'\(known.subject)' and '\(subject.name)' hold different texts of \(policy.id.kind.rawValue) '\(policy.id)'"
            )
          }
          continue
        }
        byID[policy.id] = (policy, subject.name)
        policies.append(policy)
      }
      func check(_ known: Setting?, _ where: String) {
        guard let known else { return }
        for (what, differs) in [
          ("postures", known.postures != subject.postures), ("visibility", known.visibility != subject.visibility),
        ] where differs {
          problems.append("'\(known.subject)' and '\(subject.name)' have different \(what) in \(`where`)")
        }
      }
      let mine = Setting(postures: subject.postures, visibility: subject.visibility, subject: subject.name)
      let place = Location(file: subject.name + "/" + PolicyRecord.fileName, line: 1, column: 1)
      switch subject.subject {
      case .container(let workload, let identity):
        add(workload, identity, place)
        check(namespaces[identity.namespace], "namespace '\(identity.namespace)'")
        namespaces[identity.namespace] = mine
      case .host(let identity):
        nodes.append(ClusterContext.Node(identity: identity, location: place))
        check(hosts, "hosts")
        hosts = mine
      case .selection(let selector):
        if selector.isHost {
          check(hosts, "hosts")
          hosts = mine
        } else if let namespace = selector.singleNamespace {
          check(namespaces[namespace], "namespace '\(namespace)'")
          namespaces[namespace] = mine
        } else {
          check(global, "the cluster")
          global = mine
        }
      }
    }

    private mutating func add(_ workload: String, _ identity: ContainerIdentity, _ place: Location) {
      let key = WorkloadKey(workload: workload, namespace: identity.namespace, labels: identity.labels)
      if let index = workloadsOf[key]?.first(where: { !workloads[$0].containers.contains(identity.container) }) {
        workloads[index].containers.append(identity.container)
        return
      }
      let parts = workload.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      workloadsOf[key, default: []].append(workloads.count)
      workloads.append(
        ClusterContext.Workload(
          kind: String(parts[0]),
          namespace: identity.namespace,
          name: parts.count > 1 ? String(parts[1]) : "",
          labels: identity.labels,
          containers: [identity.container],
          location: place
        )
      )
    }

    func context(_ given: PartialPostures) -> ClusterContext {
      func partial(_ postures: Postures) -> PartialPostures {
        PartialPostures(file: postures.file, network: postures.network, capabilities: postures.capabilities)
      }
      return ClusterContext(
        workloads: workloads,
        nodes: nodes,
        namespaces: namespaces.mapValues {
          ClusterContext.Namespace(
            postures: partial($0.postures),
            visibility: $0.visibility,
            location: Location(file: $0.subject + "/" + PolicyRecord.fileName, line: 1, column: 1)
          )
        },
        postures: global.map { partial($0.postures) } ?? given,
        hostPostures: hosts.map { partial($0.postures) } ?? given,
        visibility: global?.visibility ?? [],
        hostVisibility: hosts?.visibility ?? []
      )
    }
  }
}
