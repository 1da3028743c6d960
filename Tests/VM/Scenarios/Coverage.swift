import IR

/// Which rule shapes the planned decisions meet with which verdicts, and which rules decide none of them.
struct Coverage {
  /// Verdicts on and beside what rules of a shape speak of.
  private(set) var verdicts: [String: Set<Verdict>] = [:]
  /// Rules that decide no planned event, with their subjects.
  private(set) var idle: [String] = []

  init(_ planners: [Planner]) {
    for planner in planners {
      var deciders: Set<Origin> = []
      for scenario in planner.scenarios {
        if case .rule(let origin) = scenario.expected.decider { deciders.insert(origin) }
      }
      for rule in planner.subject.rules where rule.origin.policy.kind != .base {
        verdicts[Coverage.shape(rule), default: []].formUnion(
          Coverage.near(rule, planner.scenarios).map(\.expected.verdict)
        )
        if !deciders.contains(rule.origin) {
          idle.append("\(planner.subject.name): \(rule.origin.policy) \(rule.origin.path)")
        }
      }
    }
  }

  /// Shapes of which only one verdict was met.
  var oneSided: [String] { verdicts.filter { $0.value.count < 2 }.keys.sorted() }

  /// The decisions on what a rule speaks of and on its neighbours.
  private static func near(_ rule: Rule, _ scenarios: [Scenario]) -> [Scenario] {
    switch rule.target {
    case .process(let set), .file(let set):
      let paths = Set(Probes.around(set))
      return scenarios.filter {
        guard case .path(_, let path) = $0.event.access, $0.event.access.resourceClass == rule.resourceClass else {
          return false
        }
        return paths.contains(path)
      }
    default: return scenarios.filter { $0.event.access.resourceClass == rule.resourceClass }
    }
  }

  /// Such as `file directory, recursive, readOnly, fromSource: Block`.
  static func shape(_ rule: Rule) -> String {
    var words: [String]
    switch rule.target {
    case .process(let set), .file(let set):
      let kind =
        switch set {
        case .literal: "path"
        case .basename: "execname"
        case .directory(_, let recursive, _): recursive ? "directory, recursive" : "directory"
        case .glob: "pattern"
        }
      words = [rule.resourceClass.rawValue + " " + kind]
    case .network(let word): words = ["network " + word.rawValue]
    case .capability: words = ["capability"]
    case .syscall: words = ["syscall"]
    }
    if rule.readOnly { words.append("readOnly") }
    if rule.ownerOnly { words.append("ownerOnly") }
    if !rule.sources.isEmpty { words.append("fromSource") }
    return words.joined(separator: ", ") + ": " + rule.action.rawValue
  }
}
