package import Automata

/// Which system calls are audited, by name, path argument and source (SEMANTICS §4; they are never blocked).
package struct SyscallTable: Hashable, Sendable {
  /// The names that rules speak of, sorted; any other call is free.
  package let names: [String]
  /// Sorts source paths; labels index the second axis of `cells` after 0, which is "no source".
  package let sources: Classifier
  /// Sorts path arguments; labels index the third axis after 0, which is "no path".
  package let paths: Classifier
  package let sourceCount: Int
  package let pathCount: Int
  /// `[name][source][path]`, row-major.
  package let cells: [Cell]

  package func cell(_ name: String, _ path: BytePath?, from source: BytePath?) -> Cell {
    guard let row = names.binarySearch(name) else { return .free }
    let source = source.map { Int(sources.label(of: $0.bytes)) + 1 } ?? 0
    let path = path.map { Int(paths.label(of: $0.bytes)) + 1 } ?? 0
    return cells[(row * sourceCount + source) * pathCount + path]
  }

  init(_ rule: CellRule, budget: StateBudget) throws(BudgetError) {
    var names: Set<String> = []
    var objects: [PathSet: Int] = [:]
    var sourceSets: [PathSet: Int] = [:]
    var mine: [Int] = []
    for (index, clause) in rule.clauses.enumerated() {
      guard case .syscall(let calls, let path) = clause.object else { continue }
      mine.append(index)
      names.formUnion(calls)
      if let path, objects[path] == nil { objects[path] = objects.count }
      for source in clause.sources where sourceSets[source] == nil { sourceSets[source] = sourceSets.count }
    }
    func partition(_ sets: [PathSet: Int]) throws(BudgetError) -> Partition {
      let ordered = sets.sorted { $0.value < $1.value }.map(\.key.language)
      return try Partition.of(ordered + [.absolutePath], budget: budget)
    }
    let sourcePartition = try partition(sourceSets)
    let pathPartition = try partition(objects)
    self.names = names.sorted()
    sources = sourcePartition.classifier
    paths = pathPartition.classifier
    sourceCount = sourcePartition.members.count + 1
    pathCount = pathPartition.members.count + 1
    // A string that is no path belongs to no rule.
    func members(_ partition: Partition, _ sets: [PathSet: Int]) -> [Set<Int>] {
      [[]] + partition.members.map { $0.last == sets.count ? Set($0.dropLast()) : [] }
    }
    let sourceMembers = members(sourcePartition, sourceSets)
    let pathMembers = members(pathPartition, objects)
    var cells: [Cell] = []
    for name in self.names {
      for source in sourceMembers {
        for path in pathMembers {
          let covering = mine.filter { index in
            let clause = rule.clauses[index]
            guard case .syscall(let calls, let object) = clause.object, calls.contains(name) else { return false }
            if !clause.sources.isEmpty {
              guard clause.sources.contains(where: { sourceSets[$0].map(source.contains) ?? false }) else {
                return false
              }
            }
            return object.map { objects[$0].map(path.contains) ?? false } ?? true
          }
          cells.append(rule.decide(.syscalls, covering: covering))
        }
      }
    }
    self.cells = cells
  }
}

extension Array where Element: Comparable {
  /// Index of an element of a sorted array.
  func binarySearch(_ wanted: Element) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == wanted ? low : nil
  }
}
