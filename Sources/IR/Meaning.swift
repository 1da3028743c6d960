import Automata

extension DecisionTable {
  /// The verdicts alone, in canonical form: equal bytes exactly if every event has the same verdict. Who decided, and
  /// the order of rules, policies and files, leave no trace.
  ///
  /// Layout, all integers little-endian `UInt32`: the sources (class count, then per class its path count and each path
  /// with its length), the path automaton (states, byte classes, 256 bytes of classes, transitions, labels), the number
  /// of path classes, then one byte per verdict of paths, sockets and capabilities, then the system calls.
  package var meaning: [UInt8] {
    func verdicts(_ cells: some Sequence<Cell>) -> [UInt8] { cells.map(\.verdict.rawValue) }
    // Sources that differ in no verdict are one.
    func column(_ source: Int) -> [UInt8] {
      verdicts(pathCells[(source * pathClassCount * 6)..<((source + 1) * pathClassCount * 6)])
        + verdicts(networkCells[(source * SocketCell.count)..<((source + 1) * SocketCell.count)])
        + verdicts(capabilityCells[(source * Capability.allCases.count)..<((source + 1) * Capability.allCases.count)])
    }
    let plain = column(0)
    var merged: [[UInt8]: [BytePath]] = [:]
    for source in 1..<max(1, sources.count) {
      let mine = column(source)
      if mine != plain { merged[mine, default: []] += sources.paths[source] }
    }
    let classes = SourceClasses(Array(merged.values))
    let columns = [plain] + classes.paths.dropFirst().map { column(sources[$0.first]) }

    // Path classes that differ in no verdict are one.
    var known: [[UInt8]: UInt32] = [:]
    var newClass: [UInt32] = []
    var rows: [[UInt8]] = []
    for path in 0..<pathClassCount {
      let row: [UInt8] = columns.flatMap { Array($0[(path * 6)..<(path * 6 + 6)]) } + (path == 0 ? [255] : [])
      let next = UInt32(rows.count)
      let number = known[row] ?? next
      if number == next {
        known[row] = next
        rows.append(row)
      }
      newClass.append(number)
    }
    let coarse = paths.relabelled { newClass[Int($0)] }
    var order: [UInt32: UInt32] = [:]
    for label in coarse.labels where order[label] == nil { order[label] = UInt32(order.count) }
    let automaton = coarse.renamingLabels { order[$0] ?? 0 }

    var bytes = CanonicalBytes()
    bytes.append(classes.count)
    for members in classes.paths {
      bytes.append(members.count)
      for path in members { bytes.append(path.bytes) }
    }
    bytes.append(automaton)
    bytes.append(order.count)
    for (old, _) in order.sorted(by: { $0.value < $1.value }) { bytes.raw += rows[Int(old)] }
    for column in columns { bytes.raw += column[(pathClassCount * 6)...] }
    syscalls.appendMeaning(to: &bytes)
    return bytes.raw
  }
}

struct CanonicalBytes {
  var raw: [UInt8] = []

  mutating func append(_ number: Int) {
    for shift in stride(from: 0, to: 32, by: 8) { raw.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  mutating func append(_ string: [UInt8]) {
    append(string.count)
    raw += string
  }

  mutating func append(_ automaton: Classifier) {
    append(automaton.stateCount)
    append(automaton.byteClassCount)
    raw += automaton.classOfByte
    for next in automaton.transitions { append(Int(next)) }
    for label in automaton.labels { append(Int(label)) }
  }
}

extension SyscallTable {
  /// Names that are nowhere audited say nothing; classes that differ in no verdict are one.
  func appendMeaning(to bytes: inout CanonicalBytes) {
    func verdict(_ name: Int, _ source: Int, _ path: Int) -> UInt8 {
      cells[(name * sourceCount + source) * pathCount + path].verdict.rawValue
    }
    let speaking = names.indices.filter { name in
      (0..<sourceCount).contains { source in (0..<pathCount).contains { verdict(name, source, $0) != 0 } }
    }
    func merged(_ automaton: Classifier, count: Int, row: (Int) -> [UInt8]) -> (Classifier, [[UInt8]]) {
      var rows: [[UInt8]] = []
      let coarse = automaton.relabelled { old in
        let mine = row(Int(old) + 1)
        if let known = rows.firstIndex(of: mine) { return UInt32(known) }
        rows.append(mine)
        return UInt32(rows.count - 1)
      }
      var order: [UInt32: UInt32] = [:]
      for label in coarse.labels where order[label] == nil { order[label] = UInt32(order.count) }
      return (
        coarse.renamingLabels { order[$0] ?? 0 },
        order.sorted { $0.value < $1.value }.map { rows[Int($0.key)] }
      )
    }
    let bySource = merged(sources, count: sourceCount) { source in
      speaking.flatMap { name in (0..<pathCount).map { verdict(name, source, $0) } }
    }
    let byPath = merged(paths, count: pathCount) { path in
      speaking.flatMap { name in (0..<sourceCount).map { verdict(name, $0, path) } }
    }
    bytes.append(speaking.count)
    for name in speaking { bytes.append(Array(names[name].utf8)) }
    bytes.append(bySource.0)
    bytes.append(byPath.0)
    // One representative per merged class, by walking its label.
    let sourceSamples = [0] + representatives(sources, bySource.0)
    let pathSamples = [0] + representatives(paths, byPath.0)
    for name in speaking {
      for source in sourceSamples { for path in pathSamples { bytes.raw.append(verdict(name, source, path)) } }
    }
  }

  /// Per label of `coarse`, one label (plus one: the axis keeps 0 for "none") of `fine` that it comprises.
  private func representatives(_ fine: Classifier, _ coarse: Classifier) -> [Int] {
    let witnesses = coarse.shortestWitnesses()
    return witnesses.sorted { $0.key < $1.key }.map { Int(fine.label(of: $0.value)) + 1 }
  }
}
