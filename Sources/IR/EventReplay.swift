/// `Evaluator` for many events of one subject: of many rules it is given those that may cover the event.
package struct EventReplay: Sendable {
  private let rules: [Rule]
  private let postures: Postures
  private var index: [ResourceClass: Candidates] = [:]

  /// The rules of a class, found by path.
  private struct Candidates {
    var sets: PathSetIndex
    /// Per set.
    var rules: [[Int]]
    /// Rules without a set, and one that makes the class an allow-list.
    var always: [Int]
  }

  /// More rules than this are looked up before the evaluator looks at them one by one.
  private static let few = 64

  package init(rules: [Rule], postures: Postures) {
    self.rules = rules
    self.postures = postures
    if rules.count <= EventReplay.few { return }
    for resourceClass in ResourceClass.allCases {
      var sets: [PathSet] = []
      var known: [PathSet: Int] = [:]
      var rulesOf: [[Int]] = []
      var always: [Int] = []
      var hasAllow = false
      for (number, rule) in rules.enumerated() where rule.resourceClass == resourceClass {
        if rule.action == .allow, !hasAllow {
          always.append(number)
          hasAllow = true
        }
        switch rule.target {
        case .process(let set), .file(let set):
          let place = known[set] ?? sets.count
          if place == sets.count {
            known[set] = place
            sets.append(set)
            rulesOf.append([])
          }
          rulesOf[place].append(number)
        case .network, .capability, .syscall: always.append(number)
        }
      }
      index[resourceClass] = Candidates(sets: PathSetIndex(sets), rules: rulesOf, always: always)
    }
  }

  package func decide(_ event: Event) -> Decision {
    guard let candidates = index[event.access.resourceClass] else {
      return Evaluator(rules: rules, postures: postures).decide(event)
    }
    var chosen = Set(candidates.always)
    if case .path(_, let path) = event.access {
      for set in candidates.sets.candidates(for: path) { chosen.formUnion(candidates.rules[set]) }
    }
    return Evaluator(rules: chosen.sorted().map { rules[$0] }, postures: postures).decide(event)
  }
}
