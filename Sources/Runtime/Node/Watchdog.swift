internal import CLinux
internal import Glibc

/// A process that outlives the loader and rolls back when nobody has confirmed.
package enum Watchdog {
  /// Starts this program again, in a session of its own and without a terminal.
  package static func start(_ arguments: [String]) throws(NodeError) {
    let isThere: Bool
    do throws(SystemError) {
      isThere = try Program.startDetached("/proc/self/exe", ["armorc"] + arguments, waiting: 20)
    } catch {
      throw NodeError("start the watchdog", error)
    }
    guard isThere else { throw NodeError("the watchdog does not start: nothing was loaded") }
  }

  /// Waits until the time is over or the load was confirmed, rolled back or replaced.
  package static func watch(_ paths: NodePaths, token: UInt64, expire: () throws(NodeError) -> Void) {
    // The loader waits for this sign, and for no other.
    _ = unsafe write(STDOUT_FILENO, "ready\n", 6)
    let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    if null >= 0 { _ = dup2(null, STDOUT_FILENO) }
    while let waiting = Confirmation.read(paths), waiting.token == token {
      if waiting.secondsLeft <= 0 {
        // Another process may hold the lock for long: once is not enough.
        do throws(NodeError) { try expire() } catch {
          usleep(900_000)
          continue
        }
        return
      }
      usleep(200_000)
    }
  }
}
