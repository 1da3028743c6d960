package import Diagnostics
package import IR

/// `armorc lint`: what policies mean, and where that is not what their authors meant.
package enum Lint {
  /// Every rule, ordered by code.
  package static let rules: [any LintRule.Type] = [
    DuplicateRule.self,
    ShadowedRule.self,
    CoveredByOtherPolicy.self,
    OverriddenAllow.self,
    UnreachedAudit.self,
    AllowListWithoutLoader.self,
    GlobInPath.self,
    CommandLinePattern.self,
    RegularExpressionPattern.self,
    UnmatchablePattern.self,
    IdlePolicy.self,
    UnmatchedPolicy.self,
    SourcedAllowList.self,
    ReportOnlyAllow.self,
    PolicyTooLarge.self,
  ]

  /// The pages of the rules, ordered by code.
  package static var pages: [RulePage] { rules.map { $0.page } }

  /// All findings, sorted.
  package static func check(_ input: LintInput, budget: TableBudget = TableBudget()) -> [Diagnostic] {
    check(LintPass(input, budget: budget))
  }

  package static func check(_ pass: LintPass) -> [Diagnostic] { rules.flatMap { $0.init().check(pass) }.inOrder() }
}
