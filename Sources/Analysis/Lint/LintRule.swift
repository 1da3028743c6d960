package import Diagnostics

/// One check of `armorc lint`. A rule is one file in `Rules/`; the file, the type and the name on its page are one word.
package protocol LintRule: Sendable {
  /// What people read about it: its tests and its page in `docs/rules` are made from this.
  static var page: RulePage { get }
  init()
  /// All findings of the rule, in any order.
  func check(_ pass: LintPass) -> [Diagnostic]
}

extension LintRule {
  /// A finding with the code and, unless another is given, the severity of this rule.
  func finding(
    _ message: String,
    at span: Span?,
    severity: Severity? = nil,
    caption: String = "",
    labels: [Label] = [],
    notes: [String] = [],
    fixes: [FixIt] = []
  ) -> Diagnostic {
    Diagnostic(
      Self.page.id,
      severity ?? Self.page.severity,
      message,
      at: span,
      caption: caption,
      labels: labels,
      notes: notes,
      fixes: fixes
    )
  }
}
