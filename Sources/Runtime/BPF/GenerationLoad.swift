internal import Bundle
internal import CLinux
internal import Glibc

/// Puts a bundle in force: fills the idle bank, then switches to it.
///
/// Up to the switch nothing of it is in force, so being killed at any point leaves the old generation or the new one.
package struct GenerationLoad {
  package struct Options: Sendable {
    package var paths: NodePaths
    /// The BPF object of the matcher.
    package var object: [UInt8]
    /// Roll back unless confirmed within so many seconds.
    package var confirmWithin: Int?
    /// Starts a process of its own that calls `NodeRollback.expire` when the time is over.
    package var startWatchdog: @Sendable (Confirmation) throws(NodeError) -> Void
    /// Maps without programs: for tests on kernels without the LSM.
    package var mapsOnly: Bool

    package init(
      paths: NodePaths,
      object: [UInt8],
      confirmWithin: Int? = nil,
      mapsOnly: Bool = false,
      startWatchdog: @escaping @Sendable (Confirmation) throws(NodeError) -> Void = { _ throws(NodeError) in }
    ) {
      self.paths = paths
      self.object = object
      self.confirmWithin = confirmWithin
      self.mapsOnly = mapsOnly
      self.startWatchdog = startWatchdog
    }
  }

  package struct Result: Hashable, Sendable {
    package var generation: UInt32
    /// What was in force before; nil: nothing.
    package var before: UInt32?
    package var domains: Int
    /// Names without a policy from now on, which tasks or the generation before still have.
    package var emptied: [String]
    package var imageBytes: Int
    /// Sections of programs that this kernel has no hook for; only from the load that installs them.
    package var skippedHooks: [String] = []
  }

  private let bundle: BundleImages
  private let directory: String
  private let options: Options

  package init(_ bundle: BundleImages, directory: String, _ options: Options) {
    self.bundle = bundle
    self.directory = directory
    self.options = options
  }

  // MARK: Steps

  /// What `run` would do; changes nothing.
  package func check() throws(NodeError) -> Result {
    let kernel = KernelSecurity.read()
    if !options.mapsOnly { try kernel.requireBPF() }
    try options.paths.checkPins()
    guard let matcher = try Matcher.open(options.paths) else {
      let empty = [DomainEntry](repeating: .empty, count: DomainEntry.count)
      let control = Control(bank: 0, generation: 0, hashKey: 1)
      let plan = try plan(control, [empty, empty], [])
      return result(plan, control)
    }
    let (control, plan) = try plan(matcher)
    return result(plan, control)
  }

  package func run() throws(NodeError) -> Result {
    if !options.mapsOnly { try KernelSecurity.read().requireBPF() }
    guard let lock = try NodeLock.take(options.paths, making: true) else {
      throw NodeError("cannot lock '\(options.paths.state)'")
    }
    defer { extendLifetime(lock) }
    try BPFDirectory.remove(options.paths.abandonedPins)
    try BPFDirectory.remove(options.paths.unfinishedPins)
    var skipped: [String] = []
    if FileAccess.kind(of: options.paths.pins) == .missing {
      // A generation of before, whose maps are gone, means nothing.
      try GenerationFiles(options.paths).keep(only: [])
      try Confirmation.remove(options.paths)
      skipped = try MatcherInstallation(
        object: options.object,
        paths: options.paths,
        kernel: .running,
        attaches: !options.mapsOnly
      ).install()
    }
    guard let matcher = try Matcher.open(options.paths) else {
      throw NodeError("what was pinned in '\(options.paths.pins)' is gone")
    }
    try NodeRollback.settle(matcher)
    let (control, plan) = try plan(matcher)
    try GenerationFiles(options.paths).keep(only: try matcher.generationsInBanks())
    try put(plan, control, matcher)
    var result = result(plan, control)
    result.skippedHooks = skipped
    return result
  }

  /// From here on only the idle bank changes, and at last `control`.
  private func put(_ plan: GenerationPlan, _ control: Control, _ matcher: borrowing Matcher) throws(NodeError) {
    // What can fail for want of memory or disk comes first: until then the generation before can be returned to.
    let bank = try IdleBank(plan, bundle.subjects.map(\.image), control, paths: options.paths)
    try GenerationFiles(options.paths).write(
      LoadRecord(
        enforcer: "bpf",
        generation: plan.generation,
        bundle: directory,
        manifest: sha256(bundle.manifestBytes),
        object: sha256(options.object)
      ),
      manifest: bundle.manifestBytes,
      bundle.subjects.map { ($0.artifact.file, $0.bytes) }
    )
    // A program that read `control` before the last switch may still be using what is idle now.
    clinux_wait_for_programs()
    try bank.fill(matcher)
    if let seconds = options.confirmWithin {
      // Before the switch: whatever is killed, an unconfirmed generation has a watchdog.
      let confirmation = try Confirmation(generation: plan.generation, seconds: seconds)
      try confirmation.write(options.paths)
      try options.startWatchdog(confirmation)
    }
    var next = control
    next.bank = plan.bank
    next.generation = plan.generation
    try matcher.write(next)
    clinux_wait_for_programs()
    var kept: Set = [plan.generation]
    if control.generation > 0 { kept.insert(control.generation) }
    try GenerationFiles(options.paths).keep(only: kept)
  }

  // MARK: Plan

  private func plan(_ matcher: borrowing Matcher) throws(NodeError) -> (Control, GenerationPlan) {
    let control = try matcher.readControl()
    return (control, try plan(control, try matcher.readBanks(), try matcher.usedDomains()))
  }

  private func plan(_ control: Control, _ banks: [[DomainEntry]], _ used: Set<UInt32>) throws(NodeError)
    -> GenerationPlan
  {
    try GenerationPlan(
      names: bundle.subjects.map(\.name),
      control: control,
      inForce: banks[Int(control.bank)],
      idle: banks[Int(control.otherBank)],
      used: used
    )
  }

  private func result(_ plan: GenerationPlan, _ control: Control) -> Result {
    Result(
      generation: plan.generation,
      before: control.generation == 0 ? nil : control.generation,
      domains: bundle.subjects.count,
      emptied: plan.domains.filter { $0.image == nil }.map(\.name),
      imageBytes: bundle.subjects.reduce(0) { $0 + ImageHeader.bytes(ofTier: $1.image.tier) }
    )
  }
}

extension Matcher {
  /// The generations that could be in force: the one that is, and the one before.
  borrowing func generationsInBanks() throws(NodeError) -> Set<UInt32> {
    let control = try readControl()
    let banks = try readBanks()
    var numbers: Set<UInt32> = control.generation > 0 ? [control.generation] : []
    if let other = banks[Int(control.otherBank)].first, other.isReadyBank { numbers.insert(other.generation) }
    return numbers
  }
}
