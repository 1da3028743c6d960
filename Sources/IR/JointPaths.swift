package import Automata

/// The paths whose verdicts may differ, for process or for file events, sorted by the sets that hold them.
package struct JointPaths: Sendable {
  package let resourceClass: ResourceClass
  /// The distinct sets that rules of either side speak of; columns name them by index.
  package let sets: [PathSet]
  /// Per set: whether the columns hold all of it, and not only what it has in common with changed sets.
  package let isWhole: [Bool]
  /// Whether the columns hold all paths.
  package let isEverything: Bool
  package let columns: [Column]
  private let budget: StateBudget

  /// All paths that belong to the same sets.
  package struct Column: Sendable {
    /// Ascending.
    package let members: [Int]
    /// A short and readable one.
    package let witness: BytePath
    /// Whether `witness` is the only one.
    package let isSingle: Bool
    /// Nil: no verdict differs.
    package let changes: JointColumn?
  }

  init(_ resourceClass: ResourceClass, _ judge: JointJudge, budget: TableBudget) throws(TableBudgetError) {
    let objects = JointObjects(resourceClass, judge)
    let isEverything = judge.isWhole(resourceClass)
    var area = JointArea(
      PathSetIndex(objects.sets),
      isChanged: isEverything ? objects.sets.map { _ in true } : objects.isChanged,
      isEverything: isEverything
    )
    do throws(BudgetError) {
      try area.sortZones(budget: budget.states)
    } catch {
      throw judge.error(error, sets: objects.sets.count) { (objects.oldClauses[$0], objects.newClauses[$0]) }
    }
    area.sortPoints()

    var columns: [Column] = []
    // Paths of the same sets are decided alike.
    var known: [[Int]: JointColumn?] = [:]
    var cells = 0
    for place in area.places {
      let changes: JointColumn?
      if let same = known[place.members] {
        changes = same
      } else {
        changes = judge.column(
          resourceClass,
          place.members.flatMap { objects.oldClauses[$0] }.sorted(),
          place.members.flatMap { objects.newClauses[$0] }.sorted()
        )
        known[place.members] = .some(changes)
      }
      cells += 6 * (1 + (changes?.overrides.count ?? 0))
      if cells > budget.cells {
        let rules = judge.new.rules + judge.old.rules
        let worst = rules.sorted { ($1.sources.count, $0.origin) < ($0.sources.count, $1.origin) }.prefix(8)
        throw TableBudgetError(quantity: .cells, limit: budget.cells, rules: worst.map(\.origin))
      }
      columns.append(
        Column(members: place.members, witness: place.witness, isSingle: place.isSingle, changes: changes)
      )
    }
    self.resourceClass = resourceClass
    self.isEverything = isEverything
    self.budget = budget.states
    sets = objects.sets
    isWhole = area.isChanged
    self.columns = columns
  }

  /// Labels of `automaton`.
  package enum Label {
    package static let noPath: UInt32 = 0
    package static let outside: UInt32 = 1
    package static let inside: UInt32 = 2
  }

  /// Sorts all strings by whether they are paths of some columns (by index), under labels of `Label`.
  package func automaton(of wanted: [Int]) throws(BudgetError) -> Classifier {
    let (classifier, labels) = try sorting(of: wanted, involved: involved(with: wanted))
    return classifier.relabelled { labels[Int($0)] }
  }

  /// What tells some columns from all others: the sets that have a path in common with one of theirs. Ascending.
  package func involved(with wanted: [Int]) -> [Int] {
    var mine: Set<Int> = []
    for column in wanted {
      if columns[column].members.isEmpty { return Array(sets.indices) }
      mine.formUnion(columns[column].members)
    }
    var involved = mine
    for column in columns where column.members.contains(where: mine.contains) { involved.formUnion(column.members) }
    return involved.sorted()
  }

  /// `automaton` with finer labels than it needs and more states; beside it the `Label` of each of its labels.
  package func sorting(of wanted: [Int], involved: [Int]) throws(BudgetError) -> (Classifier, labels: [UInt32]) {
    var inside: Set<[Int]> = []
    for column in wanted { inside.insert(columns[column].members) }
    let partition = try Partition.unminimised(involved.map { sets[$0].language } + [.absolutePath], budget: budget)
    let labels = partition.members.map { members in
      if members.last != involved.count { return Label.noPath }
      return inside.contains(members.dropLast().map { involved[$0] }) ? Label.inside : Label.outside
    }
    return (partition.classifier, labels)
  }
}

/// The sets that the rules of a class speak of, with their clauses.
private struct JointObjects {
  private(set) var sets: [PathSet] = []
  /// Per set.
  private(set) var oldClauses: [[Int]] = []
  private(set) var newClauses: [[Int]] = []
  /// Per set: whether a rule that only one side has speaks of it.
  private(set) var isChanged: [Bool] = []

  init(_ resourceClass: ResourceClass, _ judge: JointJudge) {
    var known: [PathSet: Int] = [:]
    for (side, isNew) in [(judge.old, false), (judge.new, true)] {
      /// Clauses of one rule follow each other and share its set.
      var last: (rule: Int, set: Int) = (-1, -1)
      for (number, clause) in side.cellRule.clauses.enumerated() {
        let rule = side.cellRule.ruleOf[number]
        guard case .paths(let set) = clause.object, side.rules[rule].resourceClass == resourceClass else { continue }
        if last.rule != rule {
          let index = known[set] ?? sets.count
          if index == sets.count {
            known[set] = index
            sets.append(set)
            oldClauses.append([])
            newClauses.append([])
            isChanged.append(false)
          }
          last = (rule, index)
        }
        if isNew { newClauses[last.set].append(number) } else { oldClauses[last.set].append(number) }
        if side.isChanged[rule] { isChanged[last.set] = true }
      }
    }
  }
}
