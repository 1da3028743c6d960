internal import Bundle

/// What a container runtime's hook does: the container's first process gets the policy of its subject before it executes
/// the container's program.
package enum OCIHook {
  package enum Outcome: Hashable, Sendable {
    case confined(subject: String, words: String)
    /// The container goes on without a policy, and why.
    case free(String)
  }

  /// - Throws: `NodeError` if the container must not go on.
  package static func run(_ state: [UInt8], _ enforcer: any NodeEnforcer) throws(NodeError) -> Outcome {
    let state = try ContainerState(json: state)
    let configuration = try ContainerConfiguration.read(state)
    let facts = try ContainerFacts(state, configuration)
    guard let generation = try enforcer.generationInForce() else {
      if let name = facts.subject {
        throw NodeError("the container asks for '\(name)', and nothing is loaded on this node")
      }
      return .free("nothing is loaded on this node")
    }
    let manifest = try GenerationFiles(enforcer.paths).manifest(of: generation)
    let identities = try SubjectIdentities.read(enforcer.paths.generation(generation), manifest)
    switch try SubjectChoice(facts, names: manifest.subjects.map(\.name), identities) {
    case .none(let reason): return .free(reason)
    case .subject(let name):
      return .confined(subject: name, words: try enforcer.confine(state.pid, profile: configuration.profile, to: name))
    }
  }
}

extension BPFEnforcer {
  package func generationInForce() throws(NodeError) -> UInt32? {
    guard let matcher = try PinnedMatcher.open(paths) else { return nil }
    let generation = try matcher.readControl().generation
    return generation > 0 ? generation : nil
  }

  package func confine(_ process: UInt32, profile: String?, to subject: String) throws(NodeError) -> String {
    // Not at once: the runtime's own set-up of the container still lies before this process.
    let result = try Attachment.attach(.process(process), to: subject, paths, atExec: true)
    // Whoever a runtime sends into the container later ('exec') is no child of that process.
    let group = ControlGroups.own(of: process)
    if let group { _ = try Attachment.attach(.cgroup(group), to: subject, paths, atExec: true) }
    return "process \(process) is confined by '\(result.domain)' from its next execve on, "
      + (group == nil
        ? "what is executed in the container later is not: it has no control group of its own"
        : "and so is what enters its control group")
  }
}

extension AppArmorEnforcer {
  package func generationInForce() throws(NodeError) -> UInt32? {
    guard isLoaded, let standing = try AppArmorStanding.read(paths), standing.inForce.generation > 0 else { return nil }
    return standing.inForce.generation
  }

  package func confine(_ process: UInt32, profile: String?, to subject: String) throws(NodeError) -> String {
    let wanted = try self.subject(subject).enter
    guard profile == wanted else {
      throw NodeError(
        "this container must enter profile '\(wanted)', and config.json has "
          + (profile.map { "'\($0)'" } ?? "none") + " as process.apparmorProfile: the runtime sets it, not a hook; in "
          + "Kubernetes, appArmorProfile: {type: Localhost, localhostProfile: \(wanted)}"
      )
    }
    guard kernel.profiles()[wanted] != nil else {
      throw NodeError("the kernel has no profile '\(wanted)' any more: load the bundle again")
    }
    return "the runtime enters profile '\(wanted)'"
  }
}
