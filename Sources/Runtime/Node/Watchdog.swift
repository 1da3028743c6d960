internal import CLinux
internal import Glibc

/// A process that outlives the loader and rolls back when nobody has confirmed.
package enum Watchdog {
  /// Starts this program again, in a session of its own and without a terminal.
  package static func start(_ arguments: [String]) throws(NodeError) {
    do throws(SystemError) {
      try Program.startDetached("/proc/self/exe", ["armorc"] + arguments)
    } catch {
      throw NodeError("start the watchdog", error)
    }
  }

  /// Waits until the time is over or the load was confirmed, rolled back or replaced.
  package static func watch(_ paths: NodePaths, token: UInt64, expire: () throws(NodeError) -> Void) {
    while let waiting = Confirmation.read(paths), waiting.token == token {
      if waiting.secondsLeft <= 0 {
        // Another process may hold the lock for long: once is not enough.
        do throws(NodeError) { try expire() } catch {
          usleep(1_000_000)
          continue
        }
        return
      }
      usleep(200_000)
    }
  }
}
