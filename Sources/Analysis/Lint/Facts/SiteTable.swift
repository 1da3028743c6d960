import Automata
import IR

/// All events of one subject sorted by which rules cover them how. Unlike a decision table, which knows one decider per
/// cell, it knows everybody who speaks; so it can tell what would change if a rule were not there.
struct SiteTable: Sendable {
  /// In the order of `SubjectPolicy.rules`.
  let rules: [Rule]
  let postures: Postures
  /// Place of each rule among those that contribute alike; the smallest is the one that alerts name.
  let rank: [Int]
  /// How many `Allow` rules of policies each class has; classes without one are missing. A base list makes no allow-list.
  let allowCount: [ResourceClass: Int]
  private(set) var sites: [Site] = []
  private(set) var entries: [SiteEntry] = []
  /// By site.
  private(set) var tallies: [Tally] = []
  /// Indices into `sites` by rule: `siteList[siteStart[rule]..<siteStart[rule + 1]]`.
  private(set) var siteList: [UInt32] = []
  private(set) var siteStart: [Int] = []
  /// What samples refer to.
  private let pathSets: [PathSet]
  private let automata: [Classifier]

  /// - Throws: `TableBudgetError` naming rules when automata or the table get too large.
  init(rules: [Rule], postures: Postures, budget: TableBudget = TableBudget()) throws(TableBudgetError) {
    self.rules = rules
    self.postures = postures
    let order = rules.indices.sorted {
      rules[$0].severity != rules[$1].severity
        ? rules[$0].severity > rules[$1].severity
        : (rules[$0].origin, $0) < (rules[$1].origin, $1)
    }
    var rank = [Int](repeating: 0, count: rules.count)
    for (place, rule) in order.enumerated() { rank[rule] = place }
    self.rank = rank
    var allowCount: [ResourceClass: Int] = [:]
    for rule in rules where rule.action == .allow && rule.origin.policy.kind != .base {
      allowCount[rule.resourceClass, default: 0] += 1
    }
    self.allowCount = allowCount

    var builder = SiteTableBuilder(rules: rules, order: order, budget: budget)
    pathSets = try builder.addPaths()
    automata = builder.automata
    try builder.addNetwork()
    try builder.addCapabilities()
    try builder.addSyscalls()
    (sites, entries, tallies) = (builder.sites, builder.entries, builder.tallies)

    var start = [Int](repeating: 0, count: rules.count + 1)
    for entry in entries { start[entry.rule + 1] += 1 }
    for index in rules.indices { start[index + 1] += start[index] }
    siteStart = start
    var next = start
    siteList = [UInt32](repeating: 0, count: entries.count)
    for (number, site) in sites.enumerated() {
      for index in site.entries {
        let rule = entries[index].rule
        siteList[next[rule]] = UInt32(truncatingIfNeeded: number)
        next[rule] += 1
      }
    }
  }

  /// The sites that a rule covers.
  func sites(of rule: Int) -> ArraySlice<UInt32> { siteList[siteStart[rule]..<siteStart[rule + 1]] }

  /// What a rule does at a site that it covers.
  func contribution(of rule: Int, at site: Site) -> Contribution? {
    // Ordered by rank: a binary search finds it.
    var low = site.entries.lowerBound
    var high = site.entries.upperBound
    while low < high {
      let middle = (low + high) / 2
      if rank[entries[middle].rule] < rank[rule] { low = middle + 1 } else { high = middle }
    }
    return low < site.entries.upperBound && entries[low].rule == rule ? entries[low].contribution : nil
  }

  /// The posture in force for a class: nil unless it is an allow-list.
  func posture(_ resourceClass: ResourceClass) -> Posture? {
    allowCount[resourceClass] == nil ? nil : postures[resourceClass]
  }

  func outcome(at number: Int) -> Outcome { tallies[number].outcome(posture: posture(sites[number].resourceClass)) }

  /// One event of a site, readable; nil when finding one is not worth the time.
  func event(at site: Site) -> Event? {
    switch site.sample.object {
    case .path(let operation, let pathClass, let isOwner):
      guard let path = path(of: pathClass) else { return nil }
      return Event(source: site.sample.source, access: .path(operation, path), isOwner: isOwner)
    case .network(let cell):
      return Event(source: site.sample.source, access: .network(cell.representative))
    case .capability(let capability): return Event(source: site.sample.source, access: .capability(capability))
    case .syscall: return nil
    }
  }

  private func path(of pathClass: Site.Sample.PathClass) -> BytePath? {
    switch pathClass {
    case .rest: return nil
    case .set(let index): return (try? pathSets[index].example(budget: StateBudget())) ?? nil
    case .label(let label, let number):
      guard automata[number].stateCount <= 4096 else { return nil }
      return automata[number].shortestWitness { Int($0) == label }.flatMap { BytePath($0) }
    }
  }
}
