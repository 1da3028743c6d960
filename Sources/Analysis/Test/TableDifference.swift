package import Automata
package import IR

/// A shortest event that two tables decide differently.
package enum TableDifference {
  /// Nil if every event has the same verdict in both; among shortest ones the least by its text.
  /// - Throws: `BudgetError` when the two automata together are too large.
  package static func witness(_ a: DecisionTable, _ b: DecisionTable) throws(BudgetError) -> Event? {
    var best = Best()
    let sources = sourcePairs(a, b)
    var numbers: [UInt64: UInt32] = [:]
    var pairs: [(Int, Int)] = []
    let words = try JointWalk.witnesses(of: [a.paths, b.paths]) { states in
      let pair = (a.paths.labels[Int(states[0])], b.paths.labels[Int(states[1])])
      let key = UInt64(pair.0) << 32 | UInt64(pair.1)
      if let known = numbers[key] { return known }
      numbers[key] = UInt32(pairs.count)
      pairs.append((Int(pair.0), Int(pair.1)))
      return UInt32(pairs.count - 1)
    }
    for (label, bytes) in words {
      let (mine, theirs) = pairs[Int(label)]
      guard mine != 0, theirs != 0, let path = BytePath(bytes) else { continue }
      for source in sources {
        for operation in PathOperation.allCases {
          for isOwner in [true, false] {
            let old = a.cell(source: source.0, path: mine, operation, isOwner: isOwner).verdict
            let new = b.cell(source: source.1, path: theirs, operation, isOwner: isOwner).verdict
            if old != new { best.take(Event(source: source.2, access: .path(operation, path), isOwner: isOwner)) }
          }
        }
      }
    }
    for source in sources {
      for cell in SocketCell.all where a.cell(source: source.0, cell).verdict != b.cell(source: source.1, cell).verdict
      {
        best.take(Event(source: source.2, access: .network(cell.representative)))
      }
      for one in Capability.allCases
      where a.cell(source: source.0, one).verdict != b.cell(source: source.1, one).verdict {
        best.take(Event(source: source.2, access: .capability(one)))
      }
    }
    try systemCalls(a.syscalls, b.syscalls, &best)
    return best.event
  }

  /// Every pair of source classes that some source has, with one that has it.
  private static func sourcePairs(_ a: DecisionTable, _ b: DecisionTable) -> [(Int, Int, BytePath?)] {
    var seen: Set<[Int]> = []
    var result: [(Int, Int, BytePath?)] = []
    let named = Set(a.sources.paths.joined()).union(b.sources.paths.joined()).sorted {
      ($0.bytes.count, $0) < ($1.bytes.count, $1)
    }
    for source in [nil] + named.map(Optional.some) {
      let pair = [a.sources[source], b.sources[source]]
      if seen.insert(pair).inserted { result.append((pair[0], pair[1], source)) }
    }
    return result
  }

  private static func systemCalls(_ a: SyscallTable, _ b: SyscallTable, _ best: inout Best) throws(BudgetError) {
    let names = Set(a.names).union(b.names).sorted()
    if names.isEmpty { return }
    func samples(_ one: Classifier, _ other: Classifier) throws(BudgetError) -> [BytePath?] {
      var numbers: [UInt64: UInt32] = [:]
      let words = try JointWalk.witnesses(of: [one, other]) { states in
        let key = UInt64(one.labels[Int(states[0])]) << 32 | UInt64(other.labels[Int(states[1])])
        if let known = numbers[key] { return known }
        numbers[key] = UInt32(numbers.count)
        return UInt32(numbers.count - 1)
      }
      return [nil] + words.sorted { $0.key < $1.key }.compactMap { BytePath($0.value) }.map(Optional.some)
    }
    let sources = try samples(a.sources, b.sources)
    let paths = try samples(a.paths, b.paths)
    for name in names {
      for source in sources {
        for path in paths where a.cell(name, path, from: source).verdict != b.cell(name, path, from: source).verdict {
          best.take(Event(source: source, access: .syscall(name, path)))
        }
      }
    }
  }

  /// The best event so far: shortest, then least by its text; of two that differ in nothing but the owner, the owner's.
  private struct Best {
    var event: Event?
    private var text = ""

    mutating func take(_ candidate: Event) {
      let words = candidate.description
      if event == nil || (words.utf8.count, words) < (text.utf8.count, text) { (event, text) = (candidate, words) }
    }
  }
}
