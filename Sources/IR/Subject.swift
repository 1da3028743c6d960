/// What a profile, a domain or a map image is made for.
package enum Subject: Hashable, Sendable {
  /// One container of a workload from a manifest.
  case container(workload: String, ContainerIdentity)
  /// One node from a manifest.
  case host(HostIdentity)
  /// Whatever a selector matches: no manifests were given, or none that it matches.
  case selection(Selector)

  package var isHost: Bool {
    switch self {
    case .container: false
    case .host: true
    case .selection(let selector): if case .nodes = selector { true } else { false }
    }
  }
}

/// A subject with everything that decides its verdicts: the joined policies, ordered by id, and the postures in force.
package struct SubjectPolicy: Hashable, Sendable {
  /// Unique among the subjects of one build, made of `[a-z0-9._-]`, at most 100 bytes; safe as a file and profile name.
  package var name: String
  package var subject: Subject
  /// Sorted by `id`; the order in which files were given never shows.
  package var policies: [Policy]
  package var postures: Postures
  /// Of `process`, `file`, `network` and `capabilities`: whose allowed events are reported. It changes no verdict.
  package var visibility: Set<ResourceClass>
  /// A named list of paths that allow-lists need to work at all (`--base`).
  package var base: BaseList?

  package init(
    name: String,
    subject: Subject,
    policies: [Policy],
    postures: Postures,
    visibility: Set<ResourceClass> = [],
    base: BaseList? = nil
  ) {
    self.visibility = visibility
    self.name = name
    self.subject = subject
    self.policies = policies.sorted { $0.id < $1.id }
    self.postures = postures
    self.base = base
  }

  /// Every rule that contributes to verdicts, in order, the base list's included for the classes that are in allow-list
  /// mode without it.
  package var rules: [Rule] {
    let own = policies.flatMap(\.rules).filter { $0.condition == nil }
    guard let base else { return own }
    let modes = Set(own.filter { $0.action == .allow }.map(\.resourceClass))
    return own + base.rules.filter { modes.contains($0.resourceClass) }
  }
}

extension Subject {
  package var kind: String {
    switch self {
    case .container: "container"
    case .host: "host"
    case .selection: "selection"
    }
  }

  /// What it is, in words.
  package var words: String {
    switch self {
    case .container(let workload, let identity):
      "container \(identity.container) of \(workload) in \(identity.namespace)"
    case .host(let identity): "node \(identity.name)"
    case .selection(let selector): selector.canonicalText
    }
  }
}
