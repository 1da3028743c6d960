import IR

/// The fates of all rules of one subject.
struct SubjectFates {
  /// In the order of `SubjectPolicy.rules`.
  private(set) var fates: [RuleFate]
  private let table: SiteTable
  private let isIdle: [Bool]
  /// Entries that may still be looked at for the sake of explanations.
  private var effort = 1 << 24
  /// By site: its best rules that stay, at most `mostLive`.
  private var live: [Int: [SiteEntry]] = [:]
  private static let mostLive = 64

  /// - Throws: `TableBudgetError` for a subject too large to be looked at.
  init(rules: [Rule], postures: Postures, budget: TableBudget = TableBudget()) throws(TableBudgetError) {
    table = try SiteTable(rules: rules, postures: postures, budget: budget)
    isIdle = Redundancy(table).isIdle
    fates = [RuleFate](repeating: RuleFate(), count: rules.count)
    for rule in rules.indices where rules[rule].origin.policy.kind != .base { judge(rule) }
  }

  private mutating func judge(_ rule: Int) {
    let sites = table.sites(of: rule)
    var fate = RuleFate()
    fate.isIdle = isIdle[rule]
    fate.coversNothing = sites.isEmpty
    switch table.rules[rule].action {
    case .allow: fate.isOverridden = isOverridden(rule)
    case .audit: fate.isUnreached = isUnreached(rule)
    case .block: break
    }
    if fate.isWorthTelling, !fate.coversNothing { explain(rule, &fate) }
    fates[rule] = fate
  }

  private func isOverridden(_ rule: Int) -> Bool {
    var allows = false
    for number in table.sites(of: rule) {
      let contribution = table.contribution(of: rule, at: table.sites[Int(number)])
      guard contribution == .allow || contribution == .sourcedAllow else { continue }
      allows = true
      if table.outcome(at: Int(number)) != .blocked { return false }
    }
    return allows
  }

  private func isUnreached(_ rule: Int) -> Bool {
    var meetsPosture = false
    for number in table.sites(of: rule) {
      switch table.outcome(at: Int(number)) {
      case .posture: meetsPosture = true
      case .blocked: continue
      case .audited, .allowed: return false
      }
    }
    return meetsPosture
  }

  // MARK: Who decides instead

  private mutating func explain(_ rule: Int, _ fate: inout RuleFate) {
    /// Rules that stay, with the number of the rule's sites that they decide alike, and the first deciders.
    var presence: [Int: Int] = [:]
    var firsts: Set<Int> = []
    var count = 0
    var sample: Site?
    for number in table.sites(of: rule) {
      let site = table.sites[Int(number)]
      guard let own = table.contribution(of: rule, at: site) else { continue }
      let outcome = table.outcome(at: Int(number))
      if case .posture = outcome { fate.posture = table.postures[site.resourceClass] }
      if sample == nil { sample = site }
      let instead = deciders(of: site, Int(number), outcome, own, except: rule)
      guard let first = instead.first else { continue }
      count += 1
      firsts.insert(first)
      for other in instead { presence[other, default: 0] += 1 }
    }
    let words = RuleWords(table.rules[rule])
    let full = presence.filter { $0.value == count }.map(\.key).sorted { table.rank[$0] < table.rank[$1] }
    if let twin = full.first(where: { RuleWords(table.rules[$0]) == words }) {
      fate.isDuplicate = true
      fate.deciders = [table.rules[twin]]
    } else if let one = full.first(where: { isOfSamePolicy($0, rule) }) ?? full.first {
      fate.deciders = [table.rules[one]]
    } else {
      let ordered = firsts.sorted { table.rank[$0] < table.rank[$1] }
      fate.deciders = ordered.prefix(RuleFate.shownDeciders).map { table.rules[$0] }
      fate.furtherDeciders = max(0, ordered.count - RuleFate.shownDeciders)
    }
    if fate.deciders.isEmpty, fate.posture == nil { fate.posture = table.postures[table.rules[rule].resourceClass] }
    if let sample, !isLiteral(rule) { fate.witness = table.event(at: sample) }
  }

  private func isOfSamePolicy(_ a: Int, _ b: Int) -> Bool {
    table.rules[a].origin.policy == table.rules[b].origin.policy
  }

  private func isLiteral(_ rule: Int) -> Bool {
    switch table.rules[rule].target {
    case .process(let set), .file(let set): if case .literal = set { true } else { false }
    case .network, .capability, .syscall: true
    }
  }

  /// The rules that stay and bring about the site's verdict, best first.
  private mutating func deciders(
    of site: Site,
    _ number: Int,
    _ outcome: Outcome,
    _ own: Contribution,
    except rule: Int
  ) -> [Int] {
    if live[number] == nil {
      if effort <= 0 { return [] }
      effort -= site.entries.count
      live[number] = Array(table.entries[site.entries].filter { !isIdle[$0.rule] }.prefix(Self.mostLive))
    }
    let exempts = table.tallies[number].exemptsBlocks
    var result: [Int] = []
    for entry in live[number] ?? [] where entry.rule != rule {
      let decides =
        switch (outcome, entry.contribution) {
        case (.blocked, .sourcedBlock): true
        case (.blocked, .block): !exempts
        case (.audited, .audit): own == .audit
        case (.allowed, .allow), (.allowed, .sourcedAllow), (.audited, .allow), (.audited, .sourcedAllow):
          own == .allow || own == .sourcedAllow || own == .block
        default: false
        }
      if decides { result.append(entry.rule) }
    }
    return result
  }
}
