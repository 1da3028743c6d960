internal import Diagnostics

/// Text from input made inert for HTML and for GitHub's Markdown.
enum MarkupText {
  /// Control, invisible and reordering characters made visible, markup escaped. Good between tags and in quoted attributes.
  static func html(_ text: String) -> String {
    let safe = DisplayText.safe(text)
    guard safe.utf8.contains(where: { isMarkup($0) }) else { return safe }
    var out: [UInt8] = []
    out.reserveCapacity(safe.utf8.count + 16)
    for byte in safe.utf8 {
      switch byte {
      case UInt8(ascii: "&"): out += Array("&amp;".utf8)
      case UInt8(ascii: "<"): out += Array("&lt;".utf8)
      case UInt8(ascii: ">"): out += Array("&gt;".utf8)
      case UInt8(ascii: "\""): out += Array("&quot;".utf8)
      case UInt8(ascii: "'"): out += Array("&#39;".utf8)
      default: out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func isMarkup(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "\"")
      || byte == UInt8(ascii: "'")
  }

  /// A Markdown code span, also within a table: nothing in it is a mention, a link or markup. Of what would take more than
  /// `most` bytes the end is cut.
  static func code(_ text: String, most: Int = 240) -> String {
    let safe = DisplayText.safe(text)
    if safe.isEmpty { return "(empty)" }
    // Backticks and pipes cannot be quoted within a span in a way that all tables agree on.
    let isPlain =
      !safe.utf8.contains(UInt8(ascii: "`")) && !safe.utf8.contains(UInt8(ascii: "|")) && !safe.hasPrefix(" ")
      && !safe.hasSuffix(" ")
    guard isPlain else {
      let (shown, isCut) = entities(safe, most: most)
      return "<code>" + shown + "</code>" + (isCut ? "…" : "")
    }
    let (shown, isCut) = clipped(safe, most)
    // What is left of a text that was cut may end in a space.
    return isCut ? "`" + shown + "…`" : "`" + shown + "`"
  }

  /// As it is if it is but words, else a code span.
  static func words(_ text: String, most: Int = 240) -> String {
    var previous: Character = " "
    for character in text {
      let isWord =
        character.isASCII && character.isLetter || " ',-".contains(character)
        || character == ">" && previous == "-" || previous == ":" && character == " "
        || character == ":" && previous != ":"
      guard isWord, previous != ":" || character == " " else { return code(text, most: most) }
      previous = character
    }
    guard previous != ":", text.utf8.count <= most else { return code(text, most: most) }
    return text.split(separator: ">", omittingEmptySubsequences: false).joined(separator: "&gt;")
  }

  /// Every punctuation mark as a character reference, in at most `most` bytes.
  private static func entities(_ text: String, most: Int) -> (text: String, isCut: Bool) {
    var out = ""
    for scalar in text.unicodeScalars {
      let value = scalar.value
      let isPlain =
        value >= 0x80 || value == 0x20 || (0x2D...0x39).contains(value) || (0x41...0x5A).contains(value)
        || (0x61...0x7A).contains(value)
      let next = isPlain ? String(scalar) : "&#\(value);"
      if out.utf8.count + next.utf8.count > most { return (out, true) }
      out += next
    }
    return (out, false)
  }

  /// At most `most` bytes, whole characters.
  static func clipped(_ text: String, _ most: Int) -> (text: String, isCut: Bool) {
    guard text.utf8.count > most else { return (text, false) }
    var size = 0
    var end = text.unicodeScalars.startIndex
    for index in text.unicodeScalars.indices {
      size += String(text.unicodeScalars[index]).utf8.count
      if size > most { break }
      end = text.unicodeScalars.index(after: index)
    }
    return (String(text.unicodeScalars[..<end]), true)
  }
}
