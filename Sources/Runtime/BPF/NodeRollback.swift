internal import CLinux
internal import Glibc

/// Going back to the generation before, and away from all of them.
enum NodeRollback {
  static let nothingLoaded = NodeError("nothing is loaded on this node")

  /// Switches to the other bank. `forward`: to the generation that the last roll-back left.
  static func run(_ paths: NodePaths, forward: Bool) throws(NodeError) -> RollbackResult {
    guard let lock = try NodeLock.take(paths, making: false), let matcher = try PinnedMatcher.open(paths) else {
      throw nothingLoaded
    }
    defer { extendLifetime(lock) }
    let result = try flip(matcher, forward: forward)
    try Confirmation.remove(paths)
    return result
  }

  private static func flip(_ matcher: borrowing PinnedMatcher, forward: Bool) throws(NodeError) -> RollbackResult {
    var control = try matcher.readControl()
    guard control.generation > 0 else { throw nothingLoaded }
    guard let other = try matcher.readBanks()[Int(control.otherBank)].first, other.isReadyBank else {
      throw NodeError("generation \(control.generation) is in force and there is none before it to return to")
    }
    if other.generation > control.generation && !forward {
      throw NodeError(
        "generation \(control.generation) is in force and there is none before it; "
          + "the one that was rolled back, \(other.generation), is put in force by 'armorc rollback --forward'"
      )
    }
    if other.generation < control.generation && forward {
      throw NodeError("generation \(control.generation) is the newest; there is none to go forward to")
    }
    let result = RollbackResult(from: control.generation, to: other.generation)
    control.bank = control.otherBank
    control.generation = other.generation
    try matcher.putInForce(control)
    return result
  }

  // MARK: Confirmation

  /// Keeps the generation in force that waits for it.
  /// - Returns: its number.
  static func confirm(_ paths: NodePaths) throws(NodeError) -> UInt32 {
    guard let lock = try NodeLock.take(paths, making: false), let matcher = try PinnedMatcher.open(paths) else {
      throw nothingLoaded
    }
    defer { extendLifetime(lock) }
    guard let waiting = Confirmation.read(paths), waiting.generation == (try matcher.readControl()).generation else {
      throw NodeError("no generation waits for a confirmation")
    }
    guard waiting.secondsLeft > 0 else {
      try settle(matcher)
      throw NodeError("too late: generation \(waiting.generation) was rolled back")
    }
    try Confirmation.remove(paths)
    return waiting.generation
  }

  /// What the watchdog does when the time is over: rolls back, unless this very load was confirmed or replaced.
  static func expire(_ paths: NodePaths, token: UInt64) throws(NodeError) {
    guard let lock = try NodeLock.take(paths, making: false), let matcher = try PinnedMatcher.open(paths) else {
      return
    }
    defer { extendLifetime(lock) }
    guard let waiting = Confirmation.read(paths), waiting.token == token else { return }
    try settle(matcher)
  }

  /// Rolls back what is in force unconfirmed although its time is over; forgets a confirmation that never came to matter.
  /// - Throws: `NodeError` if a generation still waits.
  static func settle(_ matcher: borrowing PinnedMatcher) throws(NodeError) {
    guard let waiting = Confirmation.read(matcher.paths) else { return }
    let control = try matcher.readControl()
    guard waiting.generation == control.generation else { return try Confirmation.remove(matcher.paths) }
    guard waiting.secondsLeft <= 0 else {
      throw NodeError(
        "generation \(control.generation) waits to be confirmed for another \(waiting.secondsLeft) seconds: "
          + "'armorc confirm' or 'armorc rollback' first"
      )
    }
    let other = try matcher.readBanks()[Int(control.otherBank)].first
    if let other, other.isReadyBank, other.generation < control.generation {
      _ = try flip(matcher, forward: false)
    } else {
      // The first generation of all: before it, nothing was denied to anybody.
      try withdraw(matcher)
    }
    try Confirmation.remove(matcher.paths)
  }

  /// Puts an empty bank in force.
  private static func withdraw(_ matcher: borrowing PinnedMatcher) throws(NodeError) {
    var control = try matcher.readControl()
    var slots: [UInt32: BankWriter.Slot] = [:]
    for (id, entry) in try matcher.readBanks()[Int(control.bank)].enumerated().dropFirst() where !entry.name.isEmpty {
      slots[UInt32(id)] = BankWriter.Slot(name: entry.name, tier: nil, image: nil)
    }
    control.bank = control.otherBank
    control.generation += 1
    clinux_wait_for_programs()
    try BankWriter(matcher, bank: control.bank).write(slots, generation: control.generation, matcher)
    try matcher.putInForce(control)
  }

  // MARK: Unload

  /// Takes everything away: programs are detached first, then maps and files go.
  /// - Returns: whether there was anything.
  static func unload(_ paths: NodePaths) throws(NodeError) -> Bool {
    guard let lock = try NodeLock.take(paths, making: false) else {
      guard FileAccess.kind(of: paths.pins) != .missing else { return false }
      // The state directory is gone, the pins are not (a cleared /run).
      try removePins(paths)
      return true
    }
    defer { extendLifetime(lock) }
    let wasLoaded = FileAccess.kind(of: paths.pins) != .missing
    try removePins(paths)
    try Confirmation.remove(paths)
    try GenerationFiles(paths).keep(only: [])
    // Whoever reads events sees that there are none any more.
    _ = unsafe unlink(paths.eventLock)
    // The lock file goes while it is locked; who waits for it sees that it is not the file any more.
    guard unsafe unlink(paths.lock) == 0 || errno == ENOENT else { throw NodeError(.last("remove", paths.lock)) }
    _ = unsafe rmdir(paths.state)
    return wasLoaded
  }

  /// By one rename, so that nobody finds half of them.
  private static func removePins(_ paths: NodePaths) throws(NodeError) {
    try BPFDirectory.remove(paths.abandonedPins)
    try BPFDirectory.remove(paths.unfinishedPins)
    guard FileAccess.kind(of: paths.pins) != .missing else { return }
    let programs = PinnedPrograms(paths)
    guard unsafe rename(paths.pins, paths.abandonedPins) == 0 else { throw NodeError(.last("rename", paths.pins)) }
    try BPFDirectory.remove(paths.abandonedPins)
    // The kernel detaches a moment after the last hold on a link is gone.
    programs.waitUntilGone()
  }
}
