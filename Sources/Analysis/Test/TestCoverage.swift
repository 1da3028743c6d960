package import IR

/// Which rules and default postures the expectations of a run decide.
package struct TestCoverage: Sendable {
  /// What can decide an event.
  package struct Item: Sendable {
    package enum Kind: Sendable {
      case rule(Rule)
      /// The default posture of a class in allow-list mode, for a tested subject.
      case posture(ResourceClass, subject: String)
    }
    package let kind: Kind
    /// Expectations that it decides.
    package var decided = 0
    /// Expectations that a rule covers without deciding them.
    package var covered = 0
    /// Whether some event of some subject is decided by it at all.
    package var canDecide = true
  }

  /// The rules of one policy, in order of position; for postures those of one subject.
  package struct Section: Sendable {
    package let name: String
    /// Where the policy stands; nil for postures.
    package let location: Location?
    package let items: [Item]

    /// Items that count, and how many of them are decided.
    package var total: Int { items.count { $0.canDecide } }
    package var decided: Int { items.count { $0.canDecide && $0.decided > 0 } }
  }

  /// Policies in order of file and line, then subjects in order of name.
  package let sections: [Section]

  package var total: Int { sections.reduce(0) { $0 + $1.total } }
  package var decided: Int { sections.reduce(0) { $0 + $1.decided } }
  /// In whole percent, rounded down: 100 means all. Of nothing all is decided.
  package var percent: Int { total == 0 ? 100 : decided * 100 / total }

  /// `policies` are all that tests were run under, `subjects` those of a build of them: what decides nothing for any of
  /// these nor for the groups cannot decide.
  package init(
    policies: [Policy],
    subjects: [SubjectPolicy],
    groups: [(group: TestGroup, outcomes: [ExpectationOutcome])]
  ) {
    var decided: [RuleKey: Int] = [:]
    var covered: [RuleKey: Int] = [:]
    var postures: [PostureKey: Int] = [:]
    for (group, outcomes) in groups {
      let modes = Set(group.subject.rules.filter { $0.action == .allow }.map(\.resourceClass))
      for mode in modes where mode != .syscalls {
        postures[PostureKey(subject: group.subject.name, mode), default: 0] += 0
      }
      for outcome in outcomes {
        var deciders: Set<RuleKey> = []
        var coverers: Set<RuleKey> = []
        var defaults: Set<ResourceClass> = []
        for found in outcome.found {
          coverers.formUnion(found.covering.map { RuleKey($0.origin) })
          switch found.decision.decider {
          case .rule(let origin): deciders.insert(RuleKey(origin))
          case .posture(let mode): defaults.insert(mode)
          case .nothing: continue
          }
        }
        for key in deciders { decided[key, default: 0] += 1 }
        for key in coverers.subtracting(deciders) { covered[key, default: 0] += 1 }
        for mode in defaults { postures[PostureKey(subject: group.subject.name, mode), default: 0] += 1 }
      }
    }

    // Only for what no expectation decides a table has to tell whether one could.
    let able = TestCoverage.able(
      subjects + groups.map(\.group.subject),
      rules: Set(policies.flatMap(\.rules).map { RuleKey($0.origin) }).subtracting(decided.keys),
      postures: Set(postures.filter { $0.value == 0 }.keys)
    )
    var sections: [Section] = []
    var seen: Set<RuleKey> = []
    let ordered = policies.sorted {
      ($0.location.file, $0.location.line, $0.id) < ($1.location.file, $1.location.line, $1.id)
    }
    for policy in ordered {
      let items = policy.rules.compactMap { rule -> Item? in
        let key = RuleKey(rule.origin)
        guard seen.insert(key).inserted else { return nil }
        let count = decided[key] ?? 0
        return Item(
          kind: .rule(rule),
          decided: count,
          covered: covered[key] ?? 0,
          canDecide: count > 0 || able.rules.contains(key)
        )
      }
      if !items.isEmpty {
        sections.append(Section(name: policy.id.description, location: policy.location, items: items))
      }
    }
    let bySubject = Dictionary(grouping: postures.keys, by: \.subject)
    for (subject, keys) in bySubject.sorted(by: { $0.key < $1.key }) {
      let items = keys.sorted().map { key in
        let count = postures[key] ?? 0
        return Item(
          kind: .posture(key.resourceClass, subject: subject),
          decided: count,
          canDecide: count > 0 || able.postures.contains(key)
        )
      }
      sections.append(Section(name: subject, location: nil, items: items))
    }
    self.sections = sections
  }

  private struct PostureKey: Hashable, Comparable {
    let subject: String
    let resourceClass: ResourceClass
    init(subject: String, _ resourceClass: ResourceClass) {
      self.subject = subject
      self.resourceClass = resourceClass
    }
    static func < (a: PostureKey, b: PostureKey) -> Bool {
      (a.subject, a.resourceClass.rawValue) < (b.subject, b.resourceClass.rawValue)
    }
  }

  private static func able(
    _ subjects: [SubjectPolicy],
    rules: Set<RuleKey>,
    postures: Set<PostureKey>
  ) -> (rules: Set<RuleKey>, postures: Set<PostureKey>) {
    var openRules = rules
    var openPostures = postures
    var result: (rules: Set<RuleKey>, postures: Set<PostureKey>) = ([], [])
    for subject in subjects {
      if openRules.isEmpty && openPostures.isEmpty { break }
      let mine = subject.rules.map { RuleKey($0.origin) }
      let isWanted = mine.contains(where: openRules.contains) || openPostures.contains { $0.subject == subject.name }
      guard isWanted else { continue }
      guard let table = try? DecisionTable(subject) else {
        // Too large to tell: what is not known to be idle counts.
        result.rules.formUnion(openRules.intersection(mine))
        result.postures.formUnion(openPostures.filter { $0.subject == subject.name })
        continue
      }
      let deciders = table.deciders
      for index in deciders.rules where openRules.remove(mine[index]) != nil { result.rules.insert(mine[index]) }
      for mode in deciders.postures {
        let key = PostureKey(subject: subject.name, mode)
        if openPostures.remove(key) != nil { result.postures.insert(key) }
      }
    }
    return result
  }
}
