package import IR

/// The expectations of a run, sorted so that a mutant is tried on those alone that it can touch.
package struct MutationIndex: Sendable {
  /// One event of one expectation that holds.
  private struct Probe: Sendable {
    let event: Event
    let expectation: PolicyExpectation
    /// Indices into the group's rules.
    let covering: [Int]
  }

  private struct Group: Sendable {
    let subject: SubjectPolicy
    let rules: [Rule]
    let ruleIndex: [RuleKey: Int]
    var probes: [Probe] = []
    /// By rule: the probes that it covers.
    var probesOfRule: [Int: [Int]] = [:]
    var probesOfClass: [ResourceClass: [Int]] = [:]
    /// By class: the first two `Allow` rules of policies, which alone make it an allow-list.
    var allows: [ResourceClass: [Int]] = [:]
  }

  private var groups: [Group]
  /// The groups that a rule applies to, in order.
  private var groupsOfRule: [RuleKey: [Int]] = [:]

  /// Only expectations that hold can kill.
  package init(_ groups: [TestGroup]) {
    self.groups = groups.map { group in
      let rules = group.subject.rules
      var made = Group(
        subject: group.subject,
        rules: rules,
        ruleIndex: Dictionary(rules.enumerated().map { (RuleKey($1.origin), $0) }, uniquingKeysWith: { a, _ in a })
      )
      for (index, rule) in rules.enumerated() where rule.action == .allow && rule.origin.policy.kind != .base {
        if made.allows[rule.resourceClass, default: []].count < 2 {
          made.allows[rule.resourceClass, default: []].append(index)
        }
      }
      return made
    }
    for (number, group) in self.groups.enumerated() {
      for key in group.ruleIndex.keys { groupsOfRule[key, default: []].append(number) }
    }
    for (number, group) in groups.enumerated() {
      for expectation in group.expectations { add(expectation, to: number) }
    }
  }

  /// Adds an expectation to a group, if it holds.
  package mutating func add(_ expectation: PolicyExpectation, to number: Int) {
    let evaluator = Evaluator(groups[number].subject)
    guard expectation.events.allSatisfy({ expectation.holds(for: evaluator.decide($0)) }) else { return }
    for event in expectation.events {
      let covering = evaluator.rulesCovering(event).compactMap { groups[number].ruleIndex[RuleKey($0.origin)] }
      let index = groups[number].probes.count
      groups[number].probes.append(Probe(event: event, expectation: expectation, covering: covering))
      groups[number].probesOfClass[event.access.resourceClass, default: []].append(index)
      for rule in covering { groups[number].probesOfRule[rule, default: []].append(index) }
    }
  }

  package func subject(_ number: Int) -> SubjectPolicy { groups[number].subject }

  /// The groups that a mutant changes.
  package func groups(of mutant: Mutant) -> [Int] {
    switch mutant.change {
    case .rule(let rule, _): groupsOfRule[RuleKey(rule.origin)] ?? []
    case .posture(_, let group, _): groups.indices.contains(group) ? [group] : []
    }
  }

  /// Whether some expectation that holds would fail.
  package func kills(_ mutant: Mutant) -> Bool {
    groups(of: mutant).contains { kills(mutant, in: groups[$0]) }
  }

  private func kills(_ mutant: Mutant, in group: Group) -> Bool {
    switch mutant.change {
    case .posture:
      let evaluator = Evaluator(mutant.applied(to: group.subject))
      return group.probes.contains { !$0.expectation.holds(for: evaluator.decide($0.event)) }
    case .rule(let rule, let becomes):
      guard let index = group.ruleIndex[RuleKey(rule.origin)] else { return false }
      let mode = rule.resourceClass
      let others = (group.allows[mode] ?? []).filter { $0 != index }
      let wasAllowList = !others.isEmpty || rule.action == .allow
      let isAllowList = !others.isEmpty || becomes?.action == .allow
      let candidates =
        wasAllowList != isAllowList || becomes.map { $0.target != rule.target || $0.sources != rule.sources } ?? false
        ? group.probesOfClass[mode] ?? [] : group.probesOfRule[index] ?? []
      let cover = becomes.map { Evaluator(MutationIndex.subject([$0], of: group.subject)) }
      for number in candidates {
        let probe = group.probes[number]
        let was = probe.covering.contains(index)
        let isCovered = cover.map { !$0.rulesCovering(probe.event).isEmpty } ?? false
        guard was || isCovered || wasAllowList != isAllowList else { continue }
        // Besides the rules that cover the event, one that keeps the class an allow-list is all that matters.
        var rules = probe.covering.filter { $0 != index }.map { group.rules[$0] }
        if let other = others.first, !probe.covering.contains(other) { rules.append(group.rules[other]) }
        if let becomes { rules.append(becomes) }
        let evaluator = Evaluator(
          MutationIndex.subject(rules.filter { $0.origin.policy.kind != .base }, of: group.subject)
        )
        if !probe.expectation.holds(for: evaluator.decide(probe.event)) { return true }
      }
      return false
    }
  }

  /// The subject with these rules alone.
  private static func subject(_ rules: [Rule], of subject: SubjectPolicy) -> SubjectPolicy {
    let id = PolicyID(kind: .pod, namespace: "", name: "")
    let policy = Policy(id: id, selector: .nothing, rules: rules, location: Location(file: "", line: 1, column: 1))
    return SubjectPolicy(
      name: subject.name,
      subject: subject.subject,
      policies: [policy],
      postures: subject.postures,
      base: subject.base
    )
  }
}
