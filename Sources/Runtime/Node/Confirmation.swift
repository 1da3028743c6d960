internal import CLinux
internal import FoundationEssentials
internal import Glibc

/// A generation that is rolled back unless somebody confirms it in time.
package struct Confirmation: Codable, Hashable, Sendable {
  package var generation: UInt32
  /// Of this load alone: numbers of generations that never came into force are given again.
  package var token: UInt64
  /// Seconds since boot, sleep included.
  package var deadline: Int

  package init(generation: UInt32, seconds: Int) throws(NodeError) {
    var random: CUnsignedLongLong = 0
    guard unsafe clinux_random(&random) == 0 else { throw NodeError("choose a token", SystemError("getrandom")) }
    self.generation = generation
    token = random
    deadline = Confirmation.now + seconds
  }

  private static let longest = 1 << 20

  /// Seconds since boot, sleep included.
  package static var now: Int {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return time.tv_sec
  }

  package var secondsLeft: Int { deadline - Confirmation.now }

  /// Nil if nothing waits.
  package static func read(_ paths: NodePaths) -> Confirmation? {
    guard let bytes = try? FileAccess.read(paths.confirmation, limit: 4096) else { return nil }
    guard let read = try? JSONDecoder().decode(Confirmation.self, from: Data(bytes)),
      // Nobody waits longer than `--confirm-within` allows: what says so was not written by a load.
      (0...now + Confirmation.longest).contains(read.deadline)
    else { return nil }
    return read
  }

  func write(_ paths: NodePaths) throws(NodeError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    do {
      try FileAccess.replace(paths.confirmation, with: Array(try encoder.encode(self)))
    } catch let error as FileError {
      throw NodeError(error)
    } catch {
      throw NodeError("cannot write '\(paths.confirmation)'")
    }
  }

  static func remove(_ paths: NodePaths) throws(NodeError) {
    guard unsafe unlink(paths.confirmation) == 0 || errno == ENOENT else {
      throw NodeError(.last("remove", paths.confirmation))
    }
  }
}
