extension GlobReader {
  /// Globs to regular expressions, as `convert_aaregex_to_pcre` does it: the tokens up to the first mistake, and that.
  static func tokens(_ bytes: [Byte], end: Int) -> ([Token], GlobError?) {
    var writer = GlobTokenWriter(bytes: bytes)
    do {
      try writer.write(end: end)
      return (writer.tokens, nil)
    } catch {
      return (writer.tokens, error)
    }
  }
}

private struct GlobTokenWriter {
  let bytes: [GlobReader.Byte]
  private(set) var tokens: [GlobReader.Token] = []
  private var index = 0
  private var escaped = false
  /// Whether the text of the expression ends in `/` so far.
  private var afterSlash = false
  /// Offset of the open `[`.
  private var openClass: Int?
  /// Open braces: offset and number of commas.
  private var groups: [(offset: Int, commas: Int)] = []

  init(bytes: [GlobReader.Byte]) { self.bytes = bytes }

  mutating func write(end: Int) throws(GlobError) {
    while index < bytes.count {
      let (byte, offset) = (bytes[index].value, bytes[index].offset)
      if byte == GlobReader.backslash && !escaped {
        escaped = true
        index += 1
        continue
      }
      if escaped { escapedByte(byte, offset) } else { try plainByte(byte, offset) }
      escaped = false
      index += 1
    }
    let unclosed = [groups.last?.offset, openClass].compactMap { $0 }.min()
    if let unclosed, unclosed == openClass {
      throw GlobError(offset: unclosed, message: "unclosed '[', expected ']' before the end", isUnclosed: true)
    }
    if let unclosed {
      throw GlobError(offset: unclosed, message: "unclosed '{', expected '}' before the end", isUnclosed: true)
    }
    if escaped {
      throw GlobError(
        offset: bytes.last?.offset ?? end,
        message: "trailing backslash, expected a byte after it ('\\\\' is a literal backslash)"
      )
    }
  }

  private mutating func append(_ kind: GlobReader.Token.Kind, _ value: UInt8, _ offset: Int) {
    tokens.append(GlobReader.Token(kind: kind, value: value, offset: offset))
    afterSlash = value == GlobReader.slash
  }

  /// `[^/\x00]` or `[^\x00]`, and a star.
  private mutating func any(slash: Bool, star: Bool, _ offset: Int) {
    append(.openClass, UInt8(ascii: "["), offset)
    append(.caret, UInt8(ascii: "^"), offset)
    if !slash { append(.byte, GlobReader.slash, offset) }
    append(.byte, 0, offset)
    append(.closeClass, UInt8(ascii: "]"), offset)
    if star { append(.star, UInt8(ascii: "*"), offset) }
  }

  private mutating func escapedByte(_ byte: UInt8, _ offset: Int) {
    switch byte {
    case UInt8(ascii: ","):
      // Within a class the expression reads `\,` as a backslash and a comma.
      if openClass != nil { append(.byte, GlobReader.backslash, offset) }
      append(.byte, byte, offset)
    case UInt8(ascii: "^"):
      append(openClass == nil ? .byte : .caret, byte, offset)
    case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
      UInt8(ascii: "}"), UInt8(ascii: "$"), GlobReader.backslash:
      append(.byte, byte, offset)
    default:
      if let escape = GlobReader.lateEscape(bytes, at: index) {
        append(.byte, escape.value, offset)
        // The text of an escape ends in a digit, whatever it stands for.
        afterSlash = false
        index = escape.end - 1
      } else {
        append(byte == UInt8(ascii: "-") ? .dash : .byte, byte, offset)
      }
    }
  }

  private mutating func plainByte(_ byte: UInt8, _ offset: Int) throws(GlobError) {
    switch byte {
    case UInt8(ascii: "*"):
      let rest = bytes[index...].drop { $0.value == byte }
      if afterSlash, rest.first.map({ $0.value == GlobReader.slash }) ?? true {
        any(slash: false, star: false, offset)
      }
      let isDouble = index + 1 < bytes.count && bytes[index + 1].value == byte
      any(slash: isDouble, star: true, offset)
      if isDouble { index += 1 }
    case UInt8(ascii: "?"):
      any(slash: false, star: false, offset)
    case UInt8(ascii: "["):
      if openClass == nil { openClass = offset }
      append(.openClass, byte, offset)
    case UInt8(ascii: "]"):
      if openClass == nil {
        throw GlobError(offset: offset, message: "unexpected ']' without '[' ('\\]' is a literal bracket)")
      }
      openClass = nil
      append(.closeClass, byte, offset)
    case UInt8(ascii: "^") where openClass != nil: append(.caret, byte, offset)
    case UInt8(ascii: "-"): append(.dash, byte, offset)
    case UInt8(ascii: "{") where openClass == nil:
      if groups.count == Glob.deepest {
        throw GlobError(offset: offset, message: "braces nested too deep, expected at most \(Glob.deepest) levels")
      }
      groups.append((offset, 0))
      append(.openGroup, UInt8(ascii: "("), offset)
    case UInt8(ascii: "}") where openClass == nil:
      guard let group = groups.popLast() else {
        throw GlobError(offset: offset, message: "unexpected '}' without '{' ('\\}' is a literal brace)")
      }
      if group.commas == 0 {
        throw GlobError(offset: offset, message: "expected ',' before '}': braces need at least two items")
      }
      append(.closeGroup, UInt8(ascii: ")"), offset)
    case UInt8(ascii: ",") where openClass == nil && !groups.isEmpty:
      groups[groups.count - 1].commas += 1
      append(.bar, UInt8(ascii: "|"), offset)
    default: append(.byte, byte, offset)
    }
  }
}
