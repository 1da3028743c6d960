import Automata
package import IR

/// Decides records about one subject, by its table.
package final class SubjectVerdicts: Sendable {
  package let table: DecisionTable
  /// One executable of every source class, and nil for all others; with its class.
  private let sources: [(path: BytePath?, sourceClass: Int)]
  /// One path of every class of path arguments, and nil for none.
  private let arguments: [BytePath?]
  /// States that some path with a final slash leads to, ascending.
  private let directoryStates: [UInt32]
  /// What it holds in memory, in cells and transitions.
  let cost: Int

  package init(_ subject: SubjectPolicy) throws(TableBudgetError) {
    table = try DecisionTable(subject)
    func examples(_ classifier: Classifier) -> [BytePath] {
      classifier.shortestWitnesses().sorted { $0.key < $1.key }.compactMap { BytePath($0.value) }
    }
    let classes = table.sources
    sources = ([nil] + classes.paths.compactMap(\.first) + examples(table.syscalls.sources)).map { ($0, classes[$0]) }
    arguments = [nil] + examples(table.syscalls.paths)
    let paths = table.paths
    directoryStates = Set(
      (0..<UInt32(clamping: paths.stateCount)).map { paths.next($0, UInt8(ascii: "/")) }
    ).sorted()
    cost = table.sources.count * (table.pathClassCount * 6 + 200) + paths.transitions.count
  }

  /// The verdicts of all events that the record stands for. If the owner is not known, of both.
  package func decide(_ event: PartialEvent) -> (owner: VerdictSet, other: VerdictSet) {
    if let cells = cellsOfPlain(event) { return (VerdictSet(cells.owner), VerdictSet(cells.other)) }
    if let known = event.isOwner {
      let set = decide(event, isOwner: known)
      return (set, set)
    }
    guard event.looksAtOwner else {
      let set = decide(event, isOwner: true)
      return (set, set)
    }
    return (decide(event, isOwner: true), decide(event, isOwner: false))
  }

  /// Nearly all records are of one operation on one path by one source: decided without making any list.
  private func cellsOfPlain(_ event: PartialEvent) -> (owner: Cell, other: Cell)? {
    guard event.accesses.count == 1, case .oneOf(let sources) = event.source, sources.count == 1,
      case .path(let alternatives, .oneOf(let paths)) = event.accesses[0], paths.count == 1, alternatives.count == 1,
      let operation = PathOperation(alternatives[0])
    else { return nil }
    let source = table.sources[sources[0]]
    let pathClass = table.pathClass(of: paths[0])
    func cell(_ isOwner: Bool) -> Cell { table.cell(source: source, path: pathClass, operation, isOwner: isOwner) }
    if let known = event.isOwner {
      let one = cell(known)
      return (one, one)
    }
    return (cell(true), cell(false))
  }

  private func decide(_ event: PartialEvent, isOwner: Bool) -> VerdictSet {
    let sources =
      switch event.source {
      case .oneOf(let found): found.map { (path: $0, sourceClass: table.sources[$0]) }
      case .unknown: self.sources
      }
    // One walk for all sources.
    let classes = event.accesses.map { access in
      if case .path(_, let path) = access { self.classes(of: path) } else { [Int]() }
    }
    var result = VerdictSet()
    for (source, sourceClass) in sources {
      var all: VerdictSet?
      for (access, classes) in zip(event.accesses, classes) {
        let set = decide(access, classes, from: source, sourceClass, isOwner)
        all = all.map { $0.strictest(with: set) } ?? set
      }
      result.formUnion(all ?? VerdictSet(.free))
    }
    return result
  }

  /// `classes` are the path classes of a path.
  private func decide(
    _ access: PartialEvent.Access,
    _ classes: [Int],
    from source: BytePath?,
    _ sourceClass: Int,
    _ isOwner: Bool
  ) -> VerdictSet {
    var result = VerdictSet()
    switch access {
    case .path(let alternatives, _):
      for pathClass in classes {
        for operations in alternatives {
          var all: VerdictSet?
          for operation in PathOperation.allCases where operations.contains(operation) {
            let set = VerdictSet(table.cell(source: sourceClass, path: pathClass, operation, isOwner: isOwner))
            all = all.map { $0.strictest(with: set) } ?? set
          }
          if let all { result.formUnion(all) }
        }
      }
    case .network(let partial):
      if let socket = partial.socket { return VerdictSet(table.cell(source: sourceClass, SocketCell(socket))) }
      for cell in partial.cells { result.insert(table.cell(source: sourceClass, cell)) }
    case .capability(let capability): return VerdictSet(table.cell(source: sourceClass, capability))
    case .syscall(let name, let path):
      switch path {
      case nil: return VerdictSet(table.syscalls.cell(name, nil, from: source))
      case .oneOf(let paths)?: for one in paths { result.insert(table.syscalls.cell(name, one, from: source)) }
      // More than can be: if they all agree, so does what is.
      case .named?, .unknown?: for one in arguments { result.insert(table.syscalls.cell(name, one, from: source)) }
      }
    }
    return result
  }

  /// The path classes that a path may fall in, ascending for what is not known; class 0 is no path.
  private func classes(of path: PartialEvent.Path) -> [Int] {
    switch path {
    case .oneOf(let paths): return paths.map(table.pathClass(of:))
    case .unknown: return Array(1..<max(1, table.pathClassCount))
    case .named(let name):
      var found: Set<Int> = []
      for start in directoryStates {
        var state = start
        for byte in name { state = table.paths.next(state, byte) }
        found.insert(Int(table.paths.labels[Int(state)]))
      }
      found.remove(0)
      return found.sorted()
    }
  }
}
