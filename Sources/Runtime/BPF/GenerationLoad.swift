internal import Bundle
internal import CLinux
internal import Glibc

/// Puts a bundle in force: fills the idle bank, then switches to it.
///
/// Up to the switch nothing of it is in force, so being killed at any point leaves the old generation or the new one.
struct GenerationLoad {
  private let bundle: BundleImages
  private let request: LoadRequest
  private let paths: NodePaths
  /// The BPF object of the matcher.
  private let object: [UInt8]
  /// Maps without programs: for tests on kernels without the LSM.
  private let mapsOnly: Bool

  init(_ bundle: BundleImages, _ request: LoadRequest, paths: NodePaths, object: [UInt8], mapsOnly: Bool) {
    self.bundle = bundle
    self.request = request
    self.paths = paths
    self.object = object
    self.mapsOnly = mapsOnly
  }

  // MARK: Steps

  /// What `run` would do; changes nothing.
  func check() throws(NodeError) -> LoadOutcome {
    let kernel = KernelSecurity.read()
    if !mapsOnly { try kernel.requireBPF() }
    try paths.checkPins()
    guard let matcher = try PinnedMatcher.open(paths) else {
      let empty = [DomainEntry](repeating: .empty, count: DomainEntry.count)
      let control = Control(bank: 0, generation: 0, hashKey: 1)
      let plan = try plan(control, [empty, empty], [])
      return result(plan, control)
    }
    let (control, plan) = try plan(matcher)
    return result(plan, control)
  }

  func run() throws(NodeError) -> LoadOutcome {
    if !mapsOnly { try KernelSecurity.read().requireBPF() }
    guard let lock = try NodeLock.take(paths, making: true) else {
      throw NodeError("cannot lock '\(paths.state)'")
    }
    defer { extendLifetime(lock) }
    try BPFDirectory.remove(paths.abandonedPins)
    try BPFDirectory.remove(paths.unfinishedPins)
    var skipped: [String] = []
    var isNewProgram = false
    let installation = MatcherInstallation(object: object, paths: paths, kernel: .running, attaches: !mapsOnly)
    if FileAccess.kind(of: paths.pins) == .missing {
      // A generation of before, whose maps are gone, means nothing.
      try GenerationFiles(paths).keep(only: [])
      try Confirmation.remove(paths)
      skipped = try installation.install()
    } else if try !installation.isInstalled() {
      skipped = try installation.replace()
      isNewProgram = true
    }
    guard let matcher = try PinnedMatcher.open(paths) else {
      throw NodeError("what was pinned in '\(paths.pins)' is gone")
    }
    try NodeRollback.settle(matcher)
    let (control, plan) = try plan(matcher)
    try GenerationFiles(paths).keep(only: try matcher.generationsInBanks())
    try put(plan, control, matcher)
    var result = result(plan, control)
    result.skippedHooks = skipped
    result.hasNewPrograms = isNewProgram
    return result
  }

  /// From here on only the idle bank changes, and at last `control`.
  private func put(_ plan: GenerationPlan, _ control: Control, _ matcher: borrowing PinnedMatcher) throws(NodeError) {
    // What can fail for want of memory or disk comes first: until then the generation before can be returned to.
    let bank = try IdleBank(plan, bundle.subjects.map(\.image), control, paths: paths)
    try GenerationFiles(paths).write(
      LoadRecord(
        enforcer: "bpf",
        generation: plan.generation,
        bundle: (try? FileAccess.realPath(request.directory)) ?? request.directory,
        manifest: sha256(bundle.manifestBytes),
        object: sha256(object)
      ),
      manifest: bundle.manifestBytes,
      bundle.subjects.map { ($0.artifact.file, $0.bytes) }
        + SubjectIdentities.files(of: bundle.manifest, in: request.directory)
    )
    // A program that read `control` before the last switch may still be using what is idle now.
    clinux_wait_for_programs()
    try bank.fill(matcher)
    if let seconds = request.confirmWithin {
      // Before the switch: whatever is killed, an unconfirmed generation has a watchdog.
      let confirmation = try Confirmation(generation: plan.generation, seconds: seconds)
      try confirmation.write(paths)
      try request.startWatchdog(confirmation)
    }
    var next = control
    next.bank = plan.bank
    next.generation = plan.generation
    next.rate = request.rate ?? control.rate
    try matcher.putInForce(next)
    var kept: Set = [plan.generation]
    if control.generation > 0 { kept.insert(control.generation) }
    try GenerationFiles(paths).keep(only: kept)
  }

  // MARK: Plan

  private func plan(_ matcher: borrowing PinnedMatcher) throws(NodeError) -> (Control, GenerationPlan) {
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

  private func result(_ plan: GenerationPlan, _ control: Control) -> LoadOutcome {
    LoadOutcome(
      generation: plan.generation,
      before: control.generation == 0 ? nil : control.generation,
      domains: bundle.subjects.count,
      emptied: plan.domains.filter { $0.image == nil }.map(\.name),
      bytes: bundle.subjects.reduce(0) { $0 + ImageHeader.bytes(ofTier: $1.image.tier) }
    )
  }
}

extension PinnedMatcher {
  /// The generations that could be in force: the one that is, and the one before.
  borrowing func generationsInBanks() throws(NodeError) -> Set<UInt32> {
    let control = try readControl()
    let banks = try readBanks()
    var numbers: Set<UInt32> = control.generation > 0 ? [control.generation] : []
    if let other = banks[Int(control.otherBank)].first, other.isReadyBank { numbers.insert(other.generation) }
    return numbers
  }
}
