import Automata

/// Decides cells for both sides.
struct JointJudge {
  var old: JointSide
  var new: JointSide

  /// Whether the mode or the posture of a whole class changed.
  func isWhole(_ resourceClass: ResourceClass) -> Bool {
    let (before, after) = (old.allowListed.contains(resourceClass), new.allowListed.contains(resourceClass))
    return before != after || before && old.postures[resourceClass] != new.postures[resourceClass]
  }

  func mayDiffer(_ resourceClass: ResourceClass) -> Bool {
    func hasChanged(_ side: JointSide) -> Bool {
      side.rules.indices.contains { side.isChanged[$0] && side.rules[$0].resourceClass == resourceClass }
    }
    return isWhole(resourceClass) || hasChanged(old) || hasChanged(new)
  }

  /// The cells of objects that these clauses cover; nil if no verdict differs.
  func column(_ resourceClass: ResourceClass, _ oldClauses: [Int], _ newClauses: [Int]) -> JointColumn? {
    var named: Set<Int> = []
    for clause in oldClauses where old.cellRule.clauses[clause].isSourced { named.formUnion(old.sources[clause]) }
    for clause in newClauses where new.cellRule.clauses[clause].isSourced { named.formUnion(new.sources[clause]) }
    let plain = cells(resourceClass, oldClauses, newClauses, nil)
    var overrides: [(source: Int, cells: [JointCell])] = []
    for source in named.sorted() {
      let mine = cells(resourceClass, oldClauses, newClauses, source)
      if mine != plain { overrides.append((source, mine)) }
    }
    if plain.isEmpty && overrides.isEmpty { return nil }
    return JointColumn(plain: plain, overrides: overrides, oldClauses: oldClauses, newClauses: newClauses)
  }

  private func cells(
    _ resourceClass: ResourceClass,
    _ oldClauses: [Int],
    _ newClauses: [Int],
    _ source: Int?
  ) -> [JointCell] {
    var cells: [JointCell] = []
    for slot in JointSlot.all(resourceClass) {
      let before = old.cell(resourceClass, oldClauses, slot, source)
      let after = new.cell(resourceClass, newClauses, slot, source)
      if before.verdict != after.verdict { cells.append(JointCell(slot: slot, old: before, new: after)) }
    }
    return cells
  }

  func network() -> [(cell: SocketCell, column: JointColumn)] {
    // Cells that the same words cover share a column.
    var known: [Set<NetworkProtocol>: JointColumn?] = [:]
    var result: [(cell: SocketCell, column: JointColumn)] = []
    let words = [old, new].map { side in
      Dictionary(
        grouping: side.cellRule.clauses.indices.compactMap { index -> (NetworkProtocol, Int)? in
          if case .network(let word) = side.cellRule.clauses[index].object { (word, index) } else { nil }
        },
        by: \.0
      ).mapValues { $0.map(\.1) }
    }
    for cell in SocketCell.all {
      let socket = cell.representative
      let covering = Set(words.flatMap(\.keys).filter { $0.covers(socket) })
      if known[covering] == nil {
        let clauses = words.map { words in words.filter { covering.contains($0.key) }.values.flatMap { $0 }.sorted() }
        known[covering] = .some(column(.network, clauses[0], clauses[1]))
      }
      if let column = known[covering] ?? nil { result.append((cell, column)) }
    }
    return result
  }

  func capabilities() -> [(capability: Capability, column: JointColumn)] {
    func clauses(_ side: JointSide, _ capability: Capability) -> [Int] {
      side.cellRule.clauses.indices.filter { side.cellRule.clauses[$0].object == .capability(capability) }
    }
    return Capability.allCases.compactMap { capability in
      column(.capabilities, clauses(old, capability), clauses(new, capability)).map { (capability, $0) }
    }
  }

  /// The error of an automaton over some sets: `clauses` gives the clauses of a set, old ones first.
  func error(_ error: BudgetError, sets: Int, clauses: (Int) -> (old: [Int], new: [Int])) -> TableBudgetError {
    var origins: [Origin] = []
    var seen: Set<Origin> = []
    func add(_ side: JointSide, _ clauses: [Int]) {
      for clause in clauses {
        let origin = side.cellRule.clauses[clause].origin
        if seen.insert(origin).inserted { origins.append(origin) }
      }
    }
    for set in error.culprits where set < sets {
      add(new, clauses(set).new)
      add(old, clauses(set).old)
    }
    if origins.isEmpty { origins = Array(new.rules.map(\.origin).prefix(8)) }
    if origins.isEmpty { origins = Array(old.rules.map(\.origin).prefix(8)) }
    return TableBudgetError(quantity: .states, limit: error.limit, rules: origins)
  }
}
