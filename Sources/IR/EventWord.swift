/// One word of a text in the event language, its escapes read.
struct EventWord: Hashable, Sendable {
  let bytes: [UInt8]
  /// Where it stands in the text, quotes included.
  let range: Range<Int>
  /// In double quotes: a path, never a keyword.
  let isQuoted: Bool

  /// Lower case, for keywords; nil in quotes.
  var keyword: String? { isQuoted ? nil : String(decoding: bytes, as: UTF8.self).lowercased() }

  /// Whether the rest of an event begins with it: `from`, `as`. No text is made: every path of a stream comes by here.
  var isRest: Bool { bytes.count <= 4 && (keyword == "from" || keyword == "as") }

  /// For messages: in single quotes, cut when long.
  var name: String {
    let text = printable(bytes.prefix(48))
    return "'" + text + (bytes.count > 48 ? "…" : "") + "'"
  }

  /// The words between blanks. `\ooo`, `\xHH`, `\u{H…}`, `\\`, `\"` and `\` with a blank are escapes in any word.
  static func split(_ text: [UInt8]) throws(EventSyntaxError) -> [EventWord] {
    var words: [EventWord] = []
    var index = 0
    while index < text.count {
      if isBlank(text[index]) {
        index += 1
        continue
      }
      let start = index
      let isQuoted = text[index] == UInt8(ascii: "\"")
      if isQuoted { index += 1 }
      var bytes: [UInt8] = []
      var isClosed = !isQuoted
      while index < text.count {
        let byte = text[index]
        if isQuoted ? byte == UInt8(ascii: "\"") : isBlank(byte) {
          isClosed = true
          break
        }
        if byte == UInt8(ascii: "\\") {
          bytes += try escape(text, &index)
        } else {
          let first = index
          while index < text.count, text[index] != UInt8(ascii: "\\"),
            isQuoted ? text[index] != UInt8(ascii: "\"") : !isBlank(text[index])
          {
            index += 1
          }
          bytes += text[first..<index]
        }
      }
      guard isClosed else {
        throw EventSyntaxError(range: start..<text.count, message: "no closing quote", expected: ["'\"'"])
      }
      if isQuoted {
        index += 1
        guard index == text.count || isBlank(text[index]) else {
          throw EventSyntaxError(
            range: index..<(index + 1),
            message: "text right after a closing quote",
            expected: ["a blank"],
            hint: "a quote inside quotes is written '\\\"'"
          )
        }
      }
      words.append(EventWord(bytes: bytes, range: start..<index, isQuoted: isQuoted))
    }
    return words
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  /// Reads one escape; `index` stands on its backslash and then behind it.
  private static func escape(_ text: [UInt8], _ index: inout Int) throws(EventSyntaxError) -> [UInt8] {
    let start = index
    func digits(_ from: Int, _ limit: Int, radix: Int) -> (value: UInt32, count: Int) {
      var value: UInt32 = 0
      var count = 0
      while count < limit, from + count < text.count,
        let digit = Character(Unicode.Scalar(text[from + count])).hexDigitValue, digit < radix
      {
        value = value * UInt32(radix) + UInt32(digit)
        count += 1
      }
      return (value, count)
    }
    guard start + 1 < text.count else {
      throw EventSyntaxError(range: start..<text.count, message: "a lone backslash", hint: "write '\\\\'")
    }
    let next = text[start + 1]
    switch next {
    case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: " "):
      index = start + 2
      return [next]
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
      let octal = digits(start + 1, 3, radix: 8)
      if octal.count == 3 {
        index = start + 4
        return [UInt8(truncatingIfNeeded: octal.value)]
      }
    case UInt8(ascii: "x"):
      let hex = digits(start + 2, 2, radix: 16)
      if hex.count == 2 {
        index = start + 4
        return [UInt8(truncatingIfNeeded: hex.value)]
      }
    case UInt8(ascii: "u") where start + 2 < text.count && text[start + 2] == UInt8(ascii: "{"):
      let hex = digits(start + 3, 6, radix: 16)
      let close = start + 3 + hex.count
      if hex.count > 0, close < text.count, text[close] == UInt8(ascii: "}"), let scalar = Unicode.Scalar(hex.value) {
        index = close + 1
        return Array(String(scalar).utf8)
      }
    default: break
    }
    throw EventSyntaxError(
      range: start..<min(text.count, start + 2),
      message: "no such escape",
      expected: ["'\\ooo' (three octal digits)", "'\\xHH'", "'\\u{H…}'", "'\\\\'", "'\\\"'"],
      hint: "a backslash itself is written '\\\\'"
    )
  }
}
