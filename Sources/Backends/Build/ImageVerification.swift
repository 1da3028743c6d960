import Automata
package import Bundle
package import IR

/// An event on which an image and the policies disagree.
package struct ImageDifference: Hashable, Sendable {
  /// In the event language, shortest of its kind; or what differs where no event shows it.
  package let witness: String
  package let expected: Decision
  package let actual: ImageDecision
}

/// Proves that a map image says what a decision table says: of every string, source, owner, socket, capability and system
/// call, and who decides.
package struct ImageVerification: Sendable {
  /// Pairs of states that were visited.
  package let pairs: Int
  /// Cells that were compared.
  package private(set) var cells = 0
  /// Shortest witness first; one per kind of access and pair of answers.
  package private(set) var differences: [ImageDifference] = []
  /// What is wrong beside cells: masks, flags, names.
  package private(set) var defects: [String] = []

  /// A string for every pair of classes of image and table.
  package let witnesses: ImageWitnesses

  package var isProved: Bool { differences.isEmpty && defects.isEmpty }

  private let image: MapImage
  private let table: DecisionTable
  private var blocking: Set<ResourceClass> = []
  /// Pairs of cells that say the same.
  private var equal: Set<UInt64> = []
  private var shortest: [Kind: ImageDifference] = [:]

  private struct Kind: Hashable {
    let access: Int
    let cells: UInt64
  }

  /// Classes of the table and of the image that some source is in, and such a source; nil is none.
  private struct SourcePair {
    let table: Int
    let image: Int
    let witness: BytePath?
  }

  /// - Throws: `BudgetError` if the table's sources make too large an automaton.
  package init(
    _ image: MapImage,
    _ table: DecisionTable,
    subject: String,
    presets: [Preset: PresetRule] = [:],
    visible: Set<ResourceClass> = []
  ) throws {
    self.image = image
    self.table = table
    let starts = image.header.start
    let members = table.sources.paths.enumerated().flatMap { index, paths in paths.map { ($0, UInt32(index)) } }
    let partition = try Partition.of(members.map { .literal($0.0.bytes) } + [.absolutePath])
    let sorted = partition.classifier.relabelled { label in
      let inside = partition.members[Int(label)]
      guard inside.last == members.count else { return 0 }
      return inside.count > 1 ? members[inside[0]].1 + 1 : 1
    }
    let sourceWalk = ImageWalk(image, from: starts[1], beside: sorted, ignoring: 0)
    let sources =
      [SourcePair(table: 0, image: 0, witness: nil)]
      + sourceWalk.witnesses.map {
        SourcePair(table: Int($0.labels.table) - 1, image: Int($0.labels.image), witness: BytePath($0.witness))
      }
    let pathWalk = ImageWalk(image, from: starts[0], beside: table.paths, ignoring: 0)
    let callSources = ImageWalk(image, from: starts[3], beside: table.syscalls.sources, ignoring: nil)
    let callPaths = ImageWalk(image, from: starts[2], beside: table.syscalls.paths, ignoring: nil)
    pairs = sourceWalk.pairCount + pathWalk.pairCount + callSources.pairCount + callPaths.pairCount
    witnesses = ImageWitnesses(
      sources: sourceWalk.witnesses.map(\.witness),
      paths: pathWalk.witnesses.map(\.witness),
      callSources: callSources.witnesses.map(\.witness),
      callPaths: callPaths.witnesses.map(\.witness)
    )
    for source in sources {
      comparePaths(source, pathWalk)
      compareOthers(source)
    }
    compareCalls(callSources, callPaths)
    comparePresets(presets)
    checkRest(subject, visible)
    differences = shortest.values.sorted {
      ($0.witness.utf8.count, $0.witness) < ($1.witness.utf8.count, $1.witness)
    }
  }

  // MARK: Cells

  private mutating func comparePaths(_ source: SourcePair, _ walk: ImageWalk) {
    for (labels, witness) in walk.witnesses {
      let row = image.row(source: source.image, label: Int(labels.image))
      for operation in PathOperation.allCases {
        for isOwner in [false, true] {
          compare(
            Int(operation.rawValue) * 2 + (isOwner ? 1 : 0),
            operation.resourceClass,
            table.cell(source: source.table, path: Int(labels.table), operation, isOwner: isOwner),
            image.cell(row: row, operation, isOwner: isOwner)
          ) {
            BytePath(witness).map {
              "\(Event(source: source.witness, access: .path(operation, $0), isOwner: isOwner))"
            } ?? "\(operation.name) a path of \(witness.count) bytes"
          }
        }
      }
    }
  }

  private mutating func compareOthers(_ source: SourcePair) {
    for socket in SocketCell.all {
      compare(
        6,
        .network,
        table.cell(source: source.table, socket),
        image.cell(source: source.image, socket: socket)
      ) { "\(Event(source: source.witness, access: .network(socket.representative)))" }
    }
    for capability in Capability.allCases {
      compare(
        7,
        .capabilities,
        table.cell(source: source.table, capability),
        image.cell(source: source.image, capability: Int(capability.rawValue))
      ) { "\(Event(source: source.witness, access: .capability(capability)))" }
    }
    let beyond = ImageTables.unknownCapability(table)
    for number in Capability.allCases.count..<ImageHeader.capabilityCells
    where image.cell(source: source.image, capability: number).rawValue != beyond {
      defects.append("capability \(number), which no rule can name, has a verdict of its own")
    }
  }

  private mutating func compareCalls(_ sources: ImageWalk, _ paths: ImageWalk) {
    let sourcePairs =
      [(0, 0, nil)] + sources.witnesses.map { (Int($0.labels.table) + 1, Int($0.labels.image), $0.witness) }
    let pathPairs = [(0, 0, nil)] + paths.witnesses.map { (Int($0.labels.table) + 1, Int($0.labels.image), $0.witness) }
    let named = Set(table.syscalls.names.compactMap { SystemCalls.number(of: $0) })
    for number in 0..<ImageHeader.syscallNumbers where image.syscallRow(number) != nil && !named.contains(number) {
      defects.append("system call \(number), of which no rule speaks, has verdicts")
    }
    let calls = table.syscalls
    for (index, name) in calls.names.enumerated() {
      let row = SystemCalls.number(of: name).flatMap { image.syscallRow($0) }
      for source in sourcePairs {
        for path in pathPairs {
          compare(
            8,
            .syscalls,
            calls.cells[(index * calls.sourceCount + source.0) * calls.pathCount + path.0],
            row.map { image.cell(syscallRow: $0, source: source.1, path: path.1) } ?? .free
          ) {
            let event = Event(
              source: source.2.flatMap { BytePath($0) },
              access: .syscall(name, path.2.flatMap { BytePath($0) })
            )
            return "\(event)"
          }
        }
      }
    }
  }

  private mutating func compare(
    _ access: Int,
    _ resourceClass: ResourceClass,
    _ expected: Cell,
    _ actual: ImageCell,
    _ witness: () -> String
  ) {
    cells += 1
    if expected.verdict == .block { blocking.insert(resourceClass) }
    let key = UInt64(expected.rawValue) << 16 | UInt64(actual.rawValue)
    if equal.contains(key) { return }
    if isEqual(expected, actual) {
      equal.insert(key)
      return
    }
    let kind = Kind(access: access, cells: key)
    let text = witness()
    if let known = shortest[kind], (known.witness.utf8.count, known.witness) <= (text.utf8.count, text) { return }
    shortest[kind] = ImageDifference(
      witness: text,
      expected: table.decision(expected),
      actual: image.decision(actual)
    )
  }

  private func isEqual(_ expected: Cell, _ actual: ImageCell) -> Bool {
    guard expected.verdict == actual.verdict else { return false }
    switch actual.reason {
    case .nobody: return expected.rule == nil && expected.posture == nil
    case .posture(let resourceClass): return expected.posture == resourceClass
    case .record(let record):
      return expected.rule.map { ImageRecord(table.rules[$0]) == image.records[record] } ?? false
    }
  }

  private mutating func comparePresets(_ deciding: [Preset: PresetRule]) {
    for preset in Preset.allCases {
      cells += 1
      let cell = image.cell(preset)
      let rule = preset.obstacle == nil ? deciding[preset] : nil
      if preset == .filelessExec, rule?.verdict == .block { blocking.insert(.process) }
      var isEqual = rule == nil && cell == .free
      if let rule, case .record(let record) = cell.reason {
        isEqual = cell.verdict == rule.verdict && image.records[record] == ImageRecord(rule)
      }
      if !isEqual { defects.append("preset '\(preset.rawValue)' has another verdict, or another policy's") }
    }
  }

  // MARK: What is no cell

  private mutating func checkRest(_ subject: String, _ visible: Set<ResourceClass>) {
    if image.subject != subject { defects.append("the image is for '\(image.subject)'") }
    if image.header.failClosed != BPFBackend.mask(blocking) {
      defects.append("the classes denied when in doubt are not those with something to block")
    }
    if image.header.visible != BPFBackend.mask(visible) {
      defects.append("the classes reported as logs are others")
    }
    if image.header.flags != BPFBackend.flags(table, image.header.presets) {
      defects.append("executing objects without a path has another verdict")
    }
    var sources = Set(table.sources.paths.joined())
    for rule in table.rules where rule.resourceClass == .syscalls {
      for case .literal(let path) in rule.sources { sources.insert(path) }
    }
    let listed = Set(image.sources)
    if !sources.isSuperset(of: listed)
      || sources.contains(where: { path in
        let classes = image.classes(of: path)
        return (classes.source != 0 || classes.syscallSource != 0) && !listed.contains(path)
      })
    {
      defects.append("the named sources are others")
    }
    if let state = GuardCheck(image).wrong {
      defects.append("state \(state) is guarded where nothing below it is blocked, or not where something is")
    }
  }
}

