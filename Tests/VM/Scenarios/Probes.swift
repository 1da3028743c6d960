import Automata
import IR

/// The paths on which a subject is tried: of every class of the decision table, inside and just outside of everything
/// that its rules name.
struct Probes {
  /// Sorted, without repeats.
  let paths: [BytePath]

  init(_ subject: SubjectPolicy, _ table: DecisionTable) {
    var found: Set<BytePath> = [.root]
    for witness in table.paths.shortestWitnesses().values { if let path = BytePath(witness) { found.insert(path) } }
    for rule in subject.rules {
      for set in rule.pathSets { found.formUnion(Probes.around(set)) }
    }
    paths = found.filter { $0.bytes.count < 200 }.sorted()
  }

  /// Paths in the set and neighbours that are not.
  static func around(_ set: PathSet) -> [BytePath] {
    func paths(_ texts: [[UInt8]]) -> [BytePath] { texts.compactMap { BytePath($0) } }
    func plus(_ bytes: [UInt8], _ suffix: String) -> [UInt8] { bytes + Array(suffix.utf8) }
    switch set {
    case .literal(let path):
      return paths([path.bytes, plus(path.bytes, "x"), plus(path.bytes, "/below"), Array(path.bytes.dropLast())])
    case .basename(let name):
      return paths([plus([], "/") + name, plus([], "/opt/deep/") + name, plus([], "/opt/x") + name])
    case .directory(let path, _, _):
      let slash = path == .root ? path.bytes : plus(path.bytes, "/")
      return paths([path.bytes, plus(slash, "child"), plus(slash, "deep/er/child"), plus(path.bytes, "x")])
    case .glob(let glob):
      guard let partition = try? Partition.of([glob.language, .absolutePath]) else { return [] }
      let inside = partition.classifier.shortestWitnesses().filter { partition.members[Int($0.key)] == [0, 1] }
      return inside.values.flatMap { witness in
        paths([witness, plus(witness, "x"), plus(witness, "/below"), Array(witness.dropLast())])
          + [BytePath(witness)?.parent].compactMap { $0 }
      }
    }
  }
}

extension Rule {
  /// The sets of paths it speaks of.
  var pathSets: [PathSet] {
    switch target {
    case .process(let set), .file(let set): [set]
    case .network, .capability, .syscall: []
    }
  }
}
