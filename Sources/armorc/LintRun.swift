import Analysis
import Diagnostics
import Frontend
import IR

/// The semantic rules over what was loaded.
enum LintRun {
  static func findings(_ loaded: LoadResult, _ options: PolicyOptions) -> [Diagnostic] {
    let index = SpanIndex(loaded)
    return Lint.check(
      LintInput(
        policies: loaded.policies.map(\.policy),
        context: loaded.clusterContext(postures: options.postures),
        base: options.base?.list,
        spans: LintSpans(
          rule: { index.rule($0)?.ruleSpans },
          policy: { index.policy($0)?.name },
          selector: { index.policy($0)?.selector }
        )
      )
    )
  }
}
