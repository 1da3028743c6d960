import IR

/// Writes the capability rules of one profile by enumeration.
enum CapabilityRules {
  /// The rules of a profile that decides for the table classes `sources`; of several their
  /// `JointVerdict` counts (the union profile). If it is stacked on the profile of the classes `base`, only what narrows that is written.
  /// `isListed`: only what some rule allows is granted.
  static func rules(_ table: DecisionTable, sources: [Int], on base: [Int]? = nil, isListed: Bool) -> [ProfileRule] {
    func joint(_ capability: Capability, _ sources: [Int]) -> Cell? {
      JointVerdict.cell(sources.map { table.cell(source: $0, capability) })
    }
    var result: [ProfileRule] = []
    var grants: [ProfileRule] = []
    for capability in Capability.allCases {
      guard let cell = joint(capability, sources) else { continue }
      let below = base.flatMap { joint(capability, $0)?.verdict }
      let verdict = below == cell.verdict || below == .block ? .allow : cell.verdict
      let origins = cell.rule.map { [table.rules[$0].origin] } ?? []
      let comment = table.summary(of: cell.rule.map { [$0] } ?? [])
      switch verdict {
      case .allow:
        grants.append(ProfileRule(.capabilities, .allow, .capability(capability), origins: origins, comment: comment))
      case .audit:
        result.append(ProfileRule(.capabilities, .audit, .capability(capability), origins: origins, comment: comment))
      case .block:
        // Not granted is denied and reported too; the rule is for readers, and against what `spec.apparmor` grants.
        if !isListed || cell.rule != nil {
          result.append(
            ProfileRule(.capabilities, .auditDeny, .capability(capability), origins: origins, comment: comment)
          )
        }
      }
    }
    if isListed { return grants + result }
    let everything = ProfileRule(.capabilities, .allow, .capability(nil), comment: "capabilities are free")
    let isBlocked = result.count == Capability.allCases.count && result.allSatisfy(\.qualifier.isDeny)
    return (isBlocked ? [] : [everything]) + result
  }
}
