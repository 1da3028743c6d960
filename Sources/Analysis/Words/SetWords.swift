internal import Diagnostics
package import IR

extension SourceSet {
  /// `from any source`, `from /bin/cat or /bin/nc`, `from any source but /bin/cat`; safe to print. Beyond `most` paths
  /// the rest is counted.
  package func words(most: Int = .max) -> String {
    func list(_ paths: [BytePath], by last: String) -> String {
      WordList.joined(paths.map { DisplayText.safe($0.description) }, by: last, most: most)
    }
    switch self {
    case .any: return "from any source"
    case .only(let paths): return paths.isEmpty ? "from no source" : "from " + list(paths, by: "or")
    case .allBut(let paths): return paths.isEmpty ? "from any source" : "from any source but " + list(paths, by: "and")
    case .programsBut(let paths):
      return paths.isEmpty ? "from any program" : "from any program but " + list(paths, by: "and")
    case .matching(let language): return "from " + language.text(most: most)
    case .allButMatching(let language): return "from any source but " + language.text(most: most)
    }
  }
  package var words: String { words() }
}

extension OwnerCondition {
  /// `as owner`, `as other`; nothing for any actor.
  package var words: String {
    switch self {
    case .any: ""
    case .owner: "as owner"
    case .other: "as other"
    }
  }
}

extension PathOperation {
  /// `read and write`, in the order of the cases.
  package static func words(_ operations: some Sequence<PathOperation>) -> String {
    let wanted = Set(operations)
    return WordList.joined(allCases.filter(wanted.contains).map(\.name))
  }
}
