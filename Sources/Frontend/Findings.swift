package import Diagnostics

/// Collects the findings of one file, up to a limit.
package struct Findings: Sendable {
  package let file: FileID
  package private(set) var list: [Diagnostic] = []
  private let limit: Int
  private var omitted = 0
  private(set) var errorCount = 0

  package init(file: FileID, limit: Int) {
    self.file = file
    self.limit = limit
  }

  /// Further findings are counted only, so their wording need not be worked out.
  var isFull: Bool { list.count >= limit }

  /// A span in this file.
  func span(_ range: Range<Int>) -> Span {
    Span(file: file, start: SourceOffset(clamping: range.lowerBound), end: SourceOffset(clamping: range.upperBound))
  }

  mutating func add(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error { errorCount += 1 }
    if list.count < limit { list.append(diagnostic) } else { omitted += 1 }
  }

  mutating func add(
    _ code: FrontendCode,
    _ message: String,
    at span: Span,
    severity: Severity = .error,
    caption: String = "",
    labels: [Label] = [],
    notes: [String] = [],
    fixes: [FixIt] = []
  ) {
    add(
      Diagnostic(
        code.rawValue,
        severity,
        message,
        at: span,
        caption: caption,
        labels: labels,
        notes: notes,
        fixes: fixes
      )
    )
  }

  /// The list, with a last finding that says how many were left out.
  consuming func finished(_ wholeFile: Span) -> [Diagnostic] {
    guard omitted > 0 else { return list }
    let severity: Severity = errorCount > 0 ? .error : .warning
    list.append(
      Diagnostic(
        FrontendCode.tooManyFindings.rawValue,
        severity,
        "\(omitted) further findings in this file are not shown",
        at: wholeFile.endPoint
      )
    )
    return list
  }
}

/// A name from the input inside a message: quoted, and cut when it is long.
func quoted(_ text: some StringProtocol) -> String {
  guard text.utf8.count > 80 else { return "'\(text)'" }
  return "'\(text.prefix(72))…'"
}

/// "'a', 'b' or 'c'".
func alternatives(_ words: some Sequence<String>, quoting: Bool = true) -> String {
  let shown = words.map { quoting ? "'\($0)'" : $0 }
  guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
  return shown.dropLast().joined(separator: ", ") + " or " + last
}
