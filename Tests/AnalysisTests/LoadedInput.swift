import Analysis
import Diagnostics
import Frontend
import IR

/// What the front end makes of some text, as the linter wants it.
struct LoadedInput {
  let load: LoadResult
  let input: LintInput

  init(_ sources: [(name: String, bytes: [UInt8])], base: BaseList? = nil) {
    let load = Frontend.load(sources: sources)
    self.init(load, base: base)
  }

  init(_ load: LoadResult, base: BaseList? = nil) {
    var rules: [Key: RuleSpans] = [:]
    var names: [Key: Span] = [:]
    var selectors: [Key: Span] = [:]
    for loaded in load.policies {
      names[Key(loaded.policy.location)] = loaded.spans.name
      selectors[Key(loaded.policy.location)] = loaded.spans.selector
      for rule in loaded.policy.rules {
        guard let spans = loaded.spans.rule(rule.origin.position) else { continue }
        rules[Key(rule.origin.location)] = RuleSpans(
          entry: spans.entry,
          object: spans.subject,
          action: spans.action,
          sources: spans.sources
        )
      }
    }
    self.load = load
    let (ruleTable, nameTable, selectorTable) = (rules, names, selectors)
    input = LintInput(
      policies: load.policies.map(\.policy),
      context: load.clusterContext(),
      base: base,
      spans: LintSpans(
        rule: { ruleTable[Key($0)] },
        policy: { nameTable[Key($0)] },
        selector: { selectorTable[Key($0)] }
      )
    )
  }

  /// All locations are equal; their fields are not.
  private struct Key: Hashable, Sendable {
    let file: String
    let line: Int
    let column: Int
    init(_ location: Location) { (file, line, column) = (location.file, location.line, location.column) }
  }
}
