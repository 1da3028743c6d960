internal import Bundle
internal import Glibc

/// Profiles in the kernel's AppArmor.
package struct AppArmorEnforcer: NodeEnforcer {
  /// What the names of all profiles begin with that armorc writes.
  static let prefix = "armorc."

  package let paths: NodePaths
  private let features: String
  let kernel: AppArmorKernel

  /// - Parameters:
  ///   - paths: of the node; profiles have a directory of their own in its state.
  ///   - features: contents of the feature file that profiles are compiled for.
  ///   - root: another directory than AppArmor's in securityfs, for tests.
  package init(_ paths: NodePaths, features: String, root: String? = nil) {
    self.paths = NodePaths(pins: paths.pins, state: paths.state + "/apparmor")
    self.features = features
    kernel = root.map { AppArmorKernel(root: $0) } ?? .standard
  }

  package var name: String { BundleProfiles.target }

  package var isLoaded: Bool { FileAccess.kind(of: paths.state + "/standing.json") == .file }

  package func probe() -> EnforcerProbe { NodeProbe.apparmor() }

  // MARK: Generations

  package func load(_ request: LoadRequest) throws(NodeError) -> LoadOutcome {
    if request.rate != nil { throw NodeError("AppArmor's reports have no rate of their own: leave --rate out") }
    guard let parser = AppArmorParser.locate(features: features) else {
      throw NodeError(
        "loading profiles needs apparmor_parser, which is not installed (Debian: apt-get install apparmor)"
      )
    }
    try kernel.requireUsable()
    let bundle = try BundleProfiles(directory: request.directory, parser: parser)
    if request.isDryRun {
      let standing = try AppArmorStanding.read(paths) ?? .nothing
      let numbers = GenerationFiles(paths).numbers + standing.kept
      let before = standing.inForce.generation
      return outcome(bundle, generation: (numbers.max() ?? 0) &+ 1, before: before, names(of: before))
    }
    // The parent, which both enforcers share.
    let parent = NodePaths.parent(of: paths.state)
    if unsafe mkdir(parent, 0o755) != 0, errno != EEXIST { throw NodeError(.last("make", parent)) }
    guard let lock = try NodeLock.take(paths, making: true) else { throw NodeError("cannot lock '\(paths.state)'") }
    defer { extendLifetime(lock) }
    var node = try AppArmorNode(kernel, paths)
    try node.settleConfirmation()
    let before = node.current
    let names = names(of: before)
    let generation = try node.load(bundle, request)
    return outcome(bundle, generation: generation, before: before, names)
  }

  private func names(of generation: UInt32) -> Set<String> {
    let loaded = generation > 0 ? try? LoadedProfiles.read(paths.generation(generation)) : nil
    return Set(loaded?.subjects.map(\.name) ?? [])
  }

  private func outcome(_ bundle: BundleProfiles, generation: UInt32, before: UInt32, _ names: Set<String>)
    -> LoadOutcome
  {
    LoadOutcome(
      generation: generation,
      before: before > 0 ? before : nil,
      domains: bundle.subjects.count,
      emptied: names.subtracting(bundle.subjects.map(\.name)).sorted(),
      bytes: bundle.subjects.reduce(0) { $0 + $1.binary.count }
    )
  }

  /// Does something while nobody else changes what is loaded.
  private func locked<Result>(_ body: (inout AppArmorNode) throws(NodeError) -> Result) throws(NodeError) -> Result {
    guard isLoaded else { throw NodeRollback.nothingLoaded }
    try kernel.requireUsable()
    guard let lock = try NodeLock.take(paths, making: false) else { throw NodeRollback.nothingLoaded }
    defer { extendLifetime(lock) }
    guard isLoaded else { throw NodeRollback.nothingLoaded }
    var node = try AppArmorNode(kernel, paths)
    return try body(&node)
  }

  package func rollback(forward: Bool) throws(NodeError) -> RollbackResult {
    try locked { node throws(NodeError) in try node.rollback(forward: forward) }
  }

  package func confirm() throws(NodeError) -> UInt32 {
    try locked { node throws(NodeError) in
      guard let waiting = Confirmation.read(paths), waiting.generation == node.current else {
        throw NodeError("no generation waits for a confirmation")
      }
      guard waiting.secondsLeft > 0 else {
        try node.settleConfirmation()
        throw NodeError("too late: generation \(waiting.generation) was rolled back")
      }
      try Confirmation.remove(paths)
      return waiting.generation
    }
  }

  package func expire(token: UInt64) throws(NodeError) {
    guard isLoaded else { return }
    try locked { node throws(NodeError) in
      guard let waiting = Confirmation.read(paths), waiting.token == token else { return }
      try node.settleConfirmation()
    }
  }

  package func unload() throws(NodeError) -> Bool {
    guard FileAccess.kind(of: paths.state) != .missing else { return false }
    try kernel.requireUsable()
    guard let lock = try NodeLock.take(paths, making: false) else { return false }
    defer { extendLifetime(lock) }
    let wasLoaded = isLoaded
    var node = try AppArmorNode(kernel, paths)
    try node.unload()
    guard unsafe unlink(paths.lock) == 0 || errno == ENOENT else { throw NodeError(.last("remove", paths.lock)) }
    _ = unsafe rmdir(paths.state)
    // Goes if the other enforcer has nothing there.
    _ = unsafe rmdir(NodePaths.parent(of: paths.state))
    return wasLoaded
  }

  // MARK: Processes

  package func attach(_ target: AttachmentTarget, to domain: String) throws(NodeError) -> AttachmentResult {
    throw NodeError(
      "AppArmor confines from the next execve on, and only who asks for it: start the program with 'armorc run', or have "
        + "the container runtime set the profile"
    )
  }

  package func run(_ path: String, _ arguments: [String], in domain: String) throws(NodeError) -> SystemError {
    let subject = try subject(domain)
    try enter(subject.enter)
    return Program.replace(path, arguments)
  }

  /// The loaded subject of this name, as `DomainNames` finds it.
  func subject(_ domain: String) throws(NodeError) -> LoadedProfiles.Subject {
    let subjects = try generation().profiles.subjects
    let names = DomainNames([.empty] + subjects.map { DomainEntry(tier: 0, generation: 1, name: $0.name) })
    let found = try names.find(domain)
    // Element 0 is no domain.
    return subjects[Int(found.id) - 1]
  }

  /// The generation in force, as user space knows it.
  func generation() throws(NodeError) -> (number: UInt32, profiles: LoadedProfiles) {
    guard let standing = try AppArmorStanding.read(paths), standing.inForce.generation > 0 else {
      throw NodeRollback.nothingLoaded
    }
    let number = standing.inForce.generation
    return (number, try LoadedProfiles.read(paths.generation(number)))
  }

  /// This thread enters a profile. At once, not with its next execve as container runtimes have it: so that the profile
  /// decides over that execve, and knows the program as a source.
  private func enter(_ profile: String) throws(NodeError) {
    let files = ["/proc/thread-self/attr/apparmor/current", "/proc/thread-self/attr/current"]
    guard let path = files.first(where: { FileAccess.kind(of: $0) != .missing }) else {
      throw NodeError("this kernel has no '\(files[0])': AppArmor is not enabled")
    }
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw NodeError(.last("open", path)) }
    defer { close(descriptor) }
    let bytes = Array("changeprofile \(profile)".utf8)
    // The buffer's own length bounds the write.
    let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count else {
      let advice =
        switch errno {
        case ENOENT, EINVAL: "the kernel has no such profile, or does not ask AppArmor: see 'armorc status'"
        case EPERM, EACCES: "a confined process may only go where its own profile lets it"
        default: Errno.words(errno)
        }
      throw NodeError("cannot enter profile '\(profile)': \(advice)")
    }
  }
}
