import Automata
import IR

/// Which labels the processes of a subject get into.
struct ActorLabels: Sendable {
  /// Per source class of the table: every label that a process of such a source can have, sorted; none where nothing that
  /// is confined may execute one.
  let ofClass: [[[String]]]
  /// Of a container's first process; nil on a host.
  let first: [String]?

  /// - Throws: `ComparisonError` for profiles that armorc never writes, or over budget.
  init(
    _ entries: [ProfileEntry],
    table: DecisionTable,
    profiles: [String: ProfileAccess],
    budget: StateBudget
  ) throws(ComparisonError) {
    var found = [Set<[String]>](repeating: [], count: table.sources.count)
    var queue: [[String]] = []
    var seen: Set<[String]> = []
    func place(_ label: [String]) {
      let normal = Set(label).sorted()
      if seen.insert(normal).inserted { queue.append(normal) }
    }
    for entry in entries {
      if !entry.isFirstProcess { found[entry.source].insert(Set(entry.label).sorted()) }
      place(entry.label)
    }
    var done = 0
    while done < queue.count {
      let label = queue[done]
      done += 1
      if queue.count > ProfileComparison.maximumLabels { throw .tooManyLabels(queue.count) }
      var components: [ProfileAccess] = []
      for name in label {
        guard let profile = profiles[name] else { throw .unknownProfile(name, from: label.joined(separator: "//&")) }
        components.append(profile)
      }
      let walk = try LabelPaths(components: components, table: table, floor: nil, budget: budget)
      for step in try walk.transitions() {
        found[step.source].insert(step.label)
        place(step.label)
      }
    }
    ofClass = found.map { $0.sorted { $0.lexicographicallyPrecedes($1) } }
    first = entries.first { $0.isFirstProcess }.map { Set($0.label).sorted() }
  }

  func labels(_ source: BytePath?, _ table: DecisionTable) -> [[String]] {
    if source == nil, let first { return [first] }
    return ofClass[table.sources[source]]
  }
}
