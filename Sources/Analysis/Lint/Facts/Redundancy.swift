import IR

/// Which rules of a subject could go without a trace: no verdict changes, and no alert names another policy, severity,
/// message or tag than before.
///
/// The rules found can all go *together*: each is judged with those found before it gone. Later rules go first, so of
/// two that say the same the one that alerts name stays.
struct Redundancy {
  /// By rule.
  private(set) var isIdle: [Bool]
  private let table: SiteTable
  /// What an alert of the rule says beside the event; equal numbers, equal alerts.
  private let face: [Int]
  private var tallies: [Tally]
  private var allowCount: [ResourceClass: Int]

  init(_ table: SiteTable) {
    self.table = table
    face = Redundancy.faces(table.rules)
    tallies = table.tallies
    allowCount = table.allowCount
    isIdle = [Bool](repeating: false, count: table.rules.count)
    let candidates = candidates().sorted { table.rank[$0] > table.rank[$1] }
    for rule in candidates where canGo(rule) { remove(rule) }
  }

  private static func faces(_ rules: [Rule]) -> [Int] {
    struct Face: Hashable {
      let policy: PolicyID
      let severity: Int
      let message: String
      let tags: [String]
    }
    var known: [Face: Int] = [:]
    return rules.map { rule in
      let face = Face(policy: rule.origin.policy, severity: rule.severity, message: rule.message, tags: rule.tags)
      let next = known.count
      return known[face, default: next].also { known[face] = $0 }
    }
  }

  /// The rules that no site needs, by one pass over all sites.
  private func candidates() -> [Int] {
    var isNeeded = [Bool](repeating: false, count: table.rules.count)
    for (number, site) in table.sites.enumerated() {
      let tally = tallies[number]
      let posture = table.posture(site.resourceClass)
      let outcome = tally.outcome(posture: posture)
      for entry in table.entries[site.entries] where tally.count(entry.contribution) == 1 {
        if !isSame(tally, without: entry.contribution, outcome, posture) { isNeeded[entry.rule] = true }
      }
      var deciders = deciders(site, tally, outcome).makeIterator()
      if let first = deciders.next() {
        let second = deciders.next()
        if second.map({ face[$0] != face[first] }) ?? true { isNeeded[first] = true }
      }
    }
    for rule in table.rules.indices where !isNeeded[rule] && isSoleAllow(rule) { isNeeded[rule] = needsMode(rule) }
    return table.rules.indices.filter { !isNeeded[$0] && table.rules[$0].origin.policy.kind != .base }
  }

  /// Whether the verdict stays, and with it the kind of decider, when one contribution goes.
  private func isSame(_ tally: Tally, without gone: Contribution, _ outcome: Outcome, _ posture: Posture?) -> Bool {
    let rest = tally.removing(gone)
    guard rest.outcome(posture: posture) == outcome else { return false }
    // A block that was exempt comes back; another rule might be named.
    return tally.exemptsBlocks == rest.exemptsBlocks || tally.block == 0
  }

  /// The rules that a report of the site could name, best first; none where nothing is reported or the posture decides.
  private func deciders(_ site: Site, _ tally: Tally, _ outcome: Outcome) -> some Sequence<Int> {
    let isBlocked = outcome == .blocked
    let isAudited = outcome == .audited
    return table.entries[site.entries].lazy.filter { entry in
      if isIdle[entry.rule] { return false }
      return switch entry.contribution {
      case .audit: isAudited
      case .sourcedBlock: isBlocked
      case .block: isBlocked && !tally.exemptsBlocks
      case .allow, .sourcedAllow: false
      }
    }.map(\.rule)
  }

  // MARK: Allow-list mode

  private func isSoleAllow(_ rule: Int) -> Bool {
    table.rules[rule].action == .allow && allowCount[table.rules[rule].resourceClass] == 1
  }

  /// Whether a verdict changes when the only `Allow` rule of its class goes, and the class is no allow-list any more.
  private func needsMode(_ rule: Int) -> Bool {
    let resourceClass = table.rules[rule].resourceClass
    if table.postures[resourceClass] == .allow { return false }
    for (number, site) in table.sites.enumerated() where site.resourceClass == resourceClass {
      let before = tallies[number].outcome(posture: table.posture(resourceClass))
      let rest = table.contribution(of: rule, at: site).map(tallies[number].removing) ?? tallies[number]
      if rest.outcome(posture: nil) != before { return true }
    }
    return false
  }

  // MARK: Removing

  private func canGo(_ rule: Int) -> Bool {
    if isSoleAllow(rule), needsMode(rule) { return false }
    for number in table.sites(of: rule) {
      let number = Int(number)
      let site = table.sites[number]
      guard let contribution = table.contribution(of: rule, at: site) else { continue }
      let tally = tallies[number]
      let posture = table.posture(site.resourceClass)
      let outcome = tally.outcome(posture: posture)
      guard isSame(tally, without: contribution, outcome, posture) else { return false }
      var deciders = deciders(site, tally, outcome).makeIterator()
      guard deciders.next() == rule else { continue }
      guard let second = deciders.next(), face[second] == face[rule] else { return false }
    }
    return true
  }

  private mutating func remove(_ rule: Int) {
    isIdle[rule] = true
    for number in table.sites(of: rule) {
      guard let contribution = table.contribution(of: rule, at: table.sites[Int(number)]) else { continue }
      tallies[Int(number)].add(contribution, -1)
    }
    if table.rules[rule].action == .allow { allowCount[table.rules[rule].resourceClass, default: 0] -= 1 }
  }
}

extension Int {
  fileprivate func also(_ body: (Int) -> Void) -> Int {
    body(self)
    return self
  }
}
