internal import CLinux
internal import Glibc

/// SIGINT and SIGTERM as something to wait for.
package struct Interruption: ~Copyable {
  private let descriptor: Int32

  /// From here on the two signals no longer end the process.
  package init() throws(NodeError) {
    descriptor = clinux_signal_descriptor()
    guard descriptor >= 0 else { throw NodeError("wait for signals", SystemError("signalfd")) }
  }

  deinit { _ = close(descriptor) }

  package enum Waking { case interrupted, ready, timeout }

  /// Waits until there is something to read, a signal, or the time is over. A descriptor below 0 is none.
  package borrowing func wait(for other: Int32, milliseconds: Int32) -> Waking {
    var wanted = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    if other >= 0 { wanted.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
    let count = nfds_t(wanted.count)
    // As many structures as are said.
    let result = unsafe poll(&wanted, count, milliseconds)
    guard result > 0 else { return .timeout }
    if wanted[0].revents != 0 { return .interrupted }
    return wanted.count > 1 && wanted[1].revents != 0 ? .ready : .timeout
  }

  /// Waits until something can be written: false if a signal came instead.
  borrowing func waitForRoom(in other: Int32) -> Bool {
    while true {
      var wanted = [
        pollfd(fd: other, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      ]
      // As above. What was to be written before the signal still is, if there is room.
      guard unsafe poll(&wanted, 2, -1) > 0 else { continue }
      if wanted[0].revents != 0 { return true }
      if wanted[1].revents != 0 { return false }
    }
  }
}

/// Clocks and the name of this node.
package enum Node {
  /// When it was booted, in nanoseconds since 1970, by the clock of now.
  package static var bootTime: Int {
    var now = timespec()
    var up = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    unsafe clock_gettime(CLOCK_BOOTTIME, &up)
    func nanoseconds(_ time: timespec) -> Int { time.tv_sec * 1_000_000_000 + time.tv_nsec }
    return nanoseconds(now) - nanoseconds(up)
  }

  package static var now: Int {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
  }

  /// Empty if it has none.
  package static var hostName: String {
    var name = utsname()
    guard unsafe uname(&name) == 0 else { return "" }
    // INVARIANT: uname fills in strings that end with NUL.
    return unsafe withUnsafeBytes(of: &name.nodename) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
