package import IR

/// One recorded access, whoever recorded it.
package struct Record: Hashable, Sendable {
  package enum Form: String, Hashable, Sendable, CaseIterable {
    case event, kubearmor, apparmor, selinux
  }

  package var form: Form
  package var event: PartialEvent
  /// Nil when the record says nothing of it.
  package var workload: RecordedWorkload? {
    get { reference?.workload }
    set { reference = newValue.map { WorkloadReference($0) } }
  }
  /// The same object for equal workloads of a batch.
  var reference: WorkloadReference?
  package var outcome: RecordedOutcome?
  /// Win over the postures of the subject, as far as given.
  package var postures: PartialPostures

  package init(
    form: Form,
    event: PartialEvent,
    workload: RecordedWorkload? = nil,
    outcome: RecordedOutcome? = nil,
    postures: PartialPostures = PartialPostures()
  ) {
    self.form = form
    self.event = event
    reference = workload.map { WorkloadReference($0) }
    self.outcome = outcome
    self.postures = postures
  }
}

/// What the recorder says became of the access.
package struct RecordedOutcome: Hashable, Sendable {
  package var verdict: Verdict
  /// As the recorder names it; nil when it names none.
  package var policy: String?
  package init(_ verdict: Verdict, policy: String? = nil) {
    self.verdict = verdict
    self.policy = policy
  }
}

/// Whose access it was, as far as a record says.
package enum RecordedWorkload: Hashable, Sendable {
  /// A container; `labels` is nil when the record has none, and then `pod` and `owner` lead to a manifest.
  case container(namespace: String, labels: Set<LabelPair>?, container: String?, owner: String?, pod: String?)
  /// A node; `labels` is nil when the record has none.
  case host(name: String, labels: Set<LabelPair>?)
  /// The name of a subject of a build.
  case subject(String)
  /// An AppArmor profile.
  case profile(String)
}

/// A workload with its hash: it is looked up for each event, and its labels are a set of texts.
final class WorkloadReference: Hashable, Sendable {
  let workload: RecordedWorkload
  private let hashed: Int

  init(_ workload: RecordedWorkload) {
    self.workload = workload
    hashed = workload.hashValue
  }

  static func == (a: WorkloadReference, b: WorkloadReference) -> Bool {
    a === b || (a.hashed == b.hashed && a.workload == b.workload)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(hashed) }
}

extension RecordedWorkload {
  package init(_ query: SubjectQuery) {
    switch query {
    case .name(let name): self = .subject(name)
    case .container(let namespace, let labels, let container, let pod):
      self = .container(
        namespace: namespace,
        labels: labels,
        container: container,
        owner: nil,
        pod: labels == nil ? pod : nil
      )
    case .host(let name, let labels): self = .host(name: name, labels: labels.isEmpty ? nil : labels)
    }
  }
}

/// What became of one line of a stream.
package enum LineReading: Hashable, Sendable {
  case record(Record)
  /// Understood, but no access that a policy could decide; the reason is one of a fixed few, for counting.
  case noAccess(String)
  /// Adds to the record of a line nearby.
  case companion
  /// Not understood: what was expected.
  case unparsed(String)
}
