import Diagnostics
import Glibc

/// Standard output and standard error, and what they lead to.
enum Terminal {
  /// Whether colour is wanted on standard output: a terminal, `NO_COLOR` not set, not a dumb one.
  static var wantsColour: Bool { wantsColour(STDOUT_FILENO) }
  /// The same of standard error.
  static var wantsErrorColour: Bool { wantsColour(STDERR_FILENO) }

  private static func wantsColour(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && environment("NO_COLOR") == nil && environment("TERM") != "dumb"
  }

  /// Columns of the terminal, or 120 where there is none.
  static var width: Int {
    var size = winsize()
    // INVARIANT: TIOCGWINSZ fills in exactly one winsize.
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 120 }
    return min(Int(size.ws_col), 200)
  }

  static func environment(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }

  static func print(_ text: String) { write(text.hasSuffix("\n") || text.isEmpty ? text : text + "\n", STDOUT_FILENO) }

  static func error(_ text: String) { write(text.hasSuffix("\n") ? text : text + "\n", STDERR_FILENO) }

  /// Something to know that stops nothing: one line on standard error, whatever its text holds.
  static func note(_ text: String) { error("armorc: note: " + DisplayText.safe(text)) }

  /// Without a line break.
  static func rawError(_ text: String) { write(text, STDERR_FILENO) }

  private static func write(_ text: String, _ descriptor: Int32) {
    let bytes = Array(text.utf8)
    var offset = 0
    while offset < bytes.count {
      let written = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      if written < 0 {
        if errno == EINTR { continue }
        // Whoever read the output is gone: end quietly, as a filter does.
        exit(errno == EPIPE && descriptor == STDOUT_FILENO ? 0 : ExitStatus.failure.rawValue)
      }
      offset += written
    }
  }
}

/// A line on standard error that says how far long work is; only on a terminal, only after a second.
struct Progress: Sendable {
  private let started = ContinuousClock.now
  private let isShown = isatty(STDERR_FILENO) == 1 && Terminal.environment("TERM") != "dumb"
  let what: String

  init(_ what: String) { self.what = what }

  func show(_ done: Int, of total: Int) {
    guard isShown, started.duration(to: .now) > .seconds(1), done % max(1, total / 200) == 0 || done == total else {
      return
    }
    let percent = total == 0 ? 100 : done * 100 / total
    let line = "\r\u{1B}[K\(what) \(done)/\(total) (\(percent) %)" + (done == total ? "\r\u{1B}[K" : "")
    Terminal.rawError(line)
  }
}
