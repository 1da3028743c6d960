import Analysis
import Automata
import IR
import Testing
import _PolicyTestSupport

/// One pair of subjects with everything that proves or refutes what `SubjectComparison` says of them. The tables are
/// compiled one by one, so nothing of the comparison's own work is taken on trust.
struct ComparisonProof {
  let pair: SubjectPair
  let old: DecisionTable
  let new: DecisionTable
  let diff: SubjectDiff
  let regions: [(entry: ChangeEntry, region: ChangeRegion, automata: RegionAutomata)]

  /// `searchesPatterns` takes most of the time.
  init(_ pair: SubjectPair, searchesPatterns: Bool) throws {
    self.pair = pair
    old = try DecisionTable(pair.old)
    new = try DecisionTable(pair.new)
    let comparison = SubjectComparison(
      old: pair.old.policies,
      new: pair.new.policies,
      searchesPatterns: searchesPatterns
    )
    let result = try comparison.automata(of: pair)
    diff = result.diff
    regions = zip(result.diff.entries, result.regions).flatMap { entry, automata in
      zip(entry.regions, automata).map { (entry, $0, $1) }
    }
  }

  init(_ old: SubjectPolicy, _ new: SubjectPolicy, searchesPatterns: Bool = false) throws {
    let pair = SubjectPair(name: "random", presence: .both, old: old, new: new)
    try self.init(pair, searchesPatterns: searchesPatterns)
  }

  var isEqual: Bool { old.meaning == new.meaning }

  func differs(_ event: Event) -> Bool { old.cell(for: event).verdict != new.cell(for: event).verdict }

  /// Verdicts and deciders of all witnesses, by evaluators that know all rules.
  func checkWitnesses() {
    let (before, after) = (Evaluator(pair.old), Evaluator(pair.new))
    for (entry, region, _) in regions {
      #expect(!region.witnesses.isEmpty && region.witnesses.count <= SubjectComparison.mostWitnesses)
      for witness in region.witnesses {
        #expect(before.decide(witness.event) == witness.old, "\(witness)\n\(pair)")
        #expect(after.decide(witness.event) == witness.new, "\(witness)\n\(pair)")
        #expect(witness.old.verdict == entry.old && witness.new.verdict == entry.new && entry.old != entry.new)
      }
    }
  }

  /// Patterns that claim to be exact are; the others leave nothing out.
  /// - Returns: how many are exact.
  func checkPatterns() throws -> Int {
    var exact = 0
    for (_, region, automata) in regions {
      let language: PathLanguage
      switch region.objects {
      case .paths(_, let paths), .syscalls(_, let paths?): language = paths
      default: continue
      }
      guard let paths = automata.paths else { continue }
      let include = try language.include.map { try Glob(Array($0.utf8)).language }
      let except = try language.except.map { try Glob(Array($0.utf8)).language }
      let patterns = try Partition.of([.union(include), .union(except)])
      let wrong = try paths.firstWitness(with: patterns.classifier) { label, patternLabel in
        let isMatched = patterns.members[Int(patternLabel)] == [0]
        return label == JointPaths.Label.inside && !isMatched
          || language.isExact && label == JointPaths.Label.outside && isMatched
      }
      #expect(wrong == nil, "\(language) and \(String(decoding: wrong ?? [], as: UTF8.self))\n\(pair)")
      if language.isExact { exact += 1 }
    }
    return exact
  }

  /// The regions hold exactly the events whose verdicts differ, each once.
  func checkWhole() throws {
    try checkPaths()
    checkNetworkAndCapabilities()
    try checkSystemCalls()
  }

  // MARK: Classes

  private var sources: [BytePath?] {
    [nil] + Set(old.sources.paths.flatMap { $0 } + new.sources.paths.flatMap { $0 }).sorted().map(Optional.some)
      + [BytePath("/nobody/names/this")]
  }

  private static func path(_ classifier: Classifier) -> Classifier {
    classifier.relabelled { $0 == 0 ? JointPaths.Label.noPath : JointPaths.Label.outside }
  }

  /// The union of disjoint regions; what is in two of them gets a label of its own.
  private static func union(_ start: Classifier, _ automata: [Classifier]) throws -> Classifier {
    try automata.reduce(start) { try $0.product($1) { $1 == JointPaths.Label.inside ? $0 + 1 : $0 } }
  }

