import Diagnostics
import IR

/// Rules whose automata outgrow every budget.
struct PolicyTooLarge: LintRule {
  static let page = RulePage(
    id: "ARM2015",
    name: "PolicyTooLarge",
    severity: .error,
    summary: "rules too large to compile",
    why: """
      The patterns of one subject, taken together, need more automaton states or table cells than armorc allows. Such
      policies cannot be built. Many `**` in the middle of patterns are the usual cause: each pair of them multiplies
      what must be kept apart.
      """,
    bad: [],
    good: [],
    fix: """
      Write fewer `**` in the middle of patterns: name the directories with `matchDirectories`, or split the policy over
      more specific selectors.
      """
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    pass.overBudget.map { error in
      let byOrigin = Dictionary(
        pass.input.policies.flatMap { $0.rules.map { ($0.origin, $0) } },
        uniquingKeysWith: { first, _ in first }
      )
      let culprits = error.rules.compactMap { byOrigin[$0] }
      let others = culprits.dropFirst().prefix(4).compactMap { pass.label($0, "and this one") }
      return finding(
        "these rules need more than \(error.limit) \(error.quantity.rawValue)",
        at: culprits.first.flatMap(pass.place),
        caption: "adds most of them",
        labels: others,
        notes: culprits.count > 5 ? ["\(culprits.count - 5) more rules have a part in it"] : []
      )
    }
  }
}
