internal import Glibc

/// What programs are found by, and what they are given of this process's environment.
package enum Program {
  /// The value of an environment variable; nothing here changes the environment.
  static func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }

  /// Where nameless files are made.
  static var temporaryDirectory: String { variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp" }

  /// The program in an absolute directory of `PATH`, or else in one of `further`; nil if there is none.
  package static func path(of name: String, further: [String]) -> String? {
    let listed = (variable("PATH") ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    for directory in listed + further {
      let path = "\(directory)/\(name)"
      if FileAccess.kind(of: path) == .file, unsafe access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  /// Starts a program that nobody waits for: in a session of its own, with nothing open, in a plain environment.
  static func startDetached(_ path: String, _ arguments: [String]) throws(SystemError) {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    // Both are initialised here and released on every way out.
    guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { throw SystemError("posix_spawn", ENOMEM) }
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    guard unsafe posix_spawnattr_init(&attributes) == 0 else { throw SystemError("posix_spawn", ENOMEM) }
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    for descriptor in Int32(0)...2 {
      _ = unsafe posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    // POSIX_SPAWN_SETSID, which the C library shows with _GNU_SOURCE alone.
    _ = unsafe posix_spawnattr_setflags(&attributes, 0x80)
    // INVARIANT: the strings are copies that live until they are freed below; the array ends with nil.
    let pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    let environment: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
    defer { unsafe (pointers + environment).forEach { unsafe free($0) } }
    var child: pid_t = 0
    let problem = unsafe posix_spawn(&child, path, &actions, &attributes, pointers, environment)
    guard problem == 0 else { throw SystemError("posix_spawn", problem) }
  }

  /// Executes a program in place of this process; the error if that does not work.
  package static func replace(_ path: String, _ arguments: [String]) -> SystemError {
    // INVARIANT: the strings are copies that live until the program is replaced or they are freed below; the array ends
    // with nil.
    let pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    // What a Swift program sets for itself must not be handed on.
    signal(SIGPIPE, SIG_DFL)
    _ = unsafe execv(path, pointers)
    let error = SystemError("execve")
    unsafe pointers.forEach { unsafe free($0) }
    return error
  }
}
