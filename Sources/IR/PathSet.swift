package import Automata

/// The paths one match list entry speaks of (SEMANTICS §4).
package enum PathSet: Hashable, Sendable {
  /// `matchPaths.path`: that path, byte for byte.
  case literal(BytePath)
  /// `matchPaths.execname`: any path whose last component is that name (not empty, no `/`, no NUL).
  case basename([UInt8])
  /// `matchDirectories`: direct children (`recursive`: everything below), and the directory itself if `includesSelf`
  /// (file class).
  case directory(BytePath, recursive: Bool, includesSelf: Bool)
  /// `matchPatterns.pattern`.
  case glob(Glob)

  /// As an expression over bytes; strings that are no paths may or may not belong to it.
  package var language: Language {
    switch self {
    case .literal(let path):
      return .literal(path.bytes)
    case .basename(let name):
      return .sequence([.literal("/"), .optional(.sequence([.anyPathBytes, .literal("/")])), .literal(name)])
    case .directory(let path, let recursive, let includesSelf):
      let slash = UInt8(ascii: "/")
      let prefix = path == .root ? [slash] : path.bytes + [slash]
      let name = Language.sequence([.byte(.nameByte), .anyNameBytes])
      let below = Language.sequence([.literal(prefix), recursive ? .sequence([name, .anyPathBytes]) : name])
      return includesSelf ? .union([.literal(path.bytes), below]) : below
    case .glob(let glob):
      return glob.language
    }
  }

  /// Whether `path` belongs to it, decided without automata: the evaluator's way.
  package func contains(_ path: BytePath) -> Bool {
    switch self {
    case .literal(let literal):
      return path == literal
    case .basename(let name):
      return path.basename.elementsEqual(name)
    case .directory(let directory, let recursive, let includesSelf):
      if path == directory { return includesSelf }
      return recursive ? path.isBelow(directory) : path.parent == directory
    case .glob(let glob):
      return glob.matchesSlowly(path.bytes)
    }
  }

  /// The text as it stands in a policy.
  package var description: String {
    switch self {
    case .literal(let path): path.description
    case .basename(let name): printable(name)
    case .directory(let path, let recursive, _):
      (path == .root ? "/" : path.description + "/") + (recursive ? " (recursive)" : "")
    case .glob(let glob): printable(glob.text)
    }
  }

  /// About how many automaton states it takes.
  package var size: Int {
    switch self {
    case .literal(let path), .directory(let path, _, _): path.bytes.count
    case .basename(let name): name.count
    case .glob(let glob): glob.text.count
    }
  }
}