  private func checkPaths() throws {
    let empty = ComparisonProof.path(old.paths)
    var known: [[Int]: Classifier] = [:]
    for source in sources {
      let (oldSource, newSource) = (old.sources[source], new.sources[source])
      for operation in PathOperation.allCases {
        for isOwner in [false, true] {
          let difference = try old.paths.product(new.paths) { left, right in
            if left == 0 { return JointPaths.Label.noPath }
            let before = old.cell(source: oldSource, path: Int(left), operation, isOwner: isOwner).verdict
            let after = new.cell(source: newSource, path: Int(right), operation, isOwner: isOwner).verdict
            return before == after ? JointPaths.Label.outside : JointPaths.Label.inside
          }
          let matching = regions.indices.filter { index in
            let region = regions[index].region
            guard case .paths(let operations, _) = region.objects else { return false }
            return operations.contains(operation) && region.owner.holds(isOwner: isOwner)
              && region.sources.contains(source, regions[index].automata.sources)
          }
          if known[matching] == nil {
            known[matching] = try ComparisonProof.union(empty, matching.compactMap { regions[$0].automata.paths })
          }
          #expect(known[matching] == difference, "\(operation) \(isOwner) \(String(describing: source))\n\(pair)")
        }
      }
    }
  }

  private func checkNetworkAndCapabilities() {
    for source in sources {
      for cell in SocketCell.all {
        let count = regions.count { _, region, automata in
          guard case .sockets(let cells, _) = region.objects else { return false }
          return cells.contains(cell) && region.sources.contains(source, automata.sources)
        }
        let event = Event(source: source, access: .network(cell.representative))
        #expect(count == (differs(event) ? 1 : 0), "\(event)\n\(pair)")
      }
      for capability in Capability.allCases {
        let count = regions.count { _, region, automata in
          guard case .capabilities(let capabilities) = region.objects else { return false }
          return capabilities.contains(capability) && region.sources.contains(source, automata.sources)
        }
        let event = Event(source: source, access: .capability(capability))
        #expect(count == (differs(event) ? 1 : 0), "\(event)\n\(pair)")
      }
    }
  }

  private func checkSystemCalls() throws {
    let (before, after) = (old.syscalls, new.syscalls)
    let pairs = try before.sources.product(after.sources) { $0 << 16 | $1 }
    let sources = [nil] + pairs.shortestWitnesses().values.compactMap { BytePath($0) }.map(Optional.some)
    // Labels of paths alone: the other strings may be anything.
    let path = try Partition.of([.absolutePath]).classifier
    let isPath = path.label(of: Array("/".utf8))
    let empty = path.relabelled { $0 == isPath ? JointPaths.Label.outside : JointPaths.Label.noPath }
    for name in Set(before.names + after.names).sorted() {
      for source in sources {
        let difference = try before.paths.product(after.paths) { $0 << 16 | $1 }
        let witnesses = difference.shortestWitnesses().mapValues { BytePath($0) }
        let labelled = difference.relabelled { label in
          guard let path = witnesses[label] ?? nil else { return JointPaths.Label.noPath }
          return before.cell(name, path, from: source).verdict == after.cell(name, path, from: source).verdict
            ? JointPaths.Label.outside : JointPaths.Label.inside
        }
        let expected = try empty.product(labelled) { $0 == JointPaths.Label.noPath ? $0 : $1 }
        var bare = 0
        var matching: [Classifier] = []
        for (_, region, automata) in regions where region.sources.contains(source, automata.sources) {
          switch region.objects {
          case .syscalls(let names, nil) where names.contains(name):
            bare += 1
            matching.append(empty.relabelled { $0 == JointPaths.Label.noPath ? $0 : JointPaths.Label.inside })
          case .syscalls(let names, _) where names.contains(name):
            if let paths = automata.paths { matching.append(paths) }
          case .syscallsWithoutPath(let names) where names.contains(name): bare += 1
          default: continue
          }
        }
        let event = Event(source: source, access: .syscall(name, nil))
        #expect(bare == (differs(event) ? 1 : 0), "\(event)\n\(pair)")
        #expect(try ComparisonProof.union(empty, matching) == expected, "\(event)\n\(pair)")
      }
    }
  }
}

extension SourceSet {
  /// `language` is that of `matching` and `allButMatching`.
  func contains(_ source: BytePath?, _ language: Classifier?) -> Bool {
    func matches() -> Bool { source.map { language?.label(of: $0.bytes) == JointPaths.Label.inside } ?? false }
    switch self {
    case .any: return true
    case .only(let paths): return source.map(paths.contains) ?? false
    case .allBut(let paths): return !(source.map(paths.contains) ?? false)
    case .programsBut(let paths): return source.map { !paths.contains($0) } ?? false
    case .matching: return matches()
    case .allButMatching: return !matches()
    }
  }
}
