import IR

/// Which rules make a profile large.
enum StateCost {
  /// The rules whose patterns are longest in all, worst first, at most 20: in an automaton that is too large for its
  /// number of literals, bytes are states.
  static func worst(_ profile: Profile) -> [Origin] {
    var cost: [Origin: Int] = [:]
    for rule in profile.rules {
      guard case .file(let file) = rule.body else { continue }
      for origin in rule.origins { cost[origin, default: 0] += file.pattern.text.count }
    }
    return cost.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(20).map(\.key)
  }
}
