import Automata
package import IR

/// What a subject may do, as a person would write it down: read off the decision table, not off the rules.
package struct EffectivePolicy: Sendable {
  package let subject: SubjectPolicy
  /// Execute, read, write (one section if they are alike), sockets, capabilities, system calls.
  package let sections: [Section]

  package struct Section: Sendable {
    package let resourceClass: ResourceClass
    /// Empty for classes without paths.
    package let operations: [PathOperation]
    /// The first `Allow` rule of the class, if it is an allow-list.
    package let allowListedBy: Rule?
    package let posture: Posture
    /// By source, "any other" first. Empty for system calls.
    package let parts: [Part]
    /// Of system calls: the rules that have calls reported, in order.
    package let reports: [Rule]

    /// What happens to everything that no line speaks of.
    package var rest: Verdict {
      guard allowListedBy != nil else { return .allow }
      switch posture {
      case .allow: return .allow
      case .audit: return .audit
      case .block: return .block
      }
    }
  }

  package struct Part: Sendable {
    package let sources: SourceSet
    /// Disjoint but for the owner condition. Of a named source only what has another verdict than in the first part.
    package let lines: [Line]
  }

  package struct Line: Sendable {
    package let verdict: Verdict
    package let owner: OwnerCondition
    package let objects: ChangeRegion.Objects
    /// In the order of the subject's rules.
    package let deciders: [Rule]
  }

  /// Speaks of the class `only`, or of all if it is nil.
  package init(_ subject: SubjectPolicy, table: DecisionTable, only: ResourceClass? = nil) {
    self.subject = subject
    let reader = EffectiveReader(table)
    var sections: [Section] = []
    func wants(_ resourceClass: ResourceClass) -> Bool { only == nil || only == resourceClass }
    if wants(.process) { sections.append(reader.paths([.exec])) }
    if wants(.file) {
      sections +=
        reader.areAlike(.read, .write)
        ? [reader.paths([.read, .write])] : [reader.paths([.read]), reader.paths([.write])]
    }
    if wants(.network) { sections.append(reader.network()) }
    if wants(.capabilities) { sections.append(reader.capabilities()) }
    if wants(.syscalls) { sections.append(reader.syscalls()) }
    self.sections = sections
  }
}

/// Reads sections off a table.
private struct EffectiveReader {
  /// Objects and the indices of the rules that decided about them.
  typealias Piece = (objects: ChangeRegion.Objects, rules: [Int])

  let table: DecisionTable

  init(_ table: DecisionTable) { self.table = table }

  /// The paths of some classes, described with the sets of the rules that decided about them in mind.
  private func language(_ classes: Set<Int>, _ rules: [Int]) -> PathLanguage? {
    let hints = rules.compactMap { rule -> PathSet? in
      switch table.rules[rule].target {
      case .process(let set), .file(let set): set
      case .network, .capability, .syscall: nil
      }
    }
    return PathLanguage.describing(table.paths, where: { classes.contains(Int($0)) }, isPath: { $0 != 0 }, hints: hints)
  }

  /// One description of all; where that is too intricate, one for what each rule decided.
  private func pieces(_ group: VerdictGroup, _ operations: [PathOperation]) -> [Piece] {
    guard let whole = language(group.members, group.rules) else { return [] }
    if whole.isExact || group.rules.count < 2 { return [(.paths(operations, whole), group.rules)] }
    return group.rules.compactMap { rule in
      language(group.membersOfRule[rule] ?? [], [rule]).map { (.paths(operations, $0), [rule]) }
    }
  }

  private typealias Cells = (_ source: Int, _ object: Int) -> (other: Cell, owner: Cell)

  private func cells(_ operation: PathOperation) -> Cells {
    { source, path in
      (
        table.cell(source: source, path: path, operation, isOwner: false),
        table.cell(source: source, path: path, operation, isOwner: true)
      )
    }
  }

