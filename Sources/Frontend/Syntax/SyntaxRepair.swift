import Diagnostics

/// A syntax error in the words of someone who knows policies, and edits that let the parser go on.
struct Repair {
  let diagnostic: Diagnostic
  /// Empty when there is no way to go on.
  var edits: [Edit] = []
  /// Whether the text after the edits is very probably what its author meant, so that findings in it can be trusted.
  var isReliable = true
}

/// Works out what is wrong where libyaml stopped. libyaml names the place where reading became impossible; the fault often
/// lies on an earlier line.
struct SyntaxRepair {
  let source: RepairedText
  let failure: LocatedFailure
  let file: FileID
  let lines: [TextLine]
  /// Index of the line libyaml stopped on.
  let problemLine: Int
  /// Index of the line where the construct it was reading starts.
  let contextLine: Int?

  var text: [UInt8] { source.bytes }

  init(_ source: RepairedText, _ failure: LocatedFailure, file: FileID) {
    self.source = source
    self.failure = failure
    self.file = file
    lines = TextLine.lines(of: source.bytes)
    problemLine = SyntaxRepair.line(of: failure.index, in: lines)
    let lines = lines
    contextLine = failure.contextIndex.map { SyntaxRepair.line(of: $0, in: lines) }
  }

  func make() -> Repair {
    tabInIndentation() ?? missingSpace() ?? missingColon() ?? nestedUnderValue() ?? brokenFlow() ?? afterValue()
      ?? listItem() ?? sibling() ?? outdented() ?? quotes() ?? reservedStart() ?? other()
  }

  // MARK: Places

  private static func line(of index: Int, in lines: [TextLine]) -> Int {
    var low = 0
    var high = lines.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lines[middle].range.lowerBound <= index { low = middle } else { high = middle }
    }
    return low
  }

  /// The nearest line above that holds more than a comment.
  func significantLine(above number: Int) -> Int? {
    var index = number - 1
    while index >= 0 {
      if !lines[index].isBlank { return index }
      index -= 1
    }
    return nil
  }

  func significantLine(below number: Int) -> Int? {
    var index = number + 1
    while index < lines.count {
      if !lines[index].isBlank { return index }
      index += 1
    }
    return nil
  }

  func span(_ range: Range<Int>) -> Span {
    Span(file: file, start: source.origin(of: range.lowerBound), end: source.origin(of: range.upperBound))
  }

  func word(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }

  /// What a line shows of itself in a caption: its key, or all of it.
  func subject(_ line: TextLine) -> Range<Int> {
    if let field = line.field(text) { return line.first..<field.colon }
    return line.first..<max(line.end, line.first)
  }

  func finding(
    _ code: FrontendCode,
    _ message: String,
    at range: Range<Int>,
    caption: String = "",
    labels: [Label] = [],
    notes: [String] = [],
    fixes: [FixIt] = []
  ) -> Diagnostic {
    Diagnostic(
      code.rawValue,
      .error,
      message,
      at: span(range),
      caption: caption,
      labels: labels,
      notes: notes,
      fixes: fixes
    )
  }

  func fix(_ message: String, _ range: Range<Int>, _ replacement: String) -> FixIt {
    FixIt(message, span: span(range), replacement: replacement, applicability: .unsafe)
  }

  /// Lines `range` moved by `shift` columns; a line never moves further than its indentation allows.
  func reindent(_ range: Range<Int>, by shift: Int) -> [Edit] {
    var edits: [Edit] = []
    for index in range where !lines[index].isBlank {
      let line = lines[index]
      if shift > 0 {
        edits.append(Edit(line.range.lowerBound..<line.range.lowerBound, String(repeating: " ", count: shift)))
      } else {
        edits.append(Edit(line.range.lowerBound..<line.range.lowerBound + min(-shift, line.indent), ""))
      }
    }
    return edits
  }

  /// The lines from `start` on that are indented at least as much as it.
  func block(from start: Int, indent: Int? = nil) -> Range<Int> {
    let least = indent ?? lines[start].indent
    var end = start + 1
    while end < lines.count, lines[end].isBlank || lines[end].indent >= least { end += 1 }
    return start..<end
  }

  /// Reports in libyaml's words and blanks the line; what follows cannot be trusted.
  func other() -> Repair {
    let line = lines[problemLine]
    let column = min(max(failure.index, line.range.lowerBound), line.range.upperBound)
    let range = column..<max(column, line.end)
    let context = failure.context.isEmpty ? "" : " " + failure.context
    var labels: [Label] = []
    if let index = failure.contextIndex, let number = contextLine, number != problemLine {
      labels.append(Label(span(index..<max(index, lines[number].end)), "\(failure.context) that starts here"))
    }
    let whole = line.first..<line.range.upperBound
    return Repair(
      diagnostic: finding(.otherSyntax, "not valid YAML: \(failure.problem)\(context)", at: range, labels: labels),
      edits: whole.isEmpty ? [] : [Edit(whole, "")],
      isReliable: false
    )
  }
}
