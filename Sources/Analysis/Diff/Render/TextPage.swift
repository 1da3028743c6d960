internal import Diagnostics

/// Lines for a terminal: coloured on request, folded at spaces. A word wider than the page stays whole, so that it can be
/// copied.
struct TextPage {
  enum Style: String {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case cyan = "36"
    case warning = "33;1"
    case note = "36;1"
    case mixed = "35;1"
    case alarm = "31;1"
  }

  /// Text safe to print in one style.
  struct Span {
    let text: String
    let style: Style
    init(_ text: String, _ style: Style = .plain) {
      self.text = text
      self.style = style
    }
  }

  private(set) var text = ""
  private let colour: Bool
  let width: Int

  init(colour: Bool, width: Int) {
    self.colour = colour
    self.width = max(40, width)
  }

  mutating func blank() { if !text.isEmpty, !text.hasSuffix("\n\n") { text += "\n" } }

  /// One line, or several: the first after `indent` spaces, the others after `hanging` more.
  mutating func line(_ indent: Int, hanging: Int = 2, _ spans: Span...) { line(indent, hanging: hanging, spans) }

  mutating func line(_ indent: Int, hanging: Int = 2, _ spans: [Span]) {
    var column = indent
    var pending = ""
    text += String(repeating: " ", count: indent)
    // A word is everything between two spaces, whatever styles it has.
    for word in TextPage.words(spans) {
      let size = word.reduce(0) { $0 + TextPage.columns($1.text) }
      if column + pending.utf8.count + size > width, column > indent + hanging || column > indent && hanging == 0 {
        column = indent + hanging
        text += "\n" + String(repeating: " ", count: column)
      } else {
        text += pending
        column += pending.utf8.count
      }
      for piece in word { text += painted(piece) }
      column += size
      pending = " "
    }
    text += "\n"
  }

  /// One line as it is, but for blanks at its end.
  mutating func row(_ spans: [Span]) {
    var spans = spans
    while let last = spans.last, last.text.allSatisfy({ $0 == " " }) { spans.removeLast() }
    text += spans.map(painted).joined() + "\n"
  }

  /// One line that is cut, not folded: source code.
  mutating func excerpt(_ indent: Int, _ front: Span, _ code: String) {
    let room = max(20, width - indent - TextPage.columns(front.text))
    text += String(repeating: " ", count: indent) + painted(front) + TextPage.cut(code, room) + "\n"
  }

  private func painted(_ span: Span) -> String {
    colour && span.style != .plain ? "\u{1B}[\(span.style.rawValue)m\(span.text)\u{1B}[0m" : span.text
  }

  private static func words(_ spans: [Span]) -> [[Span]] {
    var words: [[Span]] = []
    var word: [Span] = []
    for span in spans {
      for (index, part) in span.text.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
        if index > 0 {
          words.append(word)
          word = []
        }
        if !part.isEmpty { word.append(Span(String(part), span.style)) }
      }
    }
    words.append(word)
    return words.filter { !$0.isEmpty }
  }

  /// Screen columns of text that is safe to print.
  static func columns(_ text: String) -> Int {
    text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : DisplayText(Array(text.utf8)).width
  }

  /// At most `room` columns, an ellipsis in place of what is missing.
  static func cut(_ text: String, _ room: Int) -> String {
    guard columns(text) > room else { return text }
    var result = ""
    var used = 0
    for cell in DisplayText(Array(text.utf8.prefix(4 * room + 4))).cells {
      guard used + cell.width < room else { break }
      result += cell.text
      used += cell.width
    }
    return result + "…"
  }
}