  /// Of source class 0 all that rules decide; of another class all whose verdict is another than there.
  private func groups(_ source: Int, _ objects: Range<Int>, _ cells: Cells) -> Set<VerdictGroup> {
    if source == 0 { return VerdictGroup.groups(objects) { cells(0, $0) }.filter { $0.key.by == .rule } }
    var different: [Int: OwnerCondition] = [:]
    for object in objects {
      let (mine, common) = (cells(source, object), cells(0, object))
      switch (mine.other.verdict != common.other.verdict, mine.owner.verdict != common.owner.verdict) {
      case (true, true): different[object] = .any
      case (true, false): different[object] = .other
      case (false, true): different[object] = .owner
      case (false, false): continue
      }
    }
    return VerdictGroup.groups(different.keys, asked: { different[$0] ?? .any }) { cells(source, $0) }
  }

  private var pathClasses: Range<Int> { 1..<max(1, table.pathClassCount) }

  func areAlike(_ a: PathOperation, _ b: PathOperation) -> Bool {
    (0..<table.sources.count).allSatisfy {
      groups($0, pathClasses, cells(a)) == groups($0, pathClasses, cells(b))
    }
  }

  func paths(_ operations: [PathOperation]) -> EffectivePolicy.Section {
    let operation = operations.first ?? .exec
    var known: [VerdictGroup: [Piece]] = [:]
    return section(operation.resourceClass, operations, pathClasses, cells(operation)) { group in
      if let pieces = known[group] { return pieces }
      let pieces = pieces(group, operations)
      known[group] = pieces
      return pieces
    }
  }

  func network() -> EffectivePolicy.Section {
    section(
      .network,
      [],
      0..<SocketCell.count,
      { source, index in
        let cell = table.cell(source: source, SocketCell(index: index))
        return (cell, cell)
      }
    ) { group in
      let cells = group.members.sorted().map(SocketCell.init(index:))
      return [(.sockets(cells, words: SocketWords.text(Set(cells))), group.rules)]
    }
  }

  func capabilities() -> EffectivePolicy.Section {
    let all = Capability.allCases
    return section(
      .capabilities,
      [],
      all.indices,
      { source, index in
        let cell = table.cell(source: source, all[index])
        return (cell, cell)
      }
    ) { group in [(.capabilities(group.members.sorted().map { all[$0] }), group.rules)] }
  }

  func syscalls() -> EffectivePolicy.Section {
    EffectivePolicy.Section(
      resourceClass: .syscalls,
      operations: [],
      allowListedBy: nil,
      posture: .allow,
      parts: [],
      reports: table.rules.filter { $0.resourceClass == .syscalls }
    )
  }

  private func section(
    _ resourceClass: ResourceClass,
    _ operations: [PathOperation],
    _ objects: Range<Int>,
    _ cells: Cells,
    pieces: (VerdictGroup) -> [Piece]
  ) -> EffectivePolicy.Section {
    func lines(_ groups: Set<VerdictGroup>) -> [EffectivePolicy.Line] {
      groups.sorted { $0.rank.lexicographicallyPrecedes($1.rank) }.flatMap { group in
        pieces(group).map { piece in
          EffectivePolicy.Line(
            verdict: group.key.verdict,
            owner: group.key.owner,
            objects: piece.objects,
            deciders: piece.rules.map { table.rules[$0] }
          )
        }
      }
    }
    // Source classes that differ alike stand together.
    var order: [Set<VerdictGroup>] = []
    var sources: [Set<VerdictGroup>: [BytePath]] = [:]
    for source in 1..<max(1, table.sources.count) {
      let mine = groups(source, objects, cells)
      if mine.isEmpty { continue }
      if sources[mine] == nil { order.append(mine) }
      sources[mine, default: []] += table.sources.paths[source]
    }
    let named = sources.values.flatMap { $0 }.sorted()
    var parts = [
      EffectivePolicy.Part(sources: named.isEmpty ? .any : .allBut(named), lines: lines(groups(0, objects, cells)))
    ]
    for mine in order {
      parts.append(EffectivePolicy.Part(sources: .only((sources[mine] ?? []).sorted()), lines: lines(mine)))
    }
    return EffectivePolicy.Section(
      resourceClass: resourceClass,
      operations: operations,
      allowListedBy: table.rules.first {
        $0.resourceClass == resourceClass && $0.action == .allow && $0.origin.policy.kind != .base
      },
      posture: table.postures[resourceClass],
      parts: parts,
      reports: []
    )
  }
}
