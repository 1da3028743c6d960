import Automata
import IR

/// What the kernel does with one event under some profiles, step by step: no product of automata and no table, so that it
/// confirms what those say.
struct ProfileWalk: Sendable {
  let profiles: [String: ProfileAccess]

  struct Outcome: Hashable {
    var verdict: Verdict
    /// Some of what the operation comprises is decided otherwise.
    var isPartial = false
    /// The exec is let through, and this profile, which it adds to the label, may not read the program.
    var killer: String?
  }

  func outcome(_ event: Event, in label: [String]) -> Outcome {
    let components = label.compactMap { profiles[$0] }
    guard !components.isEmpty, components.count == label.count else { return Outcome(verdict: .block) }
    switch event.access {
    case .path(let operation, let path):
      return outcome(operation, path.bytes, isOwner: event.isOwner, components, label)
    case .network(let socket):
      let key = SocketKey(family: socket.family, type: socket.type)
      return Outcome(verdict: stacked(components) { $0.network[key] ?? .denied })
    case .capability(let capability): return Outcome(verdict: stacked(components) { $0.right(capability) })
    case .syscall: return Outcome(verdict: .allow)
    }
  }

  /// The same for the directory of a name, which the kernel writes with a slash at its end.
  func verdict(_ operation: PathOperation, ofDirectory path: BytePath, isOwner: Bool, in label: [String]) -> Verdict {
    let components = label.compactMap { profiles[$0] }
    return outcome(operation, path.bytes + [UInt8(ascii: "/")], isOwner: isOwner, components, label).verdict
  }

  private func outcome(
    _ operation: PathOperation,
    _ name: [UInt8],
    isOwner: Bool,
    _ components: [ProfileAccess],
    _ label: [String]
  ) -> Outcome {
    func verdict(_ bit: FileBits) -> Verdict {
      stacked(components) { profile in
        let half = half(profile, name, isOwner)
        let isAllowed = half.allowed.contains(bit)
        return Right(isAllowed: isAllowed, isLogged: isAllowed ? half.audited.contains(bit) : !half.quiet.contains(bit))
      }
    }
    switch operation {
    case .read:
      let open = verdict(.read)
      let rest = open == .block ? [verdict(.lock)] : [verdict(.lock), verdict(.map)]
      return Outcome(verdict: open, isPartial: rest.contains { ($0 == .block) != (open == .block) })
    case .write:
      let open = verdict(.write)
      let rest = [verdict(.append), verdict(.link)]
      return Outcome(verdict: open, isPartial: rest.contains { ($0 == .block) != (open == .block) })
    case .exec:
      let exec = verdict(.exec)
      if exec == .block { return Outcome(verdict: .block) }
      for added in after(name, isOwner: isOwner, components).subtracting(label).sorted() {
        guard let profile = profiles[added] else { return Outcome(verdict: .block, killer: added) }
        if !profile.isComplain, !half(profile, name, isOwner).allowed.contains(.read) {
          return Outcome(verdict: .block, killer: added)
        }
      }
      return Outcome(verdict: exec)
    }
  }

  /// The profiles in force once a process of a label executed a program.
  private func after(_ name: [UInt8], isOwner: Bool, _ components: [ProfileAccess]) -> Set<String> {
    var label: Set<String> = []
    for profile in components {
      switch half(profile, name, isOwner).transition {
      case .inherit?, nil, .foreign?: label.insert(profile.name)
      case .replace(let names)?: label.formUnion(names)
      case .stack(let names)?: label.formUnion(names + [profile.name])
      }
    }
    return label
  }

  /// The labels of processes that executed a program from some label in which they may; empty if none may.
  func labels(afterExec path: BytePath, from labels: some Sequence<[String]>) -> Set<[String]> {
    var found: Set<[String]> = []
    for label in labels {
      let components = label.compactMap { profiles[$0] }
      for isOwner in [false, true] {
        let event = Event(source: nil, access: .path(.exec, path), isOwner: isOwner)
        let outcome = outcome(event, in: label)
        if outcome.verdict == .block && outcome.killer == nil { continue }
        found.insert(after(path.bytes, isOwner: isOwner, components).sorted())
      }
    }
    return found
  }

  private func half(_ profile: ProfileAccess, _ name: [UInt8], _ isOwner: Bool) -> FileRights.Half {
    let rights = profile.fileRights[Int(profile.files.label(of: name))]
    return isOwner ? rights.owner : rights.other
  }

  /// All must agree; one report is enough. Complaining profiles let through what they do not silently deny.
  private func stacked(_ components: [ProfileAccess], _ right: (ProfileAccess) -> Right) -> Verdict {
    var isReported = false
    for profile in components {
      let mine = right(profile)
      if !mine.isAllowed && (!profile.isComplain || !mine.isLogged) { return .block }
      if mine.isLogged { isReported = true }
    }
    return isReported ? .audit : .allow
  }
}
