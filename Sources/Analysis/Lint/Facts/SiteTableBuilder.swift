import Automata
import IR

/// The work of making a `SiteTable`.
struct SiteTableBuilder {
  private(set) var sites: [Site] = []
  private(set) var entries: [SiteEntry] = []
  private(set) var tallies: [Tally] = []
  /// Sort paths into the classes that samples name.
  private(set) var automata: [Classifier] = []
  private let rules: [Rule]
  /// Best rank first, so that ascending indices are ordered by rank.
  private var clauses: [(clause: Clause, rule: Int)] = []
  private let budget: TableBudget
  /// Classes with events that no clause covers.
  private var sawFree: Set<ResourceClass> = []
  /// Entries and candidate sites looked at; bounds time and memory.
  private var work = 0

  init(rules: [Rule], order: [Int], budget: TableBudget) {
    self.rules = rules
    self.budget = budget
    for index in order { for clause in Clause.lower(rules[index]) { clauses.append((clause, index)) } }
  }

  private func contribution(_ clause: Clause) -> Contribution {
    switch clause.effect {
    case .allow: clause.isSourced ? .sourcedAllow : .allow
    case .block: clause.isSourced ? .sourcedBlock : .block
    case .audit: .audit
    }
  }

  // MARK: Paths

  /// The distinct path sets of process and file clauses; samples of sites refer to them by index.
  mutating func addPaths() throws(TableBudgetError) -> [PathSet] {
    var index: [PathSet: Int] = [:]
    var sets: [PathSet] = []
    var clausesOf: [[Int]] = []
    for (number, entry) in clauses.enumerated() {
      guard case .paths(let set) = entry.clause.object else { continue }
      if let known = index[set] {
        clausesOf[known].append(number)
      } else {
        index[set] = sets.count
        sets.append(set)
        clausesOf.append([number])
      }
    }
    if sets.isEmpty { return [] }
    let groups = PathGroups(sets)
    for group in groups.groups {
      if group.count == 1, let only = group.first {
        guard try hasPath(sets[only], clausesOf[only]) else { continue }
        try addPathClass(clausesOf[only], .set(only))
        continue
      }
      let partition = try partition(group.map { sets[$0] }, culprits: group.map { clausesOf[$0] })
      automata.append(partition.classifier)
      for (label, members) in partition.members.enumerated() where members.count > 1 && members.last == group.count {
        let covering = members.dropLast().flatMap { clausesOf[group[$0]] }.sorted()
        try addPathClass(covering, .label(label, of: automata.count - 1))
      }
    }
    // What no clause covers is one site of each class, if there is such a path.
    let operations: [PathOperation] = [.exec, .read]
    if operations.contains(where: { !sawFree.contains($0.resourceClass) }) {
      let leaves = groups.leavesPaths ? true : try leavesPaths(sets, clausesOf)
      if leaves { sawFree = [.process, .file] }
    }
    for operation in operations where sawFree.contains(operation.resourceClass) {
      try add(operation.resourceClass, [], .path(operation, .rest, isOwner: false), nil)
    }
    return sets
  }

  /// The sites of the paths that just these clauses cover.
  private mutating func addPathClass(_ covering: [Int], _ name: Site.Sample.PathClass) throws(TableBudgetError) {
    var known: [ResourceClass: Set<[SiteEntry]>] = [:]
    for operation in PathOperation.allCases {
      for isOwner in [false, true] {
        let mine = covering.filter {
          clauses[$0].clause.operations.contains(operation) && clauses[$0].clause.owner.holds(isOwner: isOwner)
        }
        for (source, list) in bySource(mine) {
          if list.isEmpty {
            sawFree.insert(operation.resourceClass)
            continue
          }
          // Six combinations mostly say the same.
          guard known[operation.resourceClass, default: []].insert(list).inserted else { continue }
          try add(operation.resourceClass, list, .path(operation, name, isOwner: isOwner), source)
        }
      }
    }
  }

  private func hasPath(_ set: PathSet, _ clauses: [Int]) throws(TableBudgetError) -> Bool {
    do { return try set.example(budget: budget.states) != nil } catch { throw tooLarge(error, [clauses]) }
  }

  /// Whether some path belongs to no set: a few odd ones are tried, then the automaton of them all.
  private func leavesPaths(_ sets: [PathSet], _ culprits: [[Int]]) throws(TableBudgetError) -> Bool {
    for text in ["/", "/%0", "/%0/%1/%2"] {
      if let path = BytePath(text), !sets.contains(where: { $0.contains(path) }) { return true }
    }
    return try partition(sets, culprits: culprits).members.contains([sets.count])
  }

  private func partition(_ sets: [PathSet], culprits: [[Int]]) throws(TableBudgetError) -> Partition {
    do {
      return try Partition.of(sets.map(\.language) + [.absolutePath], budget: budget.states)
    } catch {
      throw tooLarge(error, culprits)
    }
  }

  private func tooLarge(_ error: BudgetError, _ culprits: [[Int]]) -> TableBudgetError {
    var seen: Set<Int> = []
    let named = error.culprits.filter { $0 < culprits.count }.flatMap { culprits[$0] }.map { clauses[$0].rule }
      .filter { seen.insert($0).inserted }
    return TableBudgetError(
      quantity: .states,
      limit: error.limit,
      rules: named.isEmpty ? rules.map(\.origin) : named.map { rules[$0].origin }
    )
  }

