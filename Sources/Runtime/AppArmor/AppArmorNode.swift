internal import Bundle
internal import Glibc

/// Changes which generation of profiles the kernel has. Whoever makes one holds the lock.
///
/// The order of every change: the generation's files; `wanted`; one write to the kernel, which is the change; `inForce`;
/// then profiles go that the generation does not have. Being killed between any two leaves all profiles of the old
/// generation or all of the new one, and the next verb that takes the lock goes on from there.
struct AppArmorNode {
  let kernel: AppArmorKernel
  let paths: NodePaths
  private(set) var standing: AppArmorStanding

  /// Finishes what was interrupted.
  init(_ kernel: AppArmorKernel, _ paths: NodePaths) throws(NodeError) {
    self.kernel = kernel
    self.paths = paths
    standing = try AppArmorStanding.read(paths) ?? .nothing
    guard let wanted = standing.wanted else { return }
    switch try isInForce(wanted.generation) {
    case true?: try finish(wanted)
    case false?:
      standing.wanted = nil
      try standing.write(paths)
    case nil: try put(wanted)
    }
  }

  var current: UInt32 { standing.inForce.generation }

  func loaded(_ generation: UInt32) throws(NodeError) -> LoadedProfiles {
    try LoadedProfiles.read(paths.generation(generation))
  }

  /// Whether the kernel's profiles are a generation's; nil if it does not say.
  private func isInForce(_ generation: UInt32) throws(NodeError) -> Bool? {
    // Taking all away is safe to repeat.
    guard generation > 0 else { return nil }
    let loaded = try loaded(generation)
    let profiles = kernel.profiles()
    let blobs = loaded.names.map { profiles[$0]?.blob }
    guard !blobs.isEmpty else { return nil }
    if blobs.allSatisfy({ $0.map(loaded.isBlob) ?? false }) { return true }
    return loaded.names.contains { profiles[$0] != nil && profiles[$0]?.blob == nil } ? nil : false
  }

  // MARK: Changes

  /// Puts a generation in force whose files are written; 0: none.
  mutating func put(_ wanted: AppArmorStanding.Generation) throws(NodeError) {
    standing.wanted = wanted
    let blob: [UInt8]
    if wanted.generation > 0 {
      let directory = paths.generation(wanted.generation)
      blob = try LoadedProfiles.read(directory).blob(directory)
    } else {
      blob = []
    }
    try standing.write(paths)
    do throws(NodeError) {
      try kernel.replace(blob)
    } catch {
      standing.wanted = nil
      try standing.write(paths)
      throw error
    }
    try finish(wanted)
  }

  private mutating func finish(_ reached: AppArmorStanding.Generation) throws(NodeError) {
    let before = standing.inForce.generation
    // Written before anything is removed, and `wanted` with it: a removal that was interrupted is repeated.
    standing.inForce = reached
    standing.wanted = reached
    try standing.write(paths)
    try removeProfiles(besides: reached.generation, before: before)
    standing.wanted = nil
    try standing.write(paths)
    try GenerationFiles(paths).keep(only: standing.kept)
  }

  /// Removes the profiles that other generations left in the kernel.
  private func removeProfiles(besides generation: UInt32, before: UInt32) throws(NodeError) {
    let kept = generation > 0 ? try loaded(generation).names : []
    let profiles = kernel.profiles()
    for number in GenerationFiles(paths).numbers.sorted() where number != generation {
      guard let loaded = try? loaded(number) else { continue }
      for name in loaded.names.subtracting(kept).sorted() {
        guard let profile = profiles[name] else { continue }
        // By name alone only what this very change replaces: another may have loaded a profile of such a name since.
        guard number == before || profile.blob.map(loaded.isBlob) ?? true else { continue }
        try kernel.remove(name)
      }
    }
  }

  mutating func load(_ bundle: BundleProfiles, _ request: LoadRequest) throws(NodeError) -> UInt32 {
    let numbers = GenerationFiles(paths).numbers + standing.kept
    guard let highest = (numbers + [0]).max(), highest < .max else {
      throw NodeError("no generation number is left; unload and load again")
    }
    let generation = highest + 1
    let blob = bundle.blob
    let subjects = bundle.subjects.map {
      LoadedProfiles.Subject(name: $0.name, enter: $0.enter, profiles: $0.profiles)
    }
    try GenerationFiles(paths).write(
      LoadRecord(
        enforcer: BundleProfiles.target,
        generation: generation,
        bundle: (try? FileAccess.realPath(request.directory)) ?? request.directory,
        manifest: sha256(bundle.manifestBytes)
      ),
      manifest: bundle.manifestBytes,
      [
        (LoadedProfiles.fileName, LoadedProfiles(subjects, blob: blob).bytes),
        (LoadedProfiles.blobName, blob),
      ] + bundle.identities
    )
    if let seconds = request.confirmWithin {
      let confirmation = try Confirmation(generation: generation, seconds: seconds)
      try confirmation.write(paths)
      try request.startWatchdog(confirmation)
    } else {
      try Confirmation.remove(paths)
    }
    try put(AppArmorStanding.Generation(generation: generation, previous: current > 0 ? current : nil))
    return generation
  }

  mutating func rollback(forward: Bool) throws(NodeError) -> RollbackResult {
    let now = standing.inForce
    guard now.generation > 0 else { throw NodeRollback.nothingLoaded }
    let result: RollbackResult
    if forward {
      guard let next = now.next else {
        throw NodeError("generation \(now.generation) is the newest; there is none to go forward to")
      }
      result = RollbackResult(from: now.generation, to: next)
      try put(AppArmorStanding.Generation(generation: next, previous: now.generation))
    } else {
      guard let previous = now.previous else {
        let next = now.next.map {
          "; the one that was rolled back, \($0), is put in force by 'armorc rollback --forward'"
        }
        throw NodeError(
          "generation \(now.generation) is in force and there is none before it to return to" + (next ?? "")
        )
      }
      result = RollbackResult(from: now.generation, to: previous)
      try put(AppArmorStanding.Generation(generation: previous, next: now.generation))
    }
    try Confirmation.remove(paths)
    return result
  }

  /// Rolls back what is in force unconfirmed although its time is over; forgets a confirmation that never came to matter.
  /// - Throws: `NodeError` if a generation still waits.
  mutating func settleConfirmation() throws(NodeError) {
    guard let waiting = Confirmation.read(paths) else { return }
    guard waiting.generation == current else { return try Confirmation.remove(paths) }
    guard waiting.secondsLeft <= 0 else {
      throw NodeError(
        "generation \(current) waits to be confirmed for another \(waiting.secondsLeft) seconds: "
          + "'armorc confirm' or 'armorc rollback' first"
      )
    }
    if standing.inForce.previous != nil {
      _ = try rollback(forward: false)
    } else {
      // The first generation of all: before it, nothing was denied to anybody.
      try put(AppArmorStanding.Generation(generation: 0))
    }
    try Confirmation.remove(paths)
  }

  /// Removes all profiles of all generations and all files.
  mutating func unload() throws(NodeError) {
    try put(AppArmorStanding.Generation(generation: 0))
    try Confirmation.remove(paths)
    try GenerationFiles(paths).keep(only: [])
    try AppArmorStanding.remove(paths)
  }
}
