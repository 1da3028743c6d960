internal import Bundle
internal import Glibc

extension AppArmorEnforcer {
  package func status() throws(NodeError) -> NodeStatus? {
    // Files of a generation may go while they are read: then again.
    for _ in 0..<20 {
      guard let standing = try AppArmorStanding.read(paths) else { return nil }
      do throws(NodeError) { return try status(standing) } catch {
        if try AppArmorStanding.read(paths) == standing { throw error }
      }
    }
    throw NodeError("what is in force changes faster than it can be read")
  }

  private func status(_ standing: AppArmorStanding) throws(NodeError) -> NodeStatus? {
    var now = standing.inForce
    guard now.generation > 0 || standing.wanted != nil else { return nil }
    let kernelProfiles = kernel.profiles()
    if let wanted = standing.wanted, wanted.generation > 0,
      let loaded = try? LoadedProfiles.read(paths.generation(wanted.generation)), !loaded.names.isEmpty,
      loaded.names.allSatisfy({ kernelProfiles[$0]?.blob.map(loaded.isBlob) ?? false })
    {
      // A load that is under way, or was killed, has made the change already.
      now = wanted
    }
    guard now.generation > 0 else { return nil }
    let directory = paths.generation(now.generation)
    let loaded = try LoadedProfiles.read(directory)
    let manifest = try? GenerationFiles(paths).manifest(of: now.generation)
    let subjects = Dictionary((manifest?.subjects ?? []).map { ($0.name, $0) }) { first, _ in first }
    let tasks = ConfinedTasks.all
    var owner: [String: String] = [:]
    for subject in loaded.subjects { for name in subject.profiles { owner[name] = subject.name } }
    var processes: [String: Set<Int32>] = [:]
    var threads: [String: Int] = [:]
    for task in tasks {
      for subject in Set(task.profiles.compactMap { owner[$0] }) {
        processes[subject, default: []].insert(task.process)
        threads[subject, default: 0] += 1
      }
    }
    let domains = loaded.subjects.map { subject in
      NodeStatus.Domain(
        id: nil,
        name: subject.name,
        tier: nil,
        processes: processes[subject.name]?.count ?? 0,
        threads: threads[subject.name] ?? 0,
        counters: nil,
        cgroups: 0,
        digest: subjects[subject.name]?.artifacts.first { $0.target == BundleProfiles.target }?.sha256,
        meaning: subjects[subject.name]?.meaning
      )
    }
    let profiles = loaded.subjects.flatMap { subject in
      subject.profiles.map { name -> NodeStatus.Profile in
        let profile = kernelProfiles[name]
        return NodeStatus.Profile(
          name: name,
          subject: subject.name,
          mode: profile?.mode,
          digest: profile?.digest,
          isOurs: profile?.blob.map(loaded.isBlob)
        )
      }
    }
    return NodeStatus(
      enforcer: name,
      generation: now.generation,
      previous: now.previous,
      next: now.next,
      bank: nil,
      record: try? LoadRecord.read(directory),
      domains: domains.sorted { $0.name < $1.name },
      programs: [],
      confirmation: Confirmation.read(paths).flatMap { $0.generation == now.generation ? $0 : nil },
      isAsked: KernelSecurity.read().modules.map { $0.contains("apparmor") },
      profiles: profiles.sorted { $0.name < $1.name }
    )
  }
}

/// Threads and their labels, as far as this process may see them.
private struct ConfinedTasks {
  let process: Int32
  /// The profiles that its label is stacked of; of a child, its parent.
  let profiles: [String]

  static var all: [ConfinedTasks] {
    var found: [ConfinedTasks] = []
    for name in (try? FileAccess.entries(of: "/proc")) ?? [] {
      guard let process = Int32(name) else { continue }
      for thread in (try? FileAccess.entries(of: "/proc/\(process)/task")) ?? [] {
        let attributes = "/proc/\(process)/task/\(thread)/attr/"
        guard
          let label = FileAccess.kernelText(attributes + "apparmor/current")
            ?? FileAccess.kernelText(attributes + "current"),
          label != "unconfined", !label.isEmpty
        else { continue }
        found.append(ConfinedTasks(process: process, profiles: ConfinedTasks.profiles(in: label)))
      }
    }
    return found
  }

  /// Those of `a//&b//kid (enforce)`.
  static func profiles(in label: String) -> [String] {
    let names = label.hasSuffix(")") ? label.lastIndex(of: "(").map { label[..<$0] } ?? label[...] : label[...]
    var parts: [String] = []
    var rest = names
    while let mark = rest.firstRange(of: "//&") {
      parts.append(String(rest[..<mark.lowerBound]))
      rest = rest[mark.upperBound...]
    }
    parts.append(String(rest))
    return parts.map { part in
      let base = part.firstRange(of: "//").map { part[..<$0.lowerBound] } ?? part[...]
      return String(base.prefix { $0 != " " })
    }
  }
}
