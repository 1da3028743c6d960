/// Answers which policies apply to one subject, whether or not `Resolution` lists it: for events of workloads that no
/// manifest names, and for subjects that only the other side of a comparison has.
package struct PolicyJoiner: Sendable {
  private let side: PolicySide
  private let ordered: [Policy]

  package init(_ side: PolicySide) {
    self.side = side
    ordered = side.policies.sorted { $0.id < $1.id }
  }

  /// Everything that applies to the container; with no policies where none does.
  package func subject(named name: String, container: ContainerIdentity, workload: String) -> SubjectPolicy {
    SubjectPolicy(
      name: name,
      subject: .container(workload: workload, container),
      policies: ordered.filter { $0.selector.matches(container) },
      postures: side.context.postures(inNamespace: container.namespace),
      base: side.base
    )
  }

  package func subject(named name: String, host: HostIdentity) -> SubjectPolicy {
    SubjectPolicy(
      name: name,
      subject: .host(host),
      policies: ordered.filter { $0.selector.matches(host) },
      postures: side.context.postureOfHosts,
      base: side.base
    )
  }

  /// Every policy that must apply to whatever the selector matches.
  package func subject(named name: String, selector: Selector) -> SubjectPolicy {
    SubjectPolicy(
      name: name,
      subject: .selection(selector),
      policies: ordered.filter { selector.implies($0.selector) },
      postures: selector.isHost
        ? side.context.postureOfHosts : side.context.postures(inNamespace: selector.singleNamespace),
      base: side.base
    )
  }
}
