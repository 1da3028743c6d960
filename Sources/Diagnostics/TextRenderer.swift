/// Findings for people, in the manner of rustc: header, source lines with carets, notes and help.
package struct TextRenderer: Sendable {
  /// ANSI colours; only when the caller knows that a terminal shows them.
  package var colour: Bool
  /// Most screen columns of source text shown per line; longer lines are cut around the span.
  package var width: Int

  package init(colour: Bool = false, width: Int = 120) {
    self.colour = colour
    self.width = max(40, width)
  }

  /// All findings in order, a blank line after each, then the summary.
  package func render(_ diagnostics: [Diagnostic], _ map: SourceMap) -> String {
    let ordered = diagnostics.inOrder()
    var out = ""
    for diagnostic in ordered { out += render(diagnostic, map) + "\n" }
    return out + Summary(ordered, files: map.files.count).text + "\n"
  }

  /// One finding.
  package func render(_ diagnostic: Diagnostic, _ map: SourceMap) -> String {
    let tint = severityTint(diagnostic.severity)
    var out = paint("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", tint)
    out += paint(": " + DisplayText.safe(diagnostic.message), .bold) + "\n"
    let marks = self.marks(of: diagnostic)
    let gutter = marks.map { String(map[$0.span.file].position(of: $0.span.start).line).count }.max() ?? 1
    var isFirst = true
    for group in grouped(marks) {
      out += excerpt(group, map, gutter: gutter, isFirst: isFirst, tint: tint)
      isFirst = false
    }
    let pad = String(repeating: " ", count: gutter + 1)
    let trailer = diagnostic.notes.map { ("note", $0) } + diagnostic.fixes.map { ("help", $0.message) }
    if !trailer.isEmpty, !marks.isEmpty { out += pad + paint("|", .blue) + "\n" }
    for (kind, text) in trailer {
      out += pad + paint("=", .blue) + " " + paint(kind + ":", .bold) + " " + DisplayText.safe(text) + "\n"
    }
    return out
  }

  /// The line that a span begins on, with its place and carets: for reports with a header of their own.
  package func excerpt(_ span: Span, caption: String = "", _ severity: Severity = .note, _ map: SourceMap) -> String {
    let gutter = String(map[span.file].position(of: span.start).line).count
    let mark = Mark(span: span, caption: caption, isPrimary: true)
    return excerpt([mark], map, gutter: gutter, isFirst: true, tint: severityTint(severity))
  }

  /// A place to underline.
  private struct Mark {
    let span: Span
    let caption: String
    let isPrimary: Bool
  }

  private func marks(of diagnostic: Diagnostic) -> [Mark] {
    var marks: [Mark] = []
    if let span = diagnostic.span { marks.append(Mark(span: span, caption: diagnostic.caption, isPrimary: true)) }
    return marks + diagnostic.labels.map { Mark(span: $0.span, caption: $0.message, isPrimary: false) }
  }

  /// By file, the primary one's first, each in order of offset.
  private func grouped(_ marks: [Mark]) -> [[Mark]] {
    var groups: [[Mark]] = []
    for mark in marks {
      if let index = groups.firstIndex(where: { $0[0].span.file == mark.span.file }) {
        groups[index].append(mark)
      } else {
        groups.append([mark])
      }
    }
    return groups
  }

  private func excerpt(_ group: [Mark], _ map: SourceMap, gutter: Int, isFirst: Bool, tint: Tint) -> String {
    guard let first = group.first else { return "" }
    let file = map[first.span.file]
    let place = file.position(of: first.span.start)
    let pad = String(repeating: " ", count: gutter)
    let arrow = isFirst ? "-->" : ":::"
    var out = pad + paint(arrow, .blue) + " \(DisplayText.safe(file.name)):\(place.line):\(place.column)\n"
    out += pad + " " + paint("|", .blue) + "\n"
    let ordered = group.enumerated().sorted { ($0.element.span.start, $0.offset) < ($1.element.span.start, $1.offset) }
    var previous: Int?
    for (_, mark) in ordered {
      let number = file.position(of: mark.span.start).line
      if let shown = previous, number > shown + 1 { out += paint("...", .blue) + "\n" }
      let line = file.lineRange(number)
      let view = LineView(file.bytes[line], span: mark.span, lineStart: line.lowerBound, width: width)
      if previous != number {
        let label = String(number)
        out += paint(String(repeating: " ", count: gutter - min(gutter, label.count)) + label + " |", .blue)
        out += view.text.isEmpty ? "\n" : " " + view.text + "\n"
      }
      let carets = String(repeating: mark.isPrimary ? "^" : "-", count: view.caretCount)
      let caption = mark.caption.isEmpty ? "" : " " + DisplayText.safe(mark.caption)
      out += pad + " " + paint("|", .blue) + " " + String(repeating: " ", count: view.caretColumn)
      out += paint(carets + caption, mark.isPrimary ? tint : .blue) + "\n"
      previous = number
    }
    return out
  }
}

/// One source line cut to the screen, and where its carets stand.
private struct LineView {
  let text: String
  let caretColumn: Int
  let caretCount: Int

  init(_ line: ArraySlice<UInt8>, span: Span, lineStart: Int, width: Int) {
    // Of an endless line only the neighbourhood of the span is looked at.
    let reach = 8 * width
    var low = max(line.startIndex, min(Int(span.start), line.endIndex) - reach)
    while low > line.startIndex, line[low] & 0xC0 == 0x80, low + reach > Int(span.start) - 4 { low -= 1 }
    let high = min(line.endIndex, max(low, min(Int(span.start), line.endIndex)) + reach)
    let bytes = line[low..<high]
    let isCutBefore = low > line.startIndex
    let isCutAfter = high < line.endIndex
    let lineStart = lineStart + low - line.startIndex
    let display = DisplayText(bytes)
    let start = display.column(of: max(0, Int(span.start) - lineStart))
    let end = max(start, display.column(of: max(0, Int(span.end) - lineStart)))
    let count = max(1, end - start)
    guard display.width > width else {
      text = LineView.trimmed(display.text)
      caretColumn = start
      caretCount = count
      return
    }
    // The window shows a third of its width before the span.
    let from = max(0, min(start - width / 3, display.width - width))
    let isOpenBefore = from > 0 || isCutBefore
    var shown = isOpenBefore ? "…" : ""
    var origin: Int?
    var column = 0
    for cell in display.cells {
      if column >= from, column + cell.width <= from + width {
        if origin == nil { origin = column }
        shown += cell.text
      }
      column += cell.width
    }
    text = shown + (from + width < display.width || isCutAfter ? "…" : "")
    let base = origin ?? from
    caretColumn = max(0, start - base) + (isOpenBefore ? 1 : 0)
    caretCount = max(1, min(count, base + width - start))
  }

  private static func trimmed(_ text: String) -> String {
    guard let last = text.lastIndex(where: { $0 != " " }) else { return "" }
    return String(text[...last])
  }
}

extension TextRenderer {
  private enum Tint: String { case red = "31;1", yellow = "33;1", cyan = "36;1", blue = "34;1", bold = "1" }

  private func severityTint(_ severity: Severity) -> Tint {
    switch severity {
    case .error: .red
    case .warning: .yellow
    case .note: .cyan
    }
  }

  private func paint(_ text: String, _ tint: Tint) -> String {
    colour ? "\u{1B}[\(tint.rawValue)m\(text)\u{1B}[0m" : text
  }
}
