internal import Bundle
internal import CBpf
internal import Glibc

/// What is in force on a node, at one moment.
package struct NodeStatus: Hashable, Sendable {
  package let enforcer: String
  package struct Domain: Hashable, Sendable {
    package let id: UInt32?
    package let name: String
    /// 0...5; nil: no policy.
    package let tier: Int?
    package let processes: Int
    package let threads: Int
    package let counters: DomainCounters?
    /// Control groups whose new tasks become its own.
    package let cgroups: Int
    /// SHA-256 of the image file; nil where the files of the generation are gone.
    package let digest: String?
    /// SHA-256 of what the policies mean.
    package let meaning: String?
  }

  /// One profile of AppArmor.
  package struct Profile: Hashable, Sendable {
    package let name: String
    package let subject: String
    /// Nil: the kernel does not have it.
    package let mode: String?
    /// What the kernel says of it: SHA-256, or SHA-1 before 6.8.
    package let digest: String?
    /// Whether it is the one of this generation; nil if the kernel does not say.
    package let isOurs: Bool?
  }

  package let generation: UInt32
  /// What can be returned to.
  package let previous: UInt32?
  /// What was rolled back.
  package let next: UInt32?
  package let bank: UInt32?
  /// Nil where the files of the generation are gone.
  package let record: LoadRecord?
  package let domains: [Domain]
  /// Names of programs that are attached.
  package let programs: [String]
  /// A generation that waits to be confirmed, and for how many seconds still.
  package let confirmation: Confirmation?
  /// Whether the kernel asks the programs at all.
  package let isAsked: Bool?
  /// Empty with BPF.
  package var profiles: [Profile] = []

  /// Nil if nothing is installed.
  package static func read(_ paths: NodePaths) throws(NodeError) -> NodeStatus? {
    guard let matcher = try PinnedMatcher.open(paths) else { return nil }
    // A load may switch banks while this reads, and the next one write to the bank that was read: then again.
    for _ in 0..<20 {
      let control = try matcher.readControl()
      let banks = try matcher.readBanks()
      let status = try read(matcher, control, banks)
      if try matcher.readControl() == control { return status }
    }
    throw NodeError("what is in force changes faster than it can be read")
  }

  private static func read(_ matcher: borrowing PinnedMatcher, _ control: Control, _ banks: [[DomainEntry]])
    throws(NodeError) -> NodeStatus
  {
    let paths = matcher.paths
    let manifest = try? GenerationFiles(paths).manifest(of: control.generation)
    let subjects = Dictionary(
      (manifest?.subjects ?? []).map { ($0.name, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    let tasks = Dictionary(grouping: try matcher.readTasks(), by: \.domain)
    let cgroups = try ControlGroups(matcher).counts()
    let counters = try matcher.map("counters")
    var domains: [Domain] = []
    for (id, entry) in banks[Int(control.bank)].enumerated().dropFirst() where !entry.name.isEmpty {
      let own = tasks[UInt32(id)] ?? []
      let subject = subjects[entry.name]
      domains.append(
        Domain(
          id: UInt32(id),
          name: entry.name,
          tier: entry.tier,
          processes: Set(own.map(\.process)).count,
          threads: own.count,
          counters: DomainCounters(perCPU: try counters.value(UInt32(id)) ?? []),
          cgroups: cgroups[UInt32(id)] ?? 0,
          digest: subject?.artifacts.first { $0.target == BundleImages.target }?.sha256,
          meaning: subject?.meaning
        )
      )
    }
    let other = banks[Int(control.otherBank)].first.flatMap { $0.isReadyBank ? $0.generation : nil }
    let waiting = Confirmation.read(paths).flatMap { $0.generation == control.generation ? $0 : nil }
    return NodeStatus(
      enforcer: BundleImages.target,
      generation: control.generation,
      previous: other.flatMap { $0 < control.generation ? $0 : nil },
      next: other.flatMap { $0 > control.generation ? $0 : nil },
      bank: control.bank,
      record: try? LoadRecord.read(paths.generation(control.generation)),
      domains: domains.sorted { $0.name < $1.name },
      programs: (try? FileAccess.entries(of: paths.pins + "/links")) ?? [],
      confirmation: waiting,
      isAsked: KernelSecurity.read().modules.map { $0.contains("bpf") }
    )
  }
}
