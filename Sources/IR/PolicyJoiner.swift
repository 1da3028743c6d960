/// Answers which policies apply to one subject, whether or not `Resolution` lists it: for events of workloads that no
/// manifest names, and for subjects that only the other side of a comparison has. For a subject that it lists,
/// the answer is the same.
package struct PolicyJoiner: Sendable {
  let side: PolicySide
  let index: SelectorIndex

  package init(_ side: PolicySide) {
    self.side = side
    index = SelectorIndex(side.policies)
  }

  /// Everything that applies to the container; with no policies where none does.
  package func subject(named name: String, container: ContainerIdentity, workload: String) -> SubjectPolicy {
    subject(named: name, of: .container(workload: workload, container))
  }

  package func subject(named name: String, host: HostIdentity) -> SubjectPolicy {
    subject(named: name, of: .host(host))
  }

  /// Every policy that must apply to whatever the selector matches.
  package func subject(named name: String, selector: Selector) -> SubjectPolicy {
    subject(named: name, of: .selection(selector))
  }

  /// Everything that applies to the subject; with no policies where none does.
  package func subject(named name: String, of subject: Subject) -> SubjectPolicy {
    self.subject(named: name, subject, joining: index.matching(subject))
  }

  /// `numbers` are indices into the policies of `index`.
  func subject(named name: String, _ subject: Subject, joining numbers: [Int]) -> SubjectPolicy {
    SubjectPolicy(
      name: name,
      subject: subject,
      policies: numbers.map { index.policies[$0] },
      postures: postures(of: subject),
      visibility: visibility(of: subject),
      base: side.base
    )
  }

  private func postures(of subject: Subject) -> Postures {
    switch subject {
    case .container(_, let container): side.context.postures(inNamespace: container.namespace)
    case .selection(let selector) where !selector.isHost:
      side.context.postures(inNamespace: selector.singleNamespace)
    case .host, .selection: side.context.postureOfHosts
    }
  }

  private func visibility(of subject: Subject) -> Set<ResourceClass> {
    switch subject {
    case .container(_, let container): side.context.visibility(inNamespace: container.namespace)
    case .selection(let selector) where !selector.isHost:
      side.context.visibility(inNamespace: selector.singleNamespace)
    case .host, .selection: side.context.hostVisibility
    }
  }
}
