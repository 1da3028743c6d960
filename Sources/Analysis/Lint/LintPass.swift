package import Diagnostics
package import IR

/// One run of the linter: what was read, and what was found out once for all rules.
package struct LintPass: Sendable {
  package let input: LintInput
  /// Every subject, with the indices of its policies in `input.policies`, in the order of `SubjectPolicy.policies`.
  package let subjects: [(subject: SubjectPolicy, policies: [Int])]
  /// Policies that match nothing although manifests of that sort were given; indices into `input.policies`.
  package let unmatched: [Int]
  /// Earlier definitions to the one in force; indices into `input.policies`.
  package let superseded: [Int: Int]
  /// By policy, by rule; empty for a policy that was not looked at (nothing applies, or it is too large).
  package let fates: [[RuleFate]]
  /// Subjects too large to compile.
  package let overBudget: [TableBudgetError]

  package init(_ input: LintInput, budget: TableBudget = TableBudget()) {
    self.input = input
    var last: [PolicyID: Int] = [:]
    for (number, policy) in input.policies.enumerated() { last[policy.id] = number }
    var superseded: [Int: Int] = [:]
    for (number, policy) in input.policies.enumerated() {
      if let final = last[policy.id], final != number { superseded[number] = final }
    }
    self.superseded = superseded

    let inForce = input.policies.indices.filter { superseded[$0] == nil }
    let resolution = Resolution(
      policies: inForce.map { input.policies[$0] },
      context: input.context,
      base: input.base
    )
    unmatched = resolution.unmatched.compactMap { last[$0] }.sorted()
    var subjects = resolution.subjects.map { subject in
      (subject: subject, policies: subject.policies.compactMap { last[$0.id] })
    }
    // A definition that another one replaces is still worth reading, by itself.
    for number in superseded.keys.sorted() {
      let policy = input.policies[number]
      if policy.selector == .nothing { continue }
      let postures =
        policy.selector.isHost
        ? input.context.postureOfHosts : input.context.postures(inNamespace: policy.selector.singleNamespace)
      let subject = SubjectPolicy(
        name: "superseded-\(number)",
        subject: .selection(policy.selector),
        policies: [policy],
        postures: postures,
        base: input.base
      )
      subjects.append((subject, [number]))
    }
    self.subjects = subjects
    (fates, overBudget) = LintPass.fates(subjects, policies: input.policies, budget: budget)
  }

  private static func fates(
    _ subjects: [(subject: SubjectPolicy, policies: [Int])],
    policies: [Policy],
    budget: TableBudget
  ) -> ([[RuleFate]], [TableBudgetError]) {
    struct Key: Hashable {
      let policies: [Int]
      let postures: Postures
    }
    var seen: Set<Key> = []
    var fates = [[RuleFate]?](repeating: nil, count: policies.count)
    var unknown: Set<Int> = []
    var overBudget: [TableBudgetError] = []
    for (subject, numbers) in subjects {
      guard seen.insert(Key(policies: numbers, postures: subject.postures)).inserted else { continue }
      let found: SubjectFates
      do {
        found = try SubjectFates(rules: subject.rules, postures: subject.postures, budget: budget)
      } catch {
        overBudget.append(error)
        unknown.formUnion(numbers)
        continue
      }
      // Rules with a condition contribute to no verdict and have no fate of their own.
      var next = 0
      for number in numbers {
        let mine = policies[number].rules.map { rule -> RuleFate in
          guard rule.condition == nil else { return RuleFate() }
          next += 1
          return found.fates[next - 1]
        }
        fates[number] = fates[number].map { known in zip(known, mine).map { $0.and($1) } } ?? mine
      }
    }
    for number in unknown { fates[number] = nil }
    return (fates.map { $0 ?? [] }, overBudget)
  }

  /// Every rule with its fate.
  package func forEachFate(_ body: (_ policy: Int, _ rule: Rule, _ fate: RuleFate) -> Void) {
    for (number, mine) in fates.enumerated() {
      for (rule, fate) in zip(input.policies[number].rules, mine) { body(number, rule, fate) }
    }
  }

  // MARK: Places

  package func spans(_ rule: Rule) -> RuleSpans? { input.spans.rule(rule.origin.location) }

  /// What a rule speaks of, as it stands in the text.
  package func place(_ rule: Rule) -> Span? { spans(rule)?.object }

  package func place(_ policy: Policy) -> Span? { input.spans.policy(policy.location) }

  package func label(_ rule: Rule, _ message: String) -> Label? { place(rule).map { Label($0, message) } }
}
