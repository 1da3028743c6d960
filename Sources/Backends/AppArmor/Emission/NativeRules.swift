import IR

extension Profile.Native {
  /// What would let the text reach outside the profile it is put into, or nil. Looks at braces outside of comments and
  /// quotes, which is all that nests in the profile language.
  var defect: EmissionError.NativeDefect? {
    var depth = 0
    var isQuoted = false
    var isComment = false
    var isEscaped = false
    var previous = UInt8(ascii: "\n")
    for byte in text.text.utf8 {
      if byte == 0 { return .nul }
      defer { previous = byte }
      if byte == UInt8(ascii: "\n") {
        isComment = false
        if isQuoted { return .openQuote }
      }
      if isComment { continue }
      if isEscaped {
        isEscaped = false
        continue
      }
      switch byte {
      case UInt8(ascii: "\\"): isEscaped = true
      case UInt8(ascii: "\""): isQuoted.toggle()
      // Within a word (`/a#b`) it starts no comment; to take it for one only there would be a way out.
      case UInt8(ascii: "#") where !isQuoted && isBlank(previous): isComment = true
      case UInt8(ascii: "{") where !isQuoted: depth += 1
      case UInt8(ascii: "}") where !isQuoted:
        depth -= 1
        if depth < 0 { return .unbalanced }
      default: break
      }
    }
    return isQuoted ? .openQuote : depth > 0 ? .unclosed : nil
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D || byte == UInt8(ascii: ",")
      || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}")
  }
}
