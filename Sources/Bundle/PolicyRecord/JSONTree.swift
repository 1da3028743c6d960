/// A JSON value with its place in the text.
struct JSONTree: Sendable {
  enum Value: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number that is no whole number of 64 bits.
    case otherNumber
    case string(String)
    case array([JSONTree])
    /// In the order of the text; no key stands there twice.
    case object([(key: String, offset: Int, value: JSONTree)])
  }

  let value: Value
  /// Of its first byte.
  let offset: Int

  /// Deepest nesting of arrays and objects.
  static let maximumDepth = 32

  /// What keeps a text from being JSON.
  struct Mistake: Error {
    let offset: Int
    let message: String
  }

  /// The article and the noun for a value of this type, for people.
  var typeName: String {
    switch value {
    case .null: "null"
    case .bool: "a truth value"
    case .integer: "a number"
    case .otherNumber: "a fraction or a number out of range"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// Reads a whole text as RFC 8259 has it: one value, no comments, no trailing commas, valid UTF-8, no lone surrogates.
  static func parse(_ bytes: [UInt8]) throws(Mistake) -> JSONTree {
    var parser = JSONParser(bytes: bytes)
    let tree = try parser.value(depth: 0)
    try parser.end()
    return tree
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var offset = 0

  private func mistake(_ message: String, at place: Int? = nil) -> JSONTree.Mistake {
    JSONTree.Mistake(offset: min(place ?? offset, bytes.count), message: message)
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
  }

  private mutating func take(_ byte: Unicode.Scalar, _ what: String) throws(JSONTree.Mistake) {
    skipBlanks()
    guard next == UInt8(ascii: byte) else { throw mistake("expected \(what)") }
    offset += 1
  }

  mutating func end() throws(JSONTree.Mistake) {
    skipBlanks()
    if offset < bytes.count { throw mistake("expected the end of the text") }
  }

  mutating func value(depth: Int) throws(JSONTree.Mistake) -> JSONTree {
    skipBlanks()
    let start = offset
    guard let byte = next else { throw mistake("expected a value, found the end of the text") }
    func tree(_ value: JSONTree.Value) -> JSONTree { JSONTree(value: value, offset: start) }
    switch byte {
    case UInt8(ascii: "{"):
      if depth >= JSONTree.maximumDepth { throw mistake("nested deeper than \(JSONTree.maximumDepth) levels") }
      return tree(.object(try object(depth: depth)))
    case UInt8(ascii: "["):
      if depth >= JSONTree.maximumDepth { throw mistake("nested deeper than \(JSONTree.maximumDepth) levels") }
      return tree(.array(try array(depth: depth)))
    case UInt8(ascii: "\""): return tree(.string(try string()))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return tree(try number())
    default:
      for (word, value) in [("true", JSONTree.Value.bool(true)), ("false", .bool(false)), ("null", .null)]
      where bytes[offset...].starts(with: word.utf8) {
        offset += word.utf8.count
        return tree(value)
      }
      throw mistake("expected a value")
    }
  }

  private mutating func object(depth: Int) throws(JSONTree.Mistake) -> [(key: String, offset: Int, value: JSONTree)] {
    offset += 1
    var members: [(key: String, offset: Int, value: JSONTree)] = []
    var keys: Set<String> = []
    skipBlanks()
    if next == UInt8(ascii: "}") {
      offset += 1
      return members
    }
    while true {
      skipBlanks()
      let start = offset
      guard next == UInt8(ascii: "\"") else { throw mistake("expected a member's name in quotes") }
      let key = try string()
      guard keys.insert(key).inserted else { throw mistake("member '\(key)' stands there twice", at: start) }
      try take(":", "':'")
      members.append((key, start, try value(depth: depth + 1)))
      skipBlanks()
      if next == UInt8(ascii: "}") {
        offset += 1
        return members
      }
      try take(",", "',' or '}'")
    }
  }

  private mutating func array(depth: Int) throws(JSONTree.Mistake) -> [JSONTree] {
    offset += 1
    var items: [JSONTree] = []
    skipBlanks()
    if next == UInt8(ascii: "]") {
      offset += 1
      return items
    }
    while true {
      items.append(try value(depth: depth + 1))
      skipBlanks()
      if next == UInt8(ascii: "]") {
        offset += 1
        return items
      }
      try take(",", "',' or ']'")
    }
  }

  private mutating func number() throws(JSONTree.Mistake) -> JSONTree.Value {
    let start = offset
    while let byte = next, "+-.eE".utf8.contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      offset += 1
    }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    let whole = digits.prefix { $0.isASCII && $0.isNumber }
    if whole.isEmpty || (whole.count > 1 && whole.hasPrefix("0")) { throw mistake("expected a number", at: start) }
    guard whole.count == digits.count else {
      guard Double(text) != nil, !digits.hasSuffix("."), !digits.contains(".e"), !digits.contains(".E") else {
        throw mistake("expected a number", at: start)
      }
      return .otherNumber
    }
    return Int(text).map(JSONTree.Value.integer) ?? .otherNumber
  }

  private mutating func string() throws(JSONTree.Mistake) -> String {
    let start = offset
    offset += 1
    var content: [UInt8] = []
    var run = offset
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        content += bytes[run..<offset]
        offset += 1
        guard let text = String(validating: content, as: UTF8.self) else {
          throw mistake("a string that is no UTF-8", at: start)
        }
        return text
      case UInt8(ascii: "\\"):
        content += bytes[run..<offset]
        content += try escape()
        run = offset
      case 0..<0x20: throw mistake("a control character within a string")
      default: offset += 1
      }
    }
    throw mistake("a string without an end", at: start)
  }

  private mutating func escape() throws(JSONTree.Mistake) -> [UInt8] {
    let start = offset
    offset += 1
    guard let byte = next else { throw mistake("a string without an end") }
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var code = try hexadecimal(start)
      if (0xD800..<0xDC00).contains(code), bytes[offset...].starts(with: "\\u".utf8) {
        offset += 2
        let low = try hexadecimal(start)
        guard (0xDC00..<0xE000).contains(low) else { throw mistake("half of a surrogate pair", at: start) }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw mistake("half of a surrogate pair", at: start) }
      return Array(String(Character(scalar)).utf8)
    default: throw mistake("an escape that JSON does not know", at: start)
    }
  }

  private mutating func hexadecimal(_ start: Int) throws(JSONTree.Mistake) -> UInt32 {
    let digits = bytes[offset...].prefix(4)
    var code: UInt32 = 0
    for digit in digits {
      guard let value = Hexadecimal.value(digit) else { throw mistake("'\\u' without four digits", at: start) }
      code = code << 4 | UInt32(value)
    }
    guard digits.count == 4 else { throw mistake("'\\u' without four digits", at: start) }
    offset += 4
    return code
  }
}

/// Bytes as hexadecimal digits and back.
enum Hexadecimal {
  static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Nil unless the text is pairs of digits.
  static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map(value)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var result: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      result.append(high << 4 | low)
    }
    return result
  }
}
