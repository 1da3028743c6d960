import Automata
package import IR

/// Decides records about one subject, by its table.
package final class SubjectVerdicts: Sendable {
  package typealias Pair = (owner: VerdictSet, other: VerdictSet)

  package let table: DecisionTable
  private let flat: FlatTable
  /// One executable of every source class, and nil for all others; with its class.
  private let sources: [(path: BytePath?, sourceClass: Int)]
  /// One path of every class of path arguments, and nil for none.
  private let arguments: [BytePath?]
  private let openPaths: OpenPaths
  /// What it holds in memory, in cells and transitions.
  let cost: Int

  /// Says of events what an enforcer's artifact says.
  package typealias Matcher = @Sendable (Event) -> Verdict

  /// Asked beside the table of every event that a record fully tells.
  let matcher: Matcher?

  package init(_ subject: SubjectPolicy, matcher: Matcher? = nil) throws(TableBudgetError) {
    self.matcher = matcher
    table = try DecisionTable(subject)
    flat = FlatTable(table)
    func examples(_ classifier: Classifier) -> [BytePath] {
      classifier.shortestWitnesses().sorted { $0.key < $1.key }.compactMap { BytePath($0.value) }
    }
    let classes = table.sources
    sources = ([nil] + classes.paths.compactMap(\.first) + examples(table.syscalls.sources)).map { ($0, classes[$0]) }
    arguments = [nil] + examples(table.syscalls.paths)
    openPaths = OpenPaths(table.paths, classes: table.pathClassCount)
    cost =
      table.sources.count * (table.pathClassCount * 6 + 200) + table.paths.transitions.count + flat.size
  }

  /// The verdicts of all events that the record stands for. If the owner is not known, of both.
  package func decide(_ event: PartialEvent) -> Pair {
    // Nearly all records are of one access: no list is made for them.
    guard event.accesses.count == 1 else { return decideAll(event) }
    switch event.accesses[0] {
    case .path(let alternatives, .oneOf(let paths)):
      var result: Pair = (VerdictSet(), VerdictSet())
      for path in paths {
        insert(alternatives, flat.pathClass(of: path), from: event.source, event.isOwner, into: &result)
      }
      return result
    case .path(let alternatives, let path):
      return openPaths.verdicts(OpenPaths.Key(path, alternatives, event, flat)) { classes in
        var result: Pair = (VerdictSet(), VerdictSet())
        for one in classes { insert(alternatives, one, from: event.source, event.isOwner, into: &result) }
        return result
      }
    case let access:
      var result = VerdictSet()
      switch event.source {
      case .oneOf(let found):
        for one in found { result.formUnion(decide(access, [], from: one, flat.sourceClass(of: one), isOwner: true)) }
      case .unknown:
        for one in sources { result.formUnion(decide(access, [], from: one.path, one.sourceClass, isOwner: true)) }
      }
      return (result, result)
    }
  }

  // MARK: One path

  /// Adds what an access to a path of some class may come to. If the owner is known, both hold the same.
  private func insert(
    _ alternatives: [PathOperations],
    _ pathClass: Int,
    from source: PartialEvent.Source,
    _ isOwner: Bool?,
    into result: inout Pair
  ) {
    for operations in alternatives {
      switch source {
      case .oneOf(let found):
        for one in found { insert(operations, pathClass, from: flat.sourceClass(of: one), isOwner, into: &result) }
      case .unknown:
        for one in 0..<flat.sourceCount { insert(operations, pathClass, from: one, isOwner, into: &result) }
      }
    }
  }

  private func insert(
    _ operations: PathOperations,
    _ pathClass: Int,
    from source: Int,
    _ isOwner: Bool?,
    into result: inout Pair
  ) {
    func add(_ isOwner: Bool, to set: inout VerdictSet) {
      if let cell = strictest(operations, pathClass, from: source, isOwner: isOwner) { set.insert(cell) }
    }
    if let isOwner {
      add(isOwner, to: &result.owner)
      result.other = result.owner
    } else {
      add(true, to: &result.owner)
      add(false, to: &result.other)
    }
  }

  /// Of several operations that all take place, what the strictest one comes to, the first of such.
  private func strictest(_ operations: PathOperations, _ pathClass: Int, from source: Int, isOwner: Bool) -> Cell? {
    if let operation = PathOperation(operations) {
      return flat.cell(source: source, path: pathClass, operation, isOwner: isOwner)
    }
    var result: Cell?
    for operation in PathOperation.allCases where operations.contains(operation) {
      let cell = flat.cell(source: source, path: pathClass, operation, isOwner: isOwner)
      if let known = result, known.verdict.rawValue >= cell.verdict.rawValue { continue }
      result = cell
    }
    return result
  }

  // MARK: Any accesses

  private func decideAll(_ event: PartialEvent) -> Pair {
    // One walk for all sources.
    let classes = event.accesses.map { access in
      switch access {
      case .path(_, .oneOf(let paths)): paths.map(flat.pathClass(of:))
      case .path(_, let path): openPaths.classes(of: path)
      case .network, .capability, .syscall: [Int]()
      }
    }
    if let isOwner = event.isOwner {
      let set = decideAll(event, classes, isOwner: isOwner)
      return (set, set)
    }
    return (decideAll(event, classes, isOwner: true), decideAll(event, classes, isOwner: false))
  }

  private func decideAll(_ event: PartialEvent, _ classes: [[Int]], isOwner: Bool) -> VerdictSet {
    let sources =
      switch event.source {
      case .oneOf(let found): found.map { (path: $0, sourceClass: flat.sourceClass(of: $0)) }
      case .unknown: self.sources
      }
    var result = VerdictSet()
    for (source, sourceClass) in sources {
      var all: VerdictSet?
      for (access, classes) in zip(event.accesses, classes) {
        let set = decide(access, classes, from: source, sourceClass, isOwner: isOwner)
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
    isOwner: Bool
  ) -> VerdictSet {
    var result = VerdictSet()
    switch access {
    case .path(let alternatives, _):
      for pathClass in classes {
        for operations in alternatives {
          guard let cell = strictest(operations, pathClass, from: sourceClass, isOwner: isOwner) else { continue }
          result.insert(cell)
        }
      }
    case .network(let partial):
      if let socket = partial.socket { return VerdictSet(flat.cell(source: sourceClass, SocketCell(socket))) }
      for cell in partial.cells { result.insert(flat.cell(source: sourceClass, cell)) }
    case .capability(let capability): return VerdictSet(flat.cell(source: sourceClass, capability))
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
}
