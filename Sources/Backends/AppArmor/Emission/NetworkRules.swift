import IR

/// Writes the network rules of one profile by enumeration of families and types.
struct NetworkRules {
  private let table: DecisionTable
  private let verdicts: [SocketKey: Verdict]
  /// The rules that decide a key.
  private var origins: [SocketKey: Set<Int>] = [:]

  /// For a profile that decides for the table classes `sources`; of several their `JointVerdict` counts (the union
  /// profile). If it is stacked on the profile of the classes `base`, only what narrows that is written.
  init(_ table: DecisionTable, sources: [Int], on base: [Int]? = nil) {
    self.table = table
    func strictest(_ key: SocketKey, _ sources: [Int]) -> Verdict {
      // Protocols are not mediated: what must be blocked for one protocol is blocked for all.
      let perSource = sources.map { source in
        key.cells(table, source: source).map(\.verdict).max { $0.rawValue < $1.rawValue } ?? .allow
      }
      return JointVerdict.verdict(perSource) ?? .allow
    }
    var verdicts: [SocketKey: Verdict] = [:]
    for key in SocketKey.all {
      let mine = strictest(key, sources)
      let below = base.map { strictest(key, $0) }
      verdicts[key] = below == mine || below == .block ? .allow : mine
      for source in sources {
        for cell in key.cells(table, source: source) where cell.verdict == mine {
          if let rule = cell.rule { origins[key, default: []].insert(rule) }
        }
      }
    }
    self.verdicts = verdicts
  }

  private struct Plan {
    var rules: [(ProfileRule.Qualifier, SocketWords)] = []
    /// Openable sockets that it is too strict with.
    var stricter: Set<SocketKey> = []
    /// Openable sockets that it lets through, or does not report, although it must.
    var looser: Set<SocketKey> = []

    /// Rather strict than loose; and rather refuse what hardly any program opens (DCCP, which has no word, so that nothing
    /// else can be said of it alone) than report every use of what many do.
    var cost: (Int, Int, Int) {
      (looser.count, stricter.count { $0.type != SocketNumber.dccp && $0.family != 24 }, stricter.count)
    }
  }

  /// `isListed`: only what some rule allows is granted.
  func rules(isListed: Bool) -> [ProfileRule] {
    let broad = broadPlan()
    let listed = listedPlan()
    let plan: Plan =
      if broad.cost == listed.cost {
        isListed && listed.rules.count <= broad.rules.count + 4 ? listed : broad
      } else {
        broad.cost < listed.cost ? broad : listed
      }
    var result = plan.rules.map { qualifier, words in
      let isBroad = words == .everything && qualifier == .allow
      let deciders = isBroad ? [] : Set(words.keys.flatMap { origins[$0] ?? [] }).sorted()
      return ProfileRule(
        .network,
        qualifier,
        .network(family: words.family, type: words.type),
        origins: deciders.map { table.rules[$0].origin }.sorted(),
        comment: isBroad ? "sockets are free" : table.summary(of: deciders)
      )
    }
    // With fine-grained mediation of AF_UNIX, `network,` would not be enough.
    if plan.rules.contains(where: { $0.0 != .auditDeny && $0.1 == .everything }) {
      result.insert(ProfileRule(.network, .allow, .words("unix")), at: 1)
    }
    return result
  }

  private func keys(_ verdict: Verdict, openable: Bool) -> Set<SocketKey> {
    Set(verdicts.lazy.filter { $0.value == verdict && (!openable || $0.key.isOpenable) }.map(\.key))
  }

  private var unopenable: Set<SocketKey> { Set(SocketKey.all.filter { !$0.isOpenable }) }

  /// Everything, less what is denied.
  private func broadPlan() -> Plan {
    let block = keys(.block, openable: true)
    let audit = keys(.audit, openable: true)
    let free = keys(.allow, openable: true)
    var plan = Plan()
    if block.count == SocketKey.all.lazy.filter(\.isOpenable).count {
      plan.rules = [(.auditDeny, .everything)]
      return plan
    }
    let mayDeny = block.union(unopenable)
    let mayAudit = audit.union(block).union(unopenable)
    let denials = SocketWords.cover(block, may: mayDeny)
    let missed = block.subtracting(denials.flatMap(\.keys))
    if free.isEmpty && !audit.isEmpty {
      plan.rules.append((.audit, .everything))
    } else {
      plan.rules.append((.allow, .everything))
      let audits = SocketWords.cover(audit, may: mayAudit)
      let unreported = audit.subtracting(audits.flatMap(\.keys))
      if unreported.isEmpty {
        plan.rules += audits.map { (.audit, $0) }
      } else {
        // A report too many rather than one too few.
        plan.rules[0].0 = .audit
        plan.stricter = free
      }
    }
    plan.rules += denials.map { (.auditDeny, $0) }
    plan.looser = missed
    return plan
  }

  /// Only what is listed.
  private func listedPlan() -> Plan {
    let audit = keys(.audit, openable: true)
    let free = keys(.allow, openable: true)
    var plan = Plan()
    // What no word can report is not granted.
    let grants = free.union(audit.filter { SocketKey.namedTypes.contains($0.type) })
    // An audit rule grants too.
    let audits = SocketWords.cover(audit, may: audit.union(unopenable))
    let allows = SocketWords.cover(free, may: grants.union(unopenable))
    plan.rules = allows.map { (.allow, $0) } + audits.map { (.audit, $0) }
    let allowed = (allows + audits).flatMap(\.keys)
    plan.stricter = free.union(audit).subtracting(allowed)
    plan.looser = audit.intersection(allowed).subtracting(audits.flatMap(\.keys))
    return plan
  }
}
