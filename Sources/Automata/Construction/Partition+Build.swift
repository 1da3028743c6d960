extension Partition {
  /// Sorts all strings by which of `languages` hold them.
  ///
  /// Languages without a literal beginning are determinised together and minimised; the others run beside the result as
  /// a tree of prefixes. So a thousand literals cost their letters, whatever the patterns are.
  /// - Throws: `BudgetError` naming the languages (by index) that cause the growth.
  package static func of(_ languages: [Language], budget: StateBudget = StateBudget()) throws(BudgetError) -> Partition
  {
    try build(languages, on: trivial, from: 0, budget: budget, isMinimal: true).renumbered()
  }

  /// The same sorting by an automaton that is not minimal and with classes in no special order, for callers that
  /// relabel it at once, which minimises, or throw it away. `known` is the sorting by the languages before index `first`,
  /// if it is at hand.
  package static func unminimised(
    _ languages: [Language],
    known: Partition? = nil,
    first: Int = 0,
    budget: StateBudget = StateBudget()
  ) throws(BudgetError) -> Partition {
    try build(languages, on: known ?? trivial, from: known == nil ? 0 : first, budget: budget, isMinimal: false)
  }

  private static func build(
    _ languages: [Language],
    on start: Partition,
    from first: Int,
    budget: StateBudget,
    isMinimal: Bool
  ) throws(BudgetError) -> Partition {
    let all = Array(languages.indices)
    let new = all.dropFirst(first)
    let floating = new.filter { languages[$0].literalPrefix < 2 }
    let anchored = new.filter { languages[$0].literalPrefix >= 2 }
    let base: Partition
    do {
      base = try extend(start, by: floating, of: languages, budget: budget)
    } catch {
      throw BudgetError(limit: budget.states, culprits: Growth.culprits(among: floating, of: languages))
    }
    do {
      return try extend(base, by: anchored, of: languages, budget: budget, isMinimal: isMinimal)
    } catch {
      throw BudgetError(limit: budget.states, culprits: Growth.culprits(among: all, of: languages))
    }
  }

  /// Every string in the one class that no language holds.
  static let trivial = Partition(
    classifier: Classifier(
      minimalClassOfByte: [UInt8](repeating: 0, count: 256),
      byteClassCount: 1,
      transitions: [0],
      labels: [0]
    ),
    members: [[]]
  )

  /// The classes of `self`, told apart further by some languages. Classes are numbered in no special order.
  static func extend(
    _ base: Partition,
    by indices: [Int],
    of languages: [Language],
    budget: StateBudget,
    isMinimal: Bool = true
  ) throws(SubsetConstruction.Overflow) -> Partition {
    if indices.isEmpty { return base }
    var graph = PrefixGraph()
    for index in indices { graph.add(languages[index], index: index) }
    let subsets = try SubsetConstruction(graph, base: base, budget: budget)
    if !isMinimal {
      return Partition(
        classifier: Classifier(
          minimalClassOfByte: subsets.classOfByte,
          byteClassCount: subsets.width,
          transitions: subsets.transitions,
          labels: subsets.labels
        ),
        members: subsets.members
      )
    }
    return Partition(
      classifier: Minimizer.minimize(
        classOfByte: subsets.classOfByte,
        byteClassCount: subsets.width,
        transitions: subsets.transitions,
        labels: subsets.labels
      ),
      members: subsets.members
    )
  }

  /// Classes numbered by the first state that carries them.
  package func renumbered() -> Partition {
    var order: [UInt32: UInt32] = [:]
    var members: [[Int]] = []
    let labels = classifier.labels.map { old -> UInt32 in
      if let known = order[old] { return known }
      order[old] = UInt32(members.count)
      members.append(self.members[Int(old)])
      return UInt32(members.count - 1)
    }
    return Partition(
      classifier: Classifier(
        minimalClassOfByte: classifier.classOfByte,
        byteClassCount: classifier.byteClassCount,
        transitions: classifier.transitions,
        labels: labels
      ),
      members: members
    )
  }
}
