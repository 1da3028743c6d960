import Automata

extension DecisionTable {
  /// Compiles a subject.
  /// - Throws: `TableBudgetError` naming the rules that make the automata or the table too large.
  package init(_ subject: SubjectPolicy, budget: TableBudget = TableBudget()) throws(TableBudgetError) {
    try self.init(rules: subject.rules, postures: subject.postures, budget: budget)
  }

  package init(rules: [Rule], postures: Postures, budget: TableBudget = TableBudget()) throws(TableBudgetError) {
    let rule = CellRule(rules: rules, postures: postures)
    let compiler = TableCompiler(rule: rule)
    let partition: Partition
    do {
      partition = try Partition.unminimised(compiler.sets.map(\.language) + [.absolutePath], budget: budget.states)
    } catch {
      throw compiler.error(error, rules: rules)
    }
    let sorted = try compiler.pathRows(partition, rules: rules, budget: budget)
    self.rules = rules
    self.postures = postures
    allowListed = rule.allowListed
    sources = sorted.sources
    paths = sorted.paths
    pathClassCount = sorted.pathClassCount
    pathCells = sorted.pathCells
    networkCells = sorted.networkCells
    capabilityCells = sorted.capabilityCells
    do {
      syscalls = try SyscallTable(rule, budget: budget.states)
    } catch {
      throw TableBudgetError(
        quantity: .states,
        limit: error.limit,
        rules: rules.filter { $0.resourceClass == .syscalls }.map(\.origin)
      )
    }
  }
}

/// The work of compiling: sorts clauses by object, fills rows, merges what is equal.
struct TableCompiler {
  let rule: CellRule
  /// The distinct path sets of process and file clauses.
  private(set) var sets: [PathSet] = []
  /// Path set to the clauses that speak of it.
  private var clausesOf: [[Int]] = []
  private var networkClauses: [Int] = []
  private var capabilityClauses: [Int] = []
  /// Every path that some rule outside `syscalls` names as a source, sorted.
  private let named: [BytePath]

  init(rule: CellRule) {
    self.rule = rule
    var index: [PathSet: Int] = [:]
    var named: Set<BytePath> = []
    for (number, clause) in rule.clauses.enumerated() {
      switch clause.object {
      case .paths(let set):
        if let known = index[set] {
          clausesOf[known].append(number)
        } else {
          index[set] = sets.count
          sets.append(set)
          clausesOf.append([number])
        }
      case .network: networkClauses.append(number)
      case .capability: capabilityClauses.append(number)
      case .syscall: continue
      }
      for case .literal(let path) in clause.sources { named.insert(path) }
    }
    self.named = named.sorted()
  }

  struct Rows {
    var sources: SourceClasses
    var paths: Classifier
    var pathClassCount: Int
    var pathCells: [Cell]
    var networkCells: [Cell]
    var capabilityCells: [Cell]
  }

  /// The clauses of a class of events, with those that name sources found by source.
  private struct Group {
    var plain: [Int] = []
    var sourced: [BytePath: [Int]] = [:]

    init(_ indices: some Sequence<Int>, _ clauses: [Clause]) {
      for index in indices {
        if clauses[index].sources.isEmpty { plain.append(index) }
        for case .literal(let path) in Set(clauses[index].sources) { sourced[path, default: []].append(index) }
      }
    }
  }

