/// The stages of `apparmor_parser` that turn the text of a rule into the tokens of a regular expression: `processquoted`
/// (parser_misc.c), `split_out_var` (parser_variable.c), `filter_slashes` and `convert_aaregex_to_pcre`
/// (parser_regex.c). Every byte keeps the offset it came from, for messages.
struct GlobReader {
  struct Byte {
    var value: UInt8
    var offset: Int
  }

  /// A token of the parser's regular expressions (libapparmor_re/parse.y).
  struct Token {
    enum Kind { case byte, star, openClass, closeClass, caret, dash, openGroup, closeGroup, bar }
    var kind: Kind
    /// The byte that the token stands for where it has no special meaning.
    var value: UInt8
    var offset: Int
  }

  /// The pattern after escapes and doubled slashes, backslashes before literal metacharacters kept.
  let cleaned: [Byte]
  private(set) var language: Language

  init(_ text: [UInt8]) throws(GlobError) {
    guard text.first == UInt8(ascii: "/") else {
      throw GlobError(offset: 0, message: text.isEmpty ? "empty pattern, expected '/'" : "expected '/' at the start")
    }
    if text.count > Glob.longest {
      throw GlobError(
        offset: Glob.longest,
        message: "pattern of \(text.count) bytes, expected at most \(Glob.longest)"
      )
    }
    let nul = text.firstIndex(of: 0)
    var cleaned = GlobReader.unescaped(text[..<(nul ?? text.endIndex)])
    var mistakes: [GlobError] = []
    if let nul {
      mistakes.append(GlobError(offset: nul, message: "unexpected NUL, expected a byte that a path can hold"))
    }
    if let variable = GlobReader.variable(cleaned) {
      mistakes.append(
        GlobError(offset: variable, message: "variables are not supported, expected '@\\{' for a literal '@{'")
      )
    }
    GlobReader.mergeSlashes(&cleaned)
    let (tokens, mistake) = GlobReader.tokens(cleaned, end: text.count)
    if let mistake { mistakes.append(mistake) }
    self.cleaned = cleaned
    language = .nothing
    do {
      language = try GlobReader.language(tokens)
    } catch {
      mistakes.append(error)
    }
    let first = mistakes.min { ($0.isUnclosed ? 1 : 0, $0.offset) < ($1.isUnclosed ? 1 : 0, $1.offset) }
    if let first { throw first }
  }

  /// The value and length of the escape that `bytes` (what follows a backslash) begins with; nil if there is none.
  static func escape(_ bytes: some RandomAccessCollection<UInt8>) -> (value: UInt8, length: Int)? {
    func number(_ digits: some Sequence<UInt8>, base: Int, most: Int) -> (value: UInt8, length: Int)? {
      var value = 0
      var length = 0
      for byte in digits.prefix(most) {
        guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < base, byte < 0x80 else { break }
        if value * base + digit > 255 { break }
        value = value * base + digit
        length += 1
      }
      return length == 0 ? nil : (UInt8(truncatingIfNeeded: value), length)
    }
    guard let letter = bytes.first else { return nil }
    switch letter {
    case UInt8(ascii: "0")...UInt8(ascii: "7"): return number(bytes, base: 8, most: 3)
    case UInt8(ascii: "d"): return number(bytes.dropFirst(), base: 10, most: 3).map { ($0.value, $0.length + 1) }
    case UInt8(ascii: "x"): return number(bytes.dropFirst(), base: 16, most: 2).map { ($0.value, $0.length + 1) }
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): return (letter, 1)
    case UInt8(ascii: "a"): return (7, 1)
    case UInt8(ascii: "e"): return (27, 1)
    case UInt8(ascii: "f"): return (12, 1)
    case UInt8(ascii: "n"): return (10, 1)
    case UInt8(ascii: "r"): return (13, 1)
    case UInt8(ascii: "t"): return (9, 1)
    default: return nil
    }
  }

  /// The value of the escape that is left at `start`, just after a backslash, for the last stage, and the index after it.
  /// Nil if there is none. A digit that a backslash guards for nothing (`\d0\8`) loses it on the way, and adds to a number.
  static func lateEscape(_ cleaned: [Byte], at start: Int) -> (value: UInt8, end: Int)? {
    guard let first = escape(cleaned[start...].prefix(4).map(\.value)) else { return nil }
    var index = start + first.length
    var text = cleaned[start..<index].map(\.value)
    var ends = Array((start + 1)...index)
    while text.count < 4, index < cleaned.count {
      if cleaned[index].value == backslash {
        index += 1
        guard index < cleaned.count, escape(cleaned[index...].prefix(4).map(\.value)) == nil else { break }
      }
      text.append(cleaned[index].value)
      index += 1
      ends.append(index)
    }
    return escape(text).map { ($0.value, ends[$0.length - 1]) }
  }

  /// Bytes that keep a backslash when they come out of an escape.
  static let guarded = ByteSet("*?[]{}^,\\".utf8)
  static let backslash = UInt8(ascii: "\\")
  static let slash = UInt8(ascii: "/")

  private static func unescaped(_ text: ArraySlice<UInt8>) -> [Byte] {
    var result: [Byte] = []
    result.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      guard text[index] == backslash, let escape = escape(text[(index + 1)...].prefix(4)) else {
        result.append(Byte(value: text[index], offset: index))
        index += 1
        continue
      }
      let end = index + 1 + escape.length
      if escape.value == 0 {
        for offset in index..<end { result.append(Byte(value: text[offset], offset: offset)) }
      } else {
        if guarded.contains(escape.value) { result.append(Byte(value: backslash, offset: index)) }
        result.append(Byte(value: escape.value, offset: index))
      }
      index = end
    }
    return result
  }

  /// The offset of the first `@{NAME}` or `@{}` that no backslash guards.
  private static func variable(_ bytes: [Byte]) -> Int? {
    func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z") }
    var escaped = false
    for (index, byte) in bytes.enumerated() {
      if byte.value == UInt8(ascii: "@"), !escaped, index + 1 < bytes.count, bytes[index + 1].value == 0x7B {
        let name = bytes[(index + 2)...].prefix {
          isLetter($0.value) || $0.value == UInt8(ascii: "_") || ($0.value >= 0x30 && $0.value <= 0x39)
        }
        let startsRight = name.first.map { isLetter($0.value) } ?? true
        if startsRight, name.endIndex < bytes.count, bytes[name.endIndex].value == 0x7D { return byte.offset }
      }
      escaped = byte.value == backslash && !escaped
    }
    return nil
  }

  private static func mergeSlashes(_ bytes: inout [Byte]) {
    let isNamespace = bytes.count >= 2 && bytes[1].value == slash && (bytes.count == 2 || bytes[2].value != slash)
    var kept = isNamespace ? 2 : 0
    var seenSlash = false
    for index in kept..<bytes.count {
      let isSlash = bytes[index].value == slash
      if isSlash && seenSlash { continue }
      seenSlash = isSlash
      bytes[kept] = bytes[index]
      kept += 1
    }
    bytes.removeLast(bytes.count - kept)
  }
}
