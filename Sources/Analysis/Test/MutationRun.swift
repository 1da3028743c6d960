import IR

/// Which mutants there are for the rules and postures that some groups of tests are about.
package enum MutationRun {
  /// In order of file and line, then of the groups for postures.
  package static func mutants(of groups: [TestGroup]) -> [Mutant] {
    var seen: Set<RuleKey> = []
    var rules: [(RuleKey, Rule)] = []
    for rule in groups.flatMap({ $0.subject.policies.flatMap(\.rules) }) {
      let key = RuleKey(rule.origin)
      if seen.insert(key).inserted { rules.append((key, rule)) }
    }
    return rules.sorted { $0.0 < $1.0 }.flatMap { Mutant.all(of: $0.1) }
      + groups.enumerated().flatMap { Mutant.postures(of: $1.subject, group: $0, except: $1.fixed) }
  }
}
