extension Diagnostic {
  /// The order of every listing: findings about no file first, then by file, offset, code, end and message.
  package static func precedes(_ a: Diagnostic, _ b: Diagnostic) -> Bool {
    switch (a.span, b.span) {
    case (nil, .some): return true
    case (.some, nil): return false
    case (nil, nil): return (a.code, a.message) < (b.code, b.message)
    case (let first?, let second?):
      if first.file != second.file { return first.file < second.file }
      if first.start != second.start { return first.start < second.start }
      if a.code != b.code { return a.code < b.code }
      if first.end != second.end { return first.end < second.end }
      return a.message < b.message
    }
  }
}

extension Sequence<Diagnostic> {
  /// Sorted for people and programs, exact repeats dropped.
  package func inOrder() -> [Diagnostic] {
    var result: [Diagnostic] = []
    for diagnostic in sorted(by: Diagnostic.precedes) where result.last != diagnostic { result.append(diagnostic) }
    return result
  }
}

/// How many findings of each severity, and in how many files.
package struct Summary: Hashable, Sendable {
  package var errors = 0
  package var warnings = 0
  package var notes = 0
  /// Files that were read.
  package var files: Int

  package init(_ diagnostics: some Sequence<Diagnostic>, files: Int) {
    self.files = files
    for diagnostic in diagnostics {
      switch diagnostic.severity {
      case .error: errors += 1
      case .warning: warnings += 1
      case .note: notes += 1
      }
    }
  }

  /// "3 errors, 1 warning in 12 files".
  package var text: String {
    var parts: [String] = []
    if errors > 0 { parts.append(Summary.count(errors, "error")) }
    if warnings > 0 { parts.append(Summary.count(warnings, "warning")) }
    if notes > 0 { parts.append(Summary.count(notes, "note")) }
    let found = parts.isEmpty ? "no findings" : parts.joined(separator: ", ")
    return "\(found) in \(Summary.count(files, "file"))"
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
