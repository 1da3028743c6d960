/// A JSON value as it was read: members in their order, numbers as written.
package enum JSONTree: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONTree])
  case object([JSONMember])

  /// The member of an object; nil where there is none, or the value is no object.
  package subscript(_ name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var isNull: Bool { self == .null }

  /// What kind of value it is, for messages.
  package var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

package struct JSONMember: Hashable, Sendable {
  package let name: String
  package let value: JSONTree
  package init(name: String, value: JSONTree) {
    self.name = name
    self.value = value
  }
}

/// Why some bytes are no JSON.
package struct JSONSyntaxError: Error, Hashable, Sendable {
  /// Offset into the bytes given.
  package let offset: Int
  /// Lower case, no final period.
  package let message: String
}

extension JSONTree {
  /// Deepest nesting that is read.
  package static let maximumDepth = 64

  /// Reads one value and nothing behind it (RFC 8259; a member that stands there twice is an error).
  package init(_ bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
    var reader = JSONTreeReader(Array(bytes))
    self = try reader.value(depth: 0)
    try reader.finish()
  }
}

/// Reads JSON bytes.
struct JSONTreeReader {
  private static let fewMembers = 12

  private let bytes: [UInt8]
  private(set) var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func error(_ message: String, at offset: Int? = nil) -> JSONSyntaxError {
    JSONSyntaxError(offset: min(offset ?? index, bytes.count), message: message)
  }

  private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// Blanks; a byte order mark at the start.
  mutating func skipBlanks() {
    if index == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }

  mutating func finish() throws(JSONSyntaxError) {
    skipBlanks()
    if index < bytes.count { throw error("text behind the value") }
  }

  mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONTree {
    guard depth < JSONTree.maximumDepth else { throw error("nested more than \(JSONTree.maximumDepth) deep") }
    skipBlanks()
    switch byte {
    case nil: throw error("expected a value, found the end")
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case let digit? where digit == UInt8(ascii: "-") || (0x30...0x39).contains(digit): return try number()
    default:
      for (word, value) in [("true", JSONTree.bool(true)), ("false", .bool(false)), ("null", .null)]
      where bytes[index...].starts(with: word.utf8) {
        index += word.utf8.count
        return value
      }
      throw error("expected a value")
    }
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONTree {
    index += 1
    var members: [JSONMember] = []
    // Only of many members: few are sooner compared than hashed.
    var names: Set<String> = []
    skipBlanks()
    if byte == UInt8(ascii: "}") {
      index += 1
      return .object([])
    }
    while true {
      skipBlanks()
      guard byte == UInt8(ascii: "\"") else { throw error("expected the name of a member") }
      let start = index
      let name = try string()
      if members.count == JSONTreeReader.fewMembers { names = Set(members.map(\.name)) }
      let isNew =
        members.count < JSONTreeReader.fewMembers
        ? !members.contains { $0.name == name } : names.insert(name).inserted
      guard isNew else { throw error("member '\(name)' stands there twice", at: start) }
      skipBlanks()
      guard byte == UInt8(ascii: ":") else { throw error("expected ':'") }
      index += 1
      members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
      skipBlanks()
      if byte == UInt8(ascii: "}") { break }
      guard byte == UInt8(ascii: ",") else { throw error("expected ',' or '}'") }
      index += 1
    }
    index += 1
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONTree {
    index += 1
    var items: [JSONTree] = []
    skipBlanks()
    if byte == UInt8(ascii: "]") {
      index += 1
      return .array([])
    }
    while true {
      items.append(try value(depth: depth + 1))
      skipBlanks()
      if byte == UInt8(ascii: "]") { break }
      guard byte == UInt8(ascii: ",") else { throw error("expected ',' or ']'") }
      index += 1
    }
    index += 1
    return .array(items)
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONTree {
    let start = index
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    if byte == UInt8(ascii: "-") { index += 1 }
    guard isDigit(byte) else { throw error("expected a digit") }
    let isZero = byte == UInt8(ascii: "0")
    index += 1
    while isDigit(byte) {
      if isZero { throw error("a number with a leading 0") }
      index += 1
    }
    if byte == UInt8(ascii: ".") {
      index += 1
      guard isDigit(byte) else { throw error("expected a digit") }
      while isDigit(byte) { index += 1 }
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      index += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { index += 1 }
      guard isDigit(byte) else { throw error("expected a digit") }
      while isDigit(byte) { index += 1 }
    }
    return .number(String(decoding: bytes[start..<index], as: UTF8.self))
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    let start = index
    index += 1
    var run = index
    var buffer: [UInt8] = []
    while let byte {
      if byte == UInt8(ascii: "\"") {
        let last = bytes[run..<index]
        index += 1
        buffer = buffer.isEmpty ? Array(last) : buffer + last
        guard let text = String(validating: buffer, as: UTF8.self) else {
          throw error("a string that is no UTF-8", at: start)
        }
        return text
      }
      if byte < 0x20 { throw error("a control character in a string") }
      index += 1
      guard byte == UInt8(ascii: "\\") else { continue }
      buffer += bytes[run..<(index - 1)]
      buffer += Array(String(try escape()).utf8)
      run = index
    }
    throw error("a string without an end", at: start)
  }

  /// What stands behind a backslash.
  private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
    guard let byte else { throw error("a string without an end") }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try hex()
      if let scalar = Unicode.Scalar(first) { return scalar }
      // The high half of a pair.
      guard first < 0xDC00, bytes[index...].starts(with: "\\u".utf8) else { throw error("half a surrogate pair") }
      index += 2
      let second = try hex()
      guard (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      else { throw error("half a surrogate pair") }
      return scalar
    default: throw error("no such escape", at: index - 1)
    }
  }

  private mutating func hex() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw error("expected four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }
}
