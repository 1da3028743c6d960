package import Automata
package import IR

/// Which sources of a subject can do what was asked for.
package struct AccessHolders: Sendable {
  package let subject: SubjectPolicy
  /// One per set of sources, verdict and owner condition; empty if nobody can. By source, "any other" first.
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
      let groups = SourceGroup.all(table) { VerdictGroup.groups(objects, cells: cells($0)) }
      var entries: [Entry] = []
      for group in groups {
        let can = group.groups.filter { $0.key.verdict != .block }
        for one in can.sorted(by: { $0.rank.lexicographicallyPrecedes($1.rank) }) {
          let isWhole = describer == nil || one.members == all
          entries.append(
            Entry(
              sources: group.sources(table, among: groups),
              verdict: one.key.verdict,
              owner: owner == .any ? one.key.owner : owner,
              part: isWhole ? nil : describer?.describe { one.members.contains(Int($0)) },
              deciders: one.rules.sorted().map { table.rules[$0] },
              byPosture: one.key.by == .posture
            )
          )
        }
      }
      return entries
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
    return [free] + reporting.map { rule in
      let sources = PathLanguage(include: rule.sources.map(\.words))
      return Entry(sources: .matching(sources), verdict: .audit, owner: .any, part: nil, deciders: [rule], byPosture: false)
    }
  }
}
