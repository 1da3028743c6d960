package enum Severity: String, Sendable, Hashable, Comparable, CaseIterable {
  case note, warning, error
  package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
  private var rank: Int {
    switch self {
    case .note: 0
    case .warning: 1
    case .error: 2
    }
  }
}

/// How safe it is to apply a fix unseen. A fix that widens permissions is never `safe`.
package enum Applicability: String, Sendable, Hashable { case safe, unsafe, display }

/// A proposed edit of the source: the bytes of `span` are replaced by `replacement`.
package struct FixIt: Hashable, Sendable {
  /// An instruction, lower case, no final period: "write 'matchPatterns'".
  package let message: String
  package let span: Span
  package let replacement: String
  package let applicability: Applicability
  package init(_ message: String, span: Span, replacement: String, applicability: Applicability) {
    self.message = message
    self.span = span
    self.replacement = replacement
    self.applicability = applicability
  }
}

/// A further place that helps to understand a finding, such as the other rule of a conflict.
package struct Label: Hashable, Sendable {
  package let span: Span
  package let message: String
  package init(_ span: Span, _ message: String) {
    self.span = span
    self.message = message
  }
}

/// One finding, as data. Renderers turn it into text.
package struct Diagnostic: Hashable, Sendable {
  /// Stable code: `ARM1xxx` syntax and schema, `ARM2xxx` meaning, `ARM3xxx` an enforcer cannot do it,
  /// `ARM4xxx` tests.
  package let code: String
  package let severity: Severity
  /// What is wrong, lower case, no final period, names quoted 'like this'.
  package let message: String
  /// Where; nil only for findings about no file at all.
  package let span: Span?
  /// Shown at the carets.
  package let caption: String
  /// Other places, each with its own message.
  package let labels: [Label]
  /// Further lines: what was expected, what the consequence is, a witness event.
  package let notes: [String]
  package let fixes: [FixIt]

  package init(
    _ code: String,
    _ severity: Severity,
    _ message: String,
    at span: Span?,
    caption: String = "",
    labels: [Label] = [],
    notes: [String] = [],
    fixes: [FixIt] = []
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.span = span
    self.caption = caption
    self.labels = labels
    self.notes = notes
    self.fixes = fixes
  }
}
