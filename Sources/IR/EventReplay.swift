/// `Evaluator` for many events of one subject: of many rules it is given those that may cover the event.
package struct EventReplay: Sendable {
  private let rules: [Rule]
  private let postures: Postures
  private var index: [ResourceClass: Candidates] = [:]

  /// The rules of a class, found by path.
  private final class Candidates: Sendable {
    let sets: PathSetIndex
    /// Per set.
    let rules: [[Int]]
    /// Rules without a set, and one that makes the class an allow-list.
    let always: [Int]

    init(_ draft: Draft) {
      sets = PathSetIndex(draft.sets)
      rules = draft.rules
      always = draft.always
    }
  }

  /// More rules than this are looked up before the evaluator looks at them one by one.
  private static let few = 64

  package init(rules: [Rule], postures: Postures) {
    self.rules = rules
    self.postures = postures
    if rules.count <= EventReplay.few { return }
    var known: [Rule.Target: Int] = [:]
    var drafts: [ResourceClass: Draft] = [:]
    for number in rules.indices {
      let resourceClass = rules[number].resourceClass
      var draft = drafts.removeValue(forKey: resourceClass) ?? Draft()
      if rules[number].action == .allow, !draft.hasAllow {
        draft.always.append(number)
        draft.hasAllow = true
      }
      switch rules[number].target {
      case .process(let set), .file(let set):
        let place = known[rules[number].target] ?? draft.sets.count
        if place == draft.sets.count {
          known[rules[number].target] = place
          draft.sets.append(set)
          draft.rules.append([])
        }
        draft.rules[place].append(number)
      case .network, .capability, .syscall: draft.always.append(number)
      }
      drafts[resourceClass] = draft
    }
    index = drafts.mapValues(Candidates.init)
  }

  private struct Draft {
    var sets: [PathSet] = []
    var rules: [[Int]] = []
    var always: [Int] = []
    var hasAllow = false
  }

  package func decide(_ event: Event) -> Decision {
    guard let candidates = index[event.access.resourceClass] else {
      return Evaluator(rules: rules, postures: postures).decide(event)
    }
    var chosen = candidates.always
    if case .path(_, let path) = event.access {
      for set in candidates.sets.candidates(for: path) { chosen += candidates.rules[set] }
    }
    if chosen.count > 1 { chosen.sort() }
    return Evaluator(rules: chosen.map { rules[$0] }, postures: postures).decide(event)
  }
}
