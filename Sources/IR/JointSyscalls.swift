package import Automata

/// System calls of which the same rules speak on either side, and so differ alike.
package struct JointSyscalls: Sendable {
  /// Sorted.
  package let names: [String]
  /// By path argument.
  package let columns: [Column]
  /// By number, as columns name them: the sources that rules tell apart.
  package let sources: [Source]
  private let pathPartition: Partition
  private let sourcePartition: Partition

  package struct Column: Sendable {
    /// A short path of the class; nil: calls without a path argument.
    package let witness: BytePath?
    /// Nil: no verdict differs.
    package let changes: JointColumn?
    fileprivate let label: UInt32?
  }

  package struct Source: Sendable {
    package let witness: BytePath
    /// Whether `witness` is the only one.
    package let isSingle: Bool
    fileprivate let label: UInt32
  }

  /// Sorts all strings by whether they are path arguments of some columns (by index), under the labels of `JointPaths`.
  package func pathAutomaton(of wanted: [Int]) -> Classifier {
    JointSyscalls.automaton(pathPartition, Set(wanted.compactMap { columns[$0].label }))
  }

  /// Sorts all strings by whether they are some of `sources` (by index).
  package func sourceAutomaton(of wanted: [Int]) -> Classifier {
    JointSyscalls.automaton(sourcePartition, Set(wanted.map { sources[$0].label }))
  }

  private static func automaton(_ partition: Partition, _ wanted: Set<UInt32>) -> Classifier {
    let path = partition.members.lazy.compactMap(\.last).max()
    return partition.classifier.relabelled { label in
      if wanted.contains(label) { return JointPaths.Label.inside }
      return partition.members[Int(label)].last == path ? JointPaths.Label.outside : JointPaths.Label.noPath
    }
  }

  /// One element for each group of calls that changed rules speak of.
  static func all(_ judge: JointJudge, budget: TableBudget) throws(TableBudgetError) -> [JointSyscalls] {
    var touched: Set<String> = []
    func calls(_ clause: Clause) -> [String] { if case .syscall(let names, _) = clause.object { names } else { [] } }
    for side in [judge.old, judge.new] {
      for (number, clause) in side.cellRule.clauses.enumerated() where side.isChanged[side.cellRule.ruleOf[number]] {
        touched.formUnion(calls(clause))
      }
    }
    struct Speakers: Hashable {
      var old: [Int] = []
      var new: [Int] = []
    }
    var speakers: [String: Speakers] = [:]
    for (number, clause) in judge.old.cellRule.clauses.enumerated() {
      for name in Set(calls(clause)).intersection(touched) { speakers[name, default: Speakers()].old.append(number) }
    }
    for (number, clause) in judge.new.cellRule.clauses.enumerated() {
      for name in Set(calls(clause)).intersection(touched) { speakers[name, default: Speakers()].new.append(number) }
    }
    let groups = Dictionary(grouping: touched.sorted()) { speakers[$0] ?? Speakers() }
    var result: [JointSyscalls] = []
    for (speakers, names) in groups.sorted(by: { ($0.value.first ?? "") < ($1.value.first ?? "") }) {
      result.append(try JointSyscalls(names, speakers.old, speakers.new, judge, budget: budget))
    }
    return result
  }

  private init(_ names: [String], _ old: [Int], _ new: [Int], _ judge: JointJudge, budget: TableBudget)
    throws(TableBudgetError)
  {
    var objects = Axis()
    var origins = Axis()
    for (side, clauses, isNew) in [(judge.old, old, false), (judge.new, new, true)] {
      for number in clauses {
        let clause = side.cellRule.clauses[number]
        if case .syscall(_, let set?) = clause.object { objects.add(set, number, isNew) }
        for source in Set(clause.sources) { origins.add(source, number, isNew) }
      }
    }
    let pathPartition: Partition
    let sourcePartition: Partition
    do throws(BudgetError) {
      pathPartition = try objects.partition(budget.states)
    } catch {
      throw judge.error(error, sets: objects.sets.count) { (objects.oldClauses[$0], objects.newClauses[$0]) }
    }
    do throws(BudgetError) {
      sourcePartition = try origins.partition(budget.states)
    } catch {
      throw judge.error(error, sets: origins.sets.count) { (origins.oldClauses[$0], origins.newClauses[$0]) }
    }

    var judge = judge
    judge.old.sources = judge.old.sources.map { _ in [] }
    judge.new.sources = judge.new.sources.map { _ in [] }
    var sources: [Source] = []
    for (label, members, witness) in origins.classes(sourcePartition) where !members.isEmpty {
      let isSingle = members.contains { if case .literal = origins.sets[$0] { true } else { false } }
      for set in members {
        for clause in origins.oldClauses[set] { judge.old.sources[clause].append(sources.count) }
        for clause in origins.newClauses[set] { judge.new.sources[clause].append(sources.count) }
      }
      sources.append(Source(witness: witness, isSingle: isSingle, label: label))
    }

    func withoutPath(_ side: JointSide, _ clauses: [Int]) -> [Int] {
      clauses.filter { if case .syscall(_, path: nil) = side.cellRule.clauses[$0].object { true } else { false } }
    }
    let (oldPlain, newPlain) = (withoutPath(judge.old, old), withoutPath(judge.new, new))
    var columns = [Column(witness: nil, changes: judge.column(.syscalls, oldPlain, newPlain), label: nil)]
    var cells = 0
    for (label, members, witness) in objects.classes(pathPartition) {
      let changes = judge.column(
        .syscalls,
        oldPlain + members.flatMap { objects.oldClauses[$0] },
        newPlain + members.flatMap { objects.newClauses[$0] }
      )
      columns.append(Column(witness: witness, changes: changes, label: label))
      cells += 1 + sources.count
      if cells > budget.cells {
        let origins = (new.map { judge.new.cellRule.clauses[$0] } + old.map { judge.old.cellRule.clauses[$0] })
          .map(\.origin)
        throw TableBudgetError(quantity: .cells, limit: budget.cells, rules: Array(origins.prefix(8)))
      }
    }
    self.names = names
    self.columns = columns
    self.sources = sources
    self.pathPartition = pathPartition
    self.sourcePartition = sourcePartition
  }
}

/// The sets of path arguments, or of sources, with the clauses that speak of them.
private struct Axis {
  private(set) var sets: [PathSet] = []
  private(set) var oldClauses: [[Int]] = []
  private(set) var newClauses: [[Int]] = []
  private var known: [PathSet: Int] = [:]

  mutating func add(_ set: PathSet, _ clause: Int, _ isNew: Bool) {
    let index = known[set] ?? sets.count
    if index == sets.count {
      known[set] = index
      sets.append(set)
      oldClauses.append([])
      newClauses.append([])
    }
    if isNew { newClauses[index].append(clause) } else { oldClauses[index].append(clause) }
  }

  func partition(_ budget: StateBudget) throws(BudgetError) -> Partition {
    try Partition.unminimised(sets.map(\.language) + [.absolutePath], budget: budget)
  }

  /// All classes of paths, those without members of `sets` included, in order of their shortest path.
  func classes(_ partition: Partition) -> [(label: UInt32, members: [Int], witness: BytePath)] {
    var result: [(label: UInt32, members: [Int], witness: BytePath)] = []
    for (label, bytes) in partition.classifier.shortestWitnesses() {
      let members = partition.members[Int(label)]
      guard members.last == sets.count, let witness = BytePath(bytes) else { continue }
      result.append((label, Array(members.dropLast()), witness))
    }
    return result.sorted { $0.witness < $1.witness }
  }
}
