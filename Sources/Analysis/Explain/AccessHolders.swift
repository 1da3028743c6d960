package import Automata
package import IR

/// Which sources of a subject can do what was asked for.
package struct AccessHolders: Sendable {
  package let subject: SubjectPolicy
  /// What several sources may do alike is one entry; empty if nobody can. What "any other" source may do comes first.
  package let entries: [Entry]

  package struct Entry: Sendable {
    package let sources: SourceSet
    /// `allow` or `audit`.
    package let verdict: Verdict
    package let owner: OwnerCondition
    /// Which of the paths asked for; nil is all of them.
    package let part: PathLanguage?
    /// In the order of the subject's rules; with none, `byPosture` tells whether the posture decides, or nobody.
    package let deciders: [Rule]
    package let byPosture: Bool
  }

  /// - Throws: `BudgetError` when the paths asked for and the table together are too large.
  package init(_ subject: SubjectPolicy, table: DecisionTable, _ query: AccessQuery) throws(BudgetError) {
    self.subject = subject
    if case .syscall(let name, let path) = query.objects {
      entries = AccessHolders.syscall(table, name, path)
      return
    }
    var reader = Reader(table: table, owner: query.owner)
    switch query.objects {
    case .paths(let operation, .literal(let path)):
      entries = reader.entries([table.pathClass(of: path)], operation)
    case .paths(let operation, let set):
      let wanted = try Partition.of([set.language])
      let restricted = try table.paths.product(wanted.classifier) { path, label in
        wanted.members[Int(label)].isEmpty ? 0 : path
      }
      let classes = Set(restricted.labels.map(Int.init)).subtracting([0])
      reader.describer = PathDescriber(restricted, isPath: { $0 != 0 }, hints: [set])
      reader.all = classes
      entries = reader.entries(classes.sorted(), operation)
    case .socket(let socket):
      entries = reader.entries(0..<1) { source in
        let cell = table.cell(source: source, SocketCell(socket))
        return { _ in (cell, cell) }
      }
    case .capability(let capability):
      entries = reader.entries(0..<1) { source in
        let cell = table.cell(source: source, capability)
        return { _ in (cell, cell) }
      }
    case .syscall: entries = []
    }
  }

  private struct Reader {
    let table: DecisionTable
    let owner: OwnerCondition
    var describer: PathDescriber?
    /// All path classes that were asked for.
    var all: Set<Int> = []

    func entries(_ classes: [Int], _ operation: PathOperation) -> [Entry] {
      entries(classes) { source in
        { path in
          let other = table.cell(source: source, path: path, operation, isOwner: false)
          let mine = table.cell(source: source, path: path, operation, isOwner: true)
          return owner == .any ? (other, mine) : owner == .owner ? (mine, mine) : (other, other)
        }
      }
    }

    func entries(
      _ objects: some Sequence<Int>,
      cells: (Int) -> (Int) -> (other: Cell, owner: Cell)
    ) -> [Entry] {
      let objects = Array(objects)
      // What several sources may do alike stands there once.
      var order: [VerdictGroup] = []
      var classes: [VerdictGroup: [Int]] = [:]
      for source in 0..<table.sources.count {
        let can = VerdictGroup.groups(objects, cells: cells(source)).filter { $0.key.verdict != .block }
        for group in can.sorted(by: { $0.rank.lexicographicallyPrecedes($1.rank) }) {
          if classes[group] == nil { order.append(group) }
          classes[group, default: []].append(source)
        }
      }
      var entries: [Entry] = []
      for group in order {
        let isWhole = describer == nil || group.members == all
        entries.append(
          Entry(
            sources: sources(classes[group] ?? []),
            verdict: group.key.verdict,
            owner: owner == .any ? group.key.owner : owner,
            part: isWhole ? nil : describer?.describe { group.members.contains(Int($0)) },
            deciders: group.rules.map { table.rules[$0] },
            byPosture: group.key.by == .posture
          )
        )
      }
      return entries
    }

    private func sources(_ classes: [Int]) -> SourceSet {
      guard classes.contains(0) else { return .only(classes.flatMap { table.sources.paths[$0] }.sorted()) }
      let mine = Set(classes)
      let others = (0..<table.sources.count).filter { !mine.contains($0) }
      return others.isEmpty ? .any : .allBut(others.flatMap { table.sources.paths[$0] }.sorted())
    }
  }

  /// Nothing blocks a system call: all sources can, and rules tell who of them is reported.
  private static func syscall(_ table: DecisionTable, _ name: String, _ path: BytePath?) -> [Entry] {
    let reporting = table.rules.filter { rule in
      guard case .syscall(let names, let set) = rule.target, names.contains(name) else { return false }
      return set.map { set in path.map(set.contains) ?? false } ?? true
    }
    let free = Entry(sources: .any, verdict: .allow, owner: .any, part: nil, deciders: [], byPosture: false)
    if reporting.isEmpty { return [free] }
    let everyone = reporting.filter(\.sources.isEmpty)
    if !everyone.isEmpty {
      return [Entry(sources: .any, verdict: .audit, owner: .any, part: nil, deciders: everyone, byPosture: false)]
    }
    return [free]
      + reporting.map { rule in
        let sources = PathLanguage(include: rule.sources.map(\.words))
        return Entry(
          sources: .matching(sources),
          verdict: .audit,
          owner: .any,
          part: nil,
          deciders: [rule],
          byPosture: false
        )
      }
  }
}
