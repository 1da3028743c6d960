internal import Glibc

/// What programs are found by, and what they are given of this process's environment.
enum Program {
  /// The value of an environment variable; nothing here changes the environment.
  static func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }

  /// Where nameless files are made.
  static var temporaryDirectory: String { variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp" }

  /// The program in an absolute directory of `PATH`, or else in one of `further`; nil if there is none.
  static func path(of name: String, further: [String]) -> String? {
    let listed = (variable("PATH") ?? "").split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    for directory in listed + further {
      let path = "\(directory)/\(name)"
      if FileAccess.kind(of: path) == .file, unsafe access(path, X_OK) == 0 { return path }
    }
    return nil
  }
}
