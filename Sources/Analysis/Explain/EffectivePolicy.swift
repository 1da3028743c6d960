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
    /// Disjoint but for the owner condition. Of a named source only what differs from the first part: what its lines do
    /// not speak of is as it is there.
    package let lines: [Line]
  }

  package struct Line: Sendable {
    package let verdict: Verdict
    package let owner: OwnerCondition
    package let objects: ChangeRegion.Objects
    /// In the order of the subject's rules.
    package let deciders: [Rule]
  }

  /// - Parameter only: the class to speak of; nil for all.
  package init(_ subject: SubjectPolicy, table: DecisionTable, only: ResourceClass? = nil) {
    self.subject = subject
    let reader = EffectiveReader(table)
    var sections: [Section] = []
    func wants(_ resourceClass: ResourceClass) -> Bool { only == nil || only == resourceClass }
    if wants(.process) { sections.append(reader.paths([.exec])) }
    if wants(.file) {
      sections += reader.areAlike(.read, .write) ? [reader.paths([.read, .write])] : [reader.paths([.read]), reader.paths([.write])]
    }
    if wants(.network) { sections.append(reader.network()) }
    if wants(.capabilities) { sections.append(reader.capabilities()) }
    if wants(.syscalls) { sections.append(reader.syscalls()) }
    self.sections = sections
  }
}

/// Reads sections off a table.
private struct EffectiveReader {
  let table: DecisionTable
  let describer: PathDescriber

  init(_ table: DecisionTable) {
    self.table = table
    let sets = table.rules.compactMap { rule -> PathSet? in
      switch rule.target {
      case .process(let set), .file(let set): set
      case .network, .capability, .syscall: nil
      }
    }
    describer = PathDescriber(table.paths, isPath: { $0 != 0 }, hints: sets)
  }

  private func groups(_ source: Int, _ operation: PathOperation) -> Set<VerdictGroup> {
    VerdictGroup.groups(1..<max(1, table.pathClassCount)) { path in
      (
        table.cell(source: source, path: path, operation, isOwner: false),
        table.cell(source: source, path: path, operation, isOwner: true)
      )
    }.filter { $0.key.by == .rule }
  }

  func areAlike(_ a: PathOperation, _ b: PathOperation) -> Bool {
    (0..<table.sources.count).allSatisfy { groups($0, a) == groups($0, b) }
  }

  func paths(_ operations: [PathOperation]) -> EffectivePolicy.Section {
    let operation = operations.first ?? .exec
    var known: [Set<Int>: PathLanguage?] = [:]
    return section(operation.resourceClass, operations, groups: { groups($0, operation) }) { members in
      if let language = known[members] { return language.map { .paths(operations, $0) } }
      let language = describer.describe { members.contains(Int($0)) }
      known[members] = language
      return language.map { .paths(operations, $0) }
    }
  }

  func network() -> EffectivePolicy.Section {
    section(
      .network,
      [],
      groups: { source in
        VerdictGroup.groups(0..<SocketCell.count) { index in
          let cell = table.cell(source: source, SocketCell(index: index))
          return (cell, cell)
        }.filter { $0.key.by == .rule }
      }
    ) { members in
      let cells = members.sorted().map(SocketCell.init(index:))
      return .sockets(cells, words: SocketWords.text(Set(cells)))
    }
  }

  func capabilities() -> EffectivePolicy.Section {
    let all = Capability.allCases
    return section(
      .capabilities,
      [],
      groups: { source in
        VerdictGroup.groups(all.indices) { index in
          let cell = table.cell(source: source, all[index])
          return (cell, cell)
        }.filter { $0.key.by == .rule }
      }
    ) { members in .capabilities(members.sorted().map { all[$0] }) }
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
    groups: (Int) -> Set<VerdictGroup>,
    objects: (Set<Int>) -> ChangeRegion.Objects?
  ) -> EffectivePolicy.Section {
    let all = SourceGroup.all(table, groups)
    let common = all.first?.groups ?? []
    var parts: [EffectivePolicy.Part] = []
    for group in all {
      let isFirst = group.classes.contains(0)
      let mine = isFirst ? group.groups : group.groups.subtracting(common)
      let lines = mine.sorted { $0.rank.lexicographicallyPrecedes($1.rank) }.compactMap { found in
        objects(found.members).map { objects in
          EffectivePolicy.Line(
            verdict: found.key.verdict,
            owner: found.key.owner,
            objects: objects,
            deciders: found.rules.sorted().map { table.rules[$0] }
          )
        }
      }
      parts.append(EffectivePolicy.Part(sources: group.sources(table, among: all), lines: lines))
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