  /// The plain clauses alone, and with those of every named source.
  private func bySource(_ covering: [Int]) -> [(BytePath?, [SiteEntry])] {
    func list(_ numbers: [Int]) -> [SiteEntry] {
      numbers.map { SiteEntry(rule: clauses[$0].rule, contribution(clauses[$0].clause)) }
    }
    let plain = covering.filter { !clauses[$0].clause.isSourced }
    var result: [(BytePath?, [SiteEntry])] = [(nil, list(plain))]
    if plain.count == covering.count { return result }
    var sourced: [BytePath: [Int]] = [:]
    for number in covering {
      for case .literal(let path) in Set(clauses[number].clause.sources) { sourced[path, default: []].append(number) }
    }
    for (path, numbers) in sourced.sorted(by: { $0.key < $1.key }) {
      result.append((path, list((plain + numbers).sorted())))
    }
    return result
  }

  // MARK: Network and capabilities

  mutating func addNetwork() throws(TableBudgetError) {
    var byWord: [NetworkProtocol: [Int]] = [:]
    for (number, entry) in clauses.enumerated() {
      if case .network(let word) = entry.clause.object { byWord[word, default: []].append(number) }
    }
    if byWord.isEmpty { return }
    var seen: Set<[NetworkProtocol]> = []
    for cell in SocketCell.all {
      let socket = cell.representative
      let words = NetworkProtocol.allCases.filter { byWord[$0] != nil && $0.covers(socket) }
      // Which words cover it is all that matters.
      guard seen.insert(words).inserted else { continue }
      for (source, list) in bySource(words.flatMap { byWord[$0] ?? [] }.sorted()) {
        try add(.network, list, .network(cell), source)
      }
    }
  }

  mutating func addCapabilities() throws(TableBudgetError) {
    var byName: [Capability: [Int]] = [:]
    for (number, entry) in clauses.enumerated() {
      if case .capability(let capability) = entry.clause.object { byName[capability, default: []].append(number) }
    }
    if byName.isEmpty { return }
    var sawFree = false
    for capability in Capability.allCases {
      let covering = byName[capability] ?? []
      if covering.isEmpty {
        if sawFree { continue }
        sawFree = true
      }
      for (source, list) in bySource(covering) { try add(.capabilities, list, .capability(capability), source) }
    }
  }

  // MARK: System calls

  mutating func addSyscalls() throws(TableBudgetError) {
    var byName: [String: [Int]] = [:]
    for (number, entry) in clauses.enumerated() {
      guard case .syscall(let names, _) = entry.clause.object else { continue }
      for name in Set(names) { byName[name, default: []].append(number) }
    }
    for (name, mine) in byName.sorted(by: { $0.key < $1.key }) {
      if mine.count == 1 {
        let list = mine.map { SiteEntry(rule: clauses[$0].rule, .audit) }
        try add(.syscalls, list, .syscall(name), nil)
        continue
      }
      let sources = try axis(mine) { $0.sources }
      let objects = try axis(mine) { clause in
        if case .syscall(_, let path?) = clause.object { [path] } else { [] }
      }
      for source in sources {
        for object in objects {
          let both = source.filter(object.contains).sorted()
          let list = both.map { SiteEntry(rule: clauses[$0].rule, .audit) }
          try add(.syscalls, list, .syscall(name), nil)
        }
      }
    }
  }

  /// Per class of strings, and first for no string at all, the clauses that cover it; a clause without sets covers all.
  private mutating func axis(_ mine: [Int], _ setsOf: (Clause) -> [PathSet]) throws(TableBudgetError) -> [Set<Int>] {
    var index: [PathSet: Int] = [:]
    var sets: [PathSet] = []
    var members: [[Int]] = []
    var free: Set<Int> = []
    for number in mine {
      let own = setsOf(clauses[number].clause)
      if own.isEmpty { free.insert(number) }
      for set in own {
        let known = index[set] ?? sets.count
        if known == sets.count {
          index[set] = known
          sets.append(set)
          members.append([])
        }
        members[known].append(number)
      }
    }
    if sets.isEmpty { return [free] }
    let partition = try partition(sets, culprits: members)
    work += partition.members.count
    return [free]
      + partition.members.filter { $0.last == sets.count }.map { classes in
        free.union(classes.dropLast().flatMap { members[$0] })
      }
  }

  private mutating func add(
    _ resourceClass: ResourceClass,
    _ list: [SiteEntry],
    _ object: Site.Sample.Object,
    _ source: BytePath?
  ) throws(TableBudgetError) {
    work += 1 + list.count
    guard work <= budget.cells / 2 else {
      let worst = rules.sorted { ($1.sources.count, $0.origin) < ($0.sources.count, $1.origin) }.prefix(8)
      throw TableBudgetError(quantity: .cells, limit: budget.cells, rules: worst.map(\.origin))
    }
    var tally = Tally()
    for entry in list { tally.add(entry.contribution) }
    let start = entries.count
    entries += list
    tallies.append(tally)
    sites.append(
      Site(
        resourceClass: resourceClass,
        entries: start..<entries.count,
        sample: Site.Sample(object: object, source: source)
      )
    )
  }
}
