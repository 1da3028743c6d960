/// SEMANTICS §6 over clauses that are already known to cover an event: what the decision table does per cell.
final class CellRule: Sendable {
  let clauses: [Clause]
  /// Clause index to the index of its rule.
  let ruleOf: [Int]
  let postures: Postures
  let allowListed: Set<ResourceClass>
  /// Rank of a rule among those that contribute alike; the smallest is named.
  let rank: [Int]

  init(rules: [Rule], postures: Postures) {
    var clauses: [Clause] = []
    var ruleOf: [Int] = []
    for (index, rule) in rules.enumerated() {
      for clause in Clause.lower(rule) {
        clauses.append(clause)
        ruleOf.append(index)
      }
    }
    self.clauses = clauses
    self.ruleOf = ruleOf
    self.postures = postures
    allowListed = Set(rules.indices.lazy.filter { rules[$0].action == .allow }.map { rules[$0].resourceClass })
    rank = CellRule.rank(rules)
  }

  /// Places by severity, then origin, then order.
  private static func rank(_ rules: [Rule]) -> [Int] {
    // Policies are compared once each; rules of one policy follow each other as a rule.
    var number: [PolicyID: Int] = [:]
    var policyOf: [Int] = []
    policyOf.reserveCapacity(rules.count)
    for index in rules.indices {
      if index > 0, rules[index].origin.policy == rules[index - 1].origin.policy {
        policyOf.append(policyOf[index - 1])
        continue
      }
      let next = number.count
      policyOf.append(number[rules[index].origin.policy, default: next])
      number[rules[index].origin.policy] = policyOf[index]
    }
    var place = [Int](repeating: 0, count: number.count)
    for (position, policy) in number.keys.sorted().enumerated() {
      if let old = number[policy] { place[old] = position }
    }
    let order = rules.indices.sorted { a, b in
      if rules[a].severity != rules[b].severity { return rules[a].severity > rules[b].severity }
      if policyOf[a] != policyOf[b] { return place[policyOf[a]] < place[policyOf[b]] }
      if rules[a].origin.position != rules[b].origin.position {
        return rules[a].origin.position < rules[b].origin.position
      }
      return (rules[a].origin.path, a) < (rules[b].origin.path, b)
    }
    var rank = [Int](repeating: 0, count: rules.count)
    for (place, index) in order.enumerated() { rank[index] = place }
    return rank
  }

  /// The cell of an event; `covering` are the indices of all clauses that cover it, source, operation and owner included,
  /// as far as `isCovering` agrees.
  func decide(
    _ resourceClass: ResourceClass,
    covering: [Int],
    where isCovering: (Int) -> Bool = { _ in true }
  ) -> Cell {
    var allow: Int?
    var audit: Int?
    var plainBlock: Int?
    var sourcedBlock: Int?
    var sourcedAllow = false
    for index in covering where isCovering(index) {
      let rule = ruleOf[index]
      func better(_ known: Int?) -> Int { known.map { rank[$0] <= rank[rule] ? $0 : rule } ?? rule }
      switch clauses[index].effect {
      case .allow:
        allow = better(allow)
        sourcedAllow = sourcedAllow || clauses[index].isSourced
      case .audit: audit = better(audit)
      case .block:
        if clauses[index].isSourced { sourcedBlock = better(sourcedBlock) } else { plainBlock = better(plainBlock) }
      }
    }
    var block = sourcedBlock
    if !sourcedAllow, let plainBlock {
      block = block.map { rank[$0] <= rank[plainBlock] ? $0 : plainBlock } ?? plainBlock
    }
    if let block { return Cell(.block, rule: block) }
    var allowed = Cell.free
    if allowListed.contains(resourceClass) {
      if let allow {
        allowed = Cell(.allow, rule: allow)
      } else {
        switch postures[resourceClass] {
        case .block: return Cell(.block, posture: resourceClass)
        case .audit: return Cell(.audit, posture: resourceClass)
        case .allow: allowed = Cell(.allow, posture: resourceClass)
        }
      }
    }
    return audit.map { Cell(.audit, rule: $0) } ?? allowed
  }
}
