import Automata
import IR

/// Puts regions into words.
struct RegionWords {
  private let table: JointTable
  private var paths: [ResourceClass: PathWords] = [:]
  private var sockets: [Set<SocketCell>: String] = [:]

  private let searchesPatterns: Bool

  init(_ table: JointTable, searchesPatterns: Bool) {
    self.table = table
    self.searchesPatterns = searchesPatterns
    for paths in table.paths {
      self.paths[paths.resourceClass] = PathWords(paths, searchesPatterns: searchesPatterns)
    }
  }

  /// As a rule one region; calls with and without a path argument are two.
  mutating func regions(_ draft: RegionDraft, _ witnesses: [ChangeWitness]) -> [ChangeRegion] {
    func region(_ objects: ChangeRegion.Objects, _ sources: SourceSet, _ witnesses: [ChangeWitness]) -> ChangeRegion {
      ChangeRegion(objects: objects, sources: sources, owner: draft.box.owner, witnesses: witnesses)
    }
    let mask = draft.box.sources
    let listed = { [table] in mask.listed.map { table.sources[$0] } }
    let named: SourceSet =
      switch draft.objects {
      case .syscalls(let calls): sources(mask, calls)
      default: mask.hasRest ? (mask.listed.isEmpty ? .any : .allBut(listed())) : .only(listed())
      }
    switch draft.objects {
    case .paths(let joint):
      let operations = PathOperation.allCases.filter { draft.box.operations.contains($0) }
      let language = paths[joint.resourceClass]?.language(draft.columns)
      return [region(.paths(operations, language ?? .everything), named, witnesses)]
    case .network:
      let cells = draft.columns.map { SocketCell(index: $0) }
      let words = sockets[Set(cells)] ?? SocketWords.text(Set(cells))
      sockets[Set(cells)] = words
      return [region(.sockets(cells, words: words), named, witnesses)]
    case .capabilities:
      let capabilities = draft.columns.compactMap { Capability(rawValue: UInt8(truncatingIfNeeded: $0)) }
      return [region(.capabilities(capabilities), named, witnesses)]
    case .syscalls(let calls):
      if draft.columns.count == calls.columns.count { return [region(.syscalls(calls.names, nil), named, witnesses)] }
      var result: [ChangeRegion] = []
      let bare = draft.columns.filter { calls.columns[$0].witness == nil }
      let withPath = draft.columns.filter { calls.columns[$0].witness != nil }
      func hasPath(_ witness: ChangeWitness) -> Bool {
        if case .syscall(_, .some) = witness.event.access { true } else { false }
      }
      if !bare.isEmpty {
        result.append(region(.syscallsWithoutPath(calls.names), named, witnesses.filter { !hasPath($0) }))
      }
      if !withPath.isEmpty {
        let samples = withPath.compactMap { calls.columns[$0].witness }
        let language = language(calls.pathAutomaton(of: withPath), samples)
        result.append(region(.syscalls(calls.names, language), named, witnesses.filter(hasPath)))
      }
      return result
    }
  }

  private func sources(_ mask: SourceMask, _ calls: JointSyscalls) -> SourceSet {
    if mask.listed.isEmpty { return mask.hasRest ? .any : .only([]) }
    let listed = mask.listed.map { calls.sources[$0] }
    let witnesses = listed.map(\.witness).sorted()
    if listed.allSatisfy(\.isSingle) { return mask.hasRest ? .allBut(witnesses) : .only(witnesses) }
    let language = language(calls.sourceAutomaton(of: mask.listed), witnesses)
    return mask.hasRest ? .allButMatching(language) : .matching(language)
  }

  private func language(_ automaton: Classifier, _ samples: [BytePath]) -> PathLanguage {
    if !searchesPatterns { return .vague(samples) }
    return PathLanguage.describing(
      automaton,
      where: { $0 == JointPaths.Label.inside },
      isPath: { $0 != JointPaths.Label.noPath }
    ) ?? .vague(samples)
  }
}

extension PathLanguage {
  /// Every path.
  static let everything = PathLanguage(include: ["/{,**}"])

  /// A language of which only some members are known.
  static func vague(_ samples: [BytePath]) -> PathLanguage {
    let shortest = samples.sorted { ($0.bytes.count, $0) < ($1.bytes.count, $1) }
    return PathLanguage(include: everything.include, isExact: false, samples: Array(shortest.prefix(3)))
  }
}
