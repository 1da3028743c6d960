import Automata

/// A named, versioned list of `Allow` rules that a class in allow-list mode gets on every backend alike (`--base`). It never
/// switches a class to allow-list mode, and a block of a policy still wins over it.
package struct BaseList: Hashable, Sendable {
  package let name: String
  package let rules: [Rule]

  package static let all: [BaseList] = [runtimeV1]

  package static func named(_ name: String) -> BaseList? { all.first { $0.name == name } }

  /// What a dynamically linked program reads before its own first line runs, and the devices that every shell opens.
  /// Once published it never changes; another list gets another version.
  package static let runtimeV1 = BaseList(
    name: "runtime-v1",
    readOnly: [
      "/lib/", "/lib32/", "/lib64/", "/libx32/", "/usr/lib/", "/usr/lib32/", "/usr/lib64/", "/usr/libx32/",
      "/usr/local/lib/", "/etc/ld.so.conf.d/", "/usr/share/locale/", "/usr/share/zoneinfo/",
    ],
    readOnlyPaths: [
      "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.preload", "/etc/localtime", "/etc/nsswitch.conf",
      "/dev/random", "/dev/urandom",
    ],
    paths: ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty"]
  )

  private init(name: String, readOnly directories: [String], readOnlyPaths: [String], paths: [String]) {
    self.name = name
    let id = PolicyID(kind: .base, namespace: "", name: name)
    var sets: [(PathSet, Bool)] = []
    for text in directories {
      guard let path = BytePath(String(text.dropLast())) else { continue }
      sets.append((.directory(path, recursive: true, includesSelf: true), true))
    }
    for text in readOnlyPaths { if let path = BytePath(text) { sets.append((.literal(path), true)) } }
    for text in paths { if let path = BytePath(text) { sets.append((.literal(path), false)) } }
    // A flagged rule of a base list only allows what its flags permit; it never blocks the rest (`Rule.blocksTheRest`).
    rules = sets.enumerated().map { index, entry in
      Rule(
        target: .file(entry.0),
        action: .allow,
        readOnly: entry.1,
        origin: Origin(
          policy: id,
          position: index,
          path: "base[\(index)]",
          location: Location(file: "<\(name)>", line: index + 1, column: 1)
        )
      )
    }
  }
}
