extension Glob {
  /// The bytes to put between double quotes in an AppArmor rule so that it matches just this string. Everything but
  /// `[A-Za-z0-9_./-]` becomes `\ooo`; a second slash in a row is kept from being merged by a backslash.
  package static func profileText(literal: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(literal.count + literal.count / 4)
    var previous: UInt8 = 0
    for byte in literal {
      if byte == GlobReader.slash && previous == byte { result.append(GlobReader.backslash) }
      result.append(profileByte: byte)
      previous = byte
    }
    return result
  }
}

extension GlobReader {
  /// The cleaned pattern under escapes that every stage of the parser reads back to the same.
  func profileText() -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(cleaned.count + cleaned.count / 4)
    var index = 0
    while index < cleaned.count {
      let byte = cleaned[index].value
      index += 1
      guard byte == GlobReader.backslash, index < cleaned.count else {
        if GlobReader.guarded.contains(byte) { result.append(byte) } else { result.append(profileByte: byte) }
        continue
      }
      if GlobReader.guarded.contains(cleaned[index].value) {
        result.append(profileByte: cleaned[index].value)
        index += 1
      } else if let escape = GlobReader.lateEscape(cleaned, at: index) {
        // Only a NUL, or an escape spelled by others (`\x\061`, `\d0\8`), gets this far; both are spelled the same way again.
        result += escape.value == 0 ? Array("\\000".utf8) : Array("\\x".utf8)
        if escape.value != 0 {
          for digit in [escape.value >> 4, escape.value & 15] {
            result += Array("\\\(String(48 + Int(digit) + (digit > 9 ? 39 : 0), radix: 8).leftPadded)".utf8)
          }
        }
        index = escape.end
      } else {
        // A superfluous backslash means nothing, except that it keeps slashes apart.
        if cleaned[index].value == GlobReader.slash { result.append(byte) }
        result.append(profileByte: cleaned[index].value)
        index += 1
      }
    }
    return result
  }
}

extension String {
  /// At least three digits.
  fileprivate var leftPadded: String { String(repeating: "0", count: max(0, 3 - utf8.count)) + self }
}

extension [UInt8] {
  fileprivate mutating func append(profileByte byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"),
      UInt8(ascii: "-"):
      append(byte)
    default:
      self += [GlobReader.backslash, 48 + (byte >> 6), 48 + (byte >> 3 & 7), 48 + (byte & 7)]
    }
  }
}