  func pathRows(_ partition: Partition, rules: [Rule], budget: TableBudget) throws(TableBudgetError) -> Rows {
    // One row per class and candidate source; only the sources that a class names differ from its plain row.
    let universe = sets.count
    var plainRows: [[Cell]] = []
    var differing: [BytePath: [(Int, [Cell])]] = [:]
    var work = 0
    func note(_ path: BytePath, _ column: Int, _ row: [Cell], _ plain: [Cell]) {
      if row != plain { differing[path, default: []].append((column, row)) }
    }
    for members in partition.members {
      let column = plainRows.count
      guard members.last == universe else {
        plainRows.append([Cell](repeating: .free, count: 6))
        continue
      }
      let group = Group(members.dropLast().flatMap { clausesOf[$0] }, rule.clauses)
      let plain = pathRow(group.plain)
      plainRows.append(plain)
      for (path, extra) in group.sourced { note(path, column, pathRow(group.plain + extra), plain) }
      work += 1 + group.sourced.count
      if work > budget.cells / 6 { throw cellError(rules, budget) }
    }
    let network = Group(networkClauses, rule.clauses)
    let plainNetwork = networkRow(network.plain)
    for (path, extra) in network.sourced {
      note(path, plainRows.count, networkRow(network.plain + extra), plainNetwork)
    }
    let capabilities = Group(capabilityClauses, rule.clauses)
    let plainCapabilities = capabilityRow(capabilities.plain)
    for (path, extra) in capabilities.sourced {
      note(path, plainRows.count + 1, capabilityRow(capabilities.plain + extra), plainCapabilities)
    }

    // Sources with equal columns are one class; a source that differs nowhere is in class 0.
    struct Column: Hashable {
      let number: Int
      let row: [Cell]
    }
    var classes: [Set<Column>: [BytePath]] = [:]
    for path in named {
      guard let columns = differing[path] else { continue }
      classes[Set(columns.map { Column(number: $0.0, row: $0.1) }), default: []].append(path)
    }
    let sources = SourceClasses(Array(classes.values))
    var overrides: [[Int: [Cell]]] = [[:]]
    for members in sources.paths.dropFirst() {
      let columns = members.first.flatMap { differing[$0] } ?? []
      overrides.append(Dictionary(columns, uniquingKeysWith: { first, _ in first }))
    }

    // Path classes with equal rows over all sources are one class.
    var known: [[[Cell]]: UInt32] = [:]
    var rows: [[[Cell]]] = []
    var newClass: [UInt32] = []
    for (column, plain) in plainRows.enumerated() {
      // Class 0 stays apart: what is no path has no verdict.
      let isPath = partition.members[column].last == universe
      let row = overrides.map { $0[column] ?? plain } + (isPath ? [] : [[]])
      let next = UInt32(rows.count)
      let number = known[row] ?? next
      if number == next {
        known[row] = next
        rows.append(row)
        if rows.count * sources.count * 6 > budget.cells { throw cellError(rules, budget) }
      }
      newClass.append(number)
    }
    let merged = partition.classifier.relabelled { newClass[Int($0)] }
    var order: [UInt32: UInt32] = [:]
    for label in merged.labels where order[label] == nil { order[label] = UInt32(order.count) }
    let paths = merged.renamingLabels { order[$0] ?? 0 }
    var ordered = rows
    for (old, new) in order { ordered[Int(new)] = rows[Int(old)] }
    var pathCells: [Cell] = []
    pathCells.reserveCapacity(sources.count * ordered.count * 6)
    for source in 0..<sources.count { for row in ordered { pathCells += row[source] } }
    return Rows(
      sources: sources,
      paths: paths,
      pathClassCount: ordered.count,
      pathCells: pathCells,
      networkCells: overrides.flatMap { $0[plainRows.count] ?? plainNetwork },
      capabilityCells: overrides.flatMap { $0[plainRows.count + 1] ?? plainCapabilities }
    )
  }

  private func pathRow(_ clauses: [Int]) -> [Cell] {
    PathOperation.allCases.flatMap { operation in
      [false, true].map { isOwner in
        rule.decide(
          operation.resourceClass,
          covering: clauses.filter {
            rule.clauses[$0].operations.contains(operation) && rule.clauses[$0].owner.holds(isOwner: isOwner)
          }
        )
      }
    }
  }

  private func networkRow(_ clauses: [Int]) -> [Cell] {
    SocketCell.all.map { cell in
      let socket = cell.representative
      return rule.decide(
        .network,
        covering: clauses.filter {
          if case .network(let word) = rule.clauses[$0].object { word.covers(socket) } else { false }
        }
      )
    }
  }

  private func capabilityRow(_ clauses: [Int]) -> [Cell] {
    Capability.allCases.map { capability in
      rule.decide(.capabilities, covering: clauses.filter { rule.clauses[$0].object == .capability(capability) })
    }
  }

  func error(_ error: BudgetError, rules: [Rule]) -> TableBudgetError {
    let culprits = error.culprits.filter { $0 < sets.count }.flatMap { clausesOf[$0] }.map { rule.ruleOf[$0] }
    var seen: Set<Int> = []
    let named = culprits.filter { seen.insert($0).inserted }.map { rules[$0].origin }
    return TableBudgetError(
      quantity: .states,
      limit: error.limit,
      rules: named.isEmpty ? rules.map(\.origin) : named
    )
  }

  /// Too many cells: the rules with most sources are to blame.
  private func cellError(_ rules: [Rule], _ budget: TableBudget) -> TableBudgetError {
    let worst = rules.sorted { ($1.sources.count, $0.origin) < ($0.sources.count, $1.origin) }.prefix(8)
    return TableBudgetError(quantity: .cells, limit: budget.cells, rules: worst.map(\.origin))
  }
}
