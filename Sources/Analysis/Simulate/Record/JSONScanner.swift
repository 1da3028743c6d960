/// Reads one JSON text from its beginning to its end, member by member, without building a tree.
///
/// A record has some 40 members of which a dozen matter; a general decoder spends most of its time on the others
/// (measured: some four times that of reading them here). Strings stay bytes, as paths need.
///
/// INVARIANT: `position` never passes `end`, and every loop advances it: any input ends in time linear in its length.
struct JSONScanner {
  /// A text that is no JSON, or not the JSON that was wanted: what is wrong, lower case, no final period.
  struct Failure: Error, Hashable { let message: String }

  /// Deepest nesting that is read.
  static let maximumDepth = 32

  private let bytes: [UInt8]
  private var position: Int
  private let start: Int
  private let end: Int
  private var depth = 0

  /// `range` lies within `bytes`.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    (start, position, end) = (range.lowerBound, range.lowerBound, range.upperBound)
  }

  enum Kind { case object, array, string, number, bool, null }

  /// What comes next.
  mutating func kind() throws(Failure) -> Kind {
    skipSpace()
    guard position < end else { throw Failure(message: "the text ends early") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: throw Failure(message: "no JSON value at byte \(offset)")
    }
  }

  /// Hands every member to `member`, which has to read or skip its value.
  mutating func object(
    _ member: (_ key: ArraySlice<UInt8>, inout JSONScanner) throws(Failure) -> Void
  ) throws(Failure) {
    try enter(UInt8(ascii: "{"), "an object")
    if take(UInt8(ascii: "}")) { return leave() }
    while true {
      skipSpace()
      let key = try string()
      guard take(UInt8(ascii: ":")) else { throw Failure(message: "no ':' at byte \(offset)") }
      try member(key, &self)
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw Failure(message: "no ',' or '}' at byte \(offset)") }
      return leave()
    }
  }

  mutating func array(_ element: (inout JSONScanner) throws(Failure) -> Void) throws(Failure) {
    try enter(UInt8(ascii: "["), "a list")
    if take(UInt8(ascii: "]")) { return leave() }
    while true {
      try element(&self)
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw Failure(message: "no ',' or ']' at byte \(offset)") }
      return leave()
    }
  }

  /// A string, a number or a truth value as text; nil for null.
  /// - Throws: also for an object or a list; `what` names the member.
  mutating func text(_ what: String) throws(Failure) -> ArraySlice<UInt8>? {
    switch try kind() {
    case .string: return try string()
    case .number: return try number()
    case .bool: return try word(bytes[position] == UInt8(ascii: "t") ? "true" : "false")
    case .null:
      _ = try word("null")
      return nil
    case .object: throw Failure(message: "'\(what)' is an object, expected text")
    case .array: throw Failure(message: "'\(what)' is a list, expected text")
    }
  }

  mutating func skip() throws(Failure) {
    switch try kind() {
    case .object: try object { _, scanner throws(Failure) in try scanner.skip() }
    case .array: try array { scanner throws(Failure) in try scanner.skip() }
    case .string: _ = try string()
    case .number: _ = try number()
    case .bool, .null: _ = try text("")
    }
  }

  /// Nothing but space may follow.
  mutating func finish() throws(Failure) {
    skipSpace()
    guard position == end else { throw Failure(message: "something follows the object at byte \(offset)") }
  }

  // MARK: Tokens

  /// For people, from 1.
  private var offset: Int { position - start + 1 }

  private mutating func enter(_ bracket: UInt8, _ what: String) throws(Failure) {
    guard take(bracket) else { throw Failure(message: "expected \(what) at byte \(offset)") }
    depth += 1
    guard depth <= JSONScanner.maximumDepth else {
      throw Failure(message: "more than \(JSONScanner.maximumDepth) levels deep")
    }
  }

  private mutating func leave() { depth -= 1 }

  private mutating func skipSpace() {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < end, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func word(_ word: String) throws(Failure) -> ArraySlice<UInt8> {
    let text = word.utf8
    guard end - position >= text.count, bytes[position..<position + text.count].elementsEqual(text) else {
      throw Failure(message: "no JSON value at byte \(offset)")
    }
    defer { position += text.count }
    return bytes[position..<position + text.count]
  }

  private mutating func number() throws(Failure) -> ArraySlice<UInt8> {
    let first = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let whole = position
    try digits()
    if bytes[whole] == UInt8(ascii: "0"), position - whole > 1 {
      throw Failure(message: "a number begins with 0 at byte \(first - start + 1)")
    }
    if position < end, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return bytes[first..<position]
  }

  private mutating func digits() throws(Failure) {
    let first = position
    while position < end, bytes[position] >= 0x30, bytes[position] <= 0x39 { position += 1 }
    guard position > first else { throw Failure(message: "no digit at byte \(offset)") }
  }

  /// The bytes between quotes, escapes resolved. Without escapes a part of the text itself.
  private mutating func string() throws(Failure) -> ArraySlice<UInt8> {
    guard position < end, bytes[position] == UInt8(ascii: "\"") else {
      throw Failure(message: "expected a string at byte \(offset)")
    }
    position += 1
    let first = position
    // Most bytes of a stream pass here: no member of `self` is written for each.
    var here = first
    while here < end {
      let byte = bytes[here]
      guard byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { break }
      here += 1
    }
    position = here
    guard here < end else { throw Failure(message: "a string does not end") }
    switch bytes[here] {
    case UInt8(ascii: "\""):
      position += 1
      return bytes[first..<here]
    case UInt8(ascii: "\\"): return try escapedString(from: first)
    default: throw Failure(message: "a control character stands in a string at byte \(offset)")
    }
  }

  private mutating func escapedString(from first: Int) throws(Failure) -> ArraySlice<UInt8> {
    var result = Array(bytes[first..<position])
    while position < end {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return result[...]
      case UInt8(ascii: "\\"): try escape(into: &result)
      case 0..<0x20: throw Failure(message: "a control character stands in a string at byte \(offset - 1)")
      default: result.append(byte)
      }
    }
    throw Failure(message: "a string does not end")
  }

  private mutating func escape(into result: inout [UInt8]) throws(Failure) {
    guard position < end else { throw Failure(message: "a string does not end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0C)
    case UInt8(ascii: "n"): result.append(0x0A)
    case UInt8(ascii: "r"): result.append(0x0D)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"):
      var value = try fourDigits()
      if 0xD800...0xDBFF ~= value, position + 1 < end, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        let back = position
        position += 2
        let low = try fourDigits()
        if 0xDC00...0xDFFF ~= low {
          value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        } else {
          position = back
        }
      }
      // Half a surrogate pair is no character: U+FFFD, as every decoder makes of it.
      result += Array(String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
    default: throw Failure(message: "unknown escape at byte \(offset - 1)")
    }
  }

  private mutating func fourDigits() throws(Failure) -> UInt32 {
    guard end - position >= 4 else { throw Failure(message: "a string does not end") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = hexDigit(bytes[position]) else { throw Failure(message: "no hex digit at byte \(offset)") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}

/// The value of a hexadecimal digit, or nil.
func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
