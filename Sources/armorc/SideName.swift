/// Paths as they are written, without looking at any file.
enum SideName {
  /// Without `.` components, repeated slashes and a slash at the end; empty for the current directory. So the files of a
  /// revision and of the work tree are called alike.
  static func plain(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// The components from the top of the work tree of a path that is relative to `prefix`; nil if it leads out.
  static func components(_ path: String, in prefix: String = "") -> [String]? {
    var result: [String] = []
    for part in (prefix + "/" + path).split(separator: "/") where part != "." {
      if part != ".." {
        result.append(String(part))
      } else if result.popLast() == nil {
        return nil
      }
    }
    return result
  }

  /// What a path from the top is called in the directory `prefix`; empty for that directory.
  static func relative(_ components: [String], to prefix: String) -> String {
    let here = prefix.split(separator: "/").map(String.init)
    let common = zip(here, components).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: here.count - common) + components[common...]).joined(separator: "/")
  }

  static func joined(_ base: String, _ rest: String) -> String {
    base.isEmpty || rest.isEmpty ? base + rest : base.hasSuffix("/") ? base + rest : base + "/" + rest
  }
}