/// Whether states are guarded exactly where something that goes on from them is blocked.
private struct GuardCheck {
  /// Some state that is marked wrongly.
  private(set) var wrong: UInt32?

  init(_ image: MapImage) {
    var number: [UInt32: Int] = [:]
    var states: [UInt32] = []
    var edges: [(from: Int, to: Int)] = []
    func visit(_ state: UInt32) -> Int {
      if let known = number[state] { return known }
      number[state] = states.count
      states.append(state)
      return states.count - 1
    }
    _ = visit(image.header.start[0])
    let classes = UInt8(image.byteClassCount - 1)
    var done = 0
    while done < states.count {
      let state = states[done]
      var last: UInt32?
      for byteClass in stride(from: 1, through: classes, by: 1) {
        let next = image.next(state, byteClass: byteClass)
        if next == last { continue }
        last = next
        edges.append((done, visit(next)))
      }
      done += 1
    }
    var blocks = [Bool](repeating: false, count: image.header.labels)
    for label in blocks.indices {
      blocks[label] = (0..<image.header.sources).contains { source in
        let row = image.row(source: source, label: label)
        return PathOperation.allCases.contains { operation in
          [false, true].contains { image.cell(row: row, operation, isOwner: $0).verdict == .block }
        }
      }
    }
    var before = [[Int32]](repeating: [], count: states.count)
    for edge in edges { before[edge.to].append(Int32(edge.from)) }
    var isGuarded = [Bool](repeating: false, count: states.count)
    var queue: [Int] = []
    func mark(_ state: Int) {
      for one in before[state] where !isGuarded[Int(one)] {
        isGuarded[Int(one)] = true
        queue.append(Int(one))
      }
    }
    for (index, state) in states.enumerated() where blocks[image.mark(state).label] { mark(index) }
    while let state = queue.popLast() { mark(state) }
    wrong = zip(states, isGuarded).first { image.mark($0).isGuarded != $1 }?.0
  }
}
