/// One line of a document, as far as a look at the line alone can tell.
struct TextLine {
  /// Without its line break.
  let range: Range<Int>
  /// Index of the first byte that is no space; the end of the line if there is none.
  let first: Int
  /// End of what stands before a comment and trailing blanks; never before `first`.
  let end: Int
  /// Leading spaces.
  var indent: Int { first - range.lowerBound }
  var isBlank: Bool { end <= first }

  /// `key: value`, after any number of `- `; nil for other lines.
  struct Field {
    let key: Range<Int>
    /// Index of the `:`.
    let colon: Int
    /// Empty when nothing follows.
    let value: Range<Int>
    /// Column (from 0) of the key.
    let column: Int
  }

  /// The lines of a text.
  static func lines(of text: [UInt8]) -> [TextLine] {
    var result: [TextLine] = []
    var start = 0
    while start <= text.count {
      let lineEnd = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      result.append(TextLine(text, start..<lineEnd))
      start = lineEnd + 1
    }
    return result
  }

  init(_ text: [UInt8], _ range: Range<Int>) {
    var upper = range.upperBound
    if upper > range.lowerBound, text[upper - 1] == UInt8(ascii: "\r") { upper -= 1 }
    self.range = range.lowerBound..<upper
    first = text[self.range].firstIndex { $0 != UInt8(ascii: " ") } ?? upper
    var end = first
    var quote: UInt8?
    var previous = UInt8(ascii: " ")
    scan: for index in first..<upper {
      let byte = text[index]
      let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
      let followsBlank = previous == UInt8(ascii: " ") || previous == UInt8(ascii: "\t")
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "#"), followsBlank {
        break scan
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'"), followsBlank {
        // An apostrophe that is never closed on the line opens nothing.
        if text[(index + 1)..<upper].contains(byte) { quote = byte }
      }
      if !isBlank { end = index + 1 }
      previous = byte
    }
    self.end = end
  }

  /// Index of the first byte after any `- `, and whether there was one.
  func afterDashes(_ text: [UInt8]) -> (index: Int, hasDash: Bool) {
    var index = first
    while index < end, text[index] == UInt8(ascii: "-"), index + 1 >= end || text[index + 1] == UInt8(ascii: " ") {
      index += 1
      while index < end, text[index] == UInt8(ascii: " ") { index += 1 }
    }
    return (index, index > first)
  }

  /// `key: value` or `key:`; with `loose` also `key:value`, where no blank follows the colon.
  func field(_ text: [UInt8], loose: Bool = false) -> Field? {
    let start = afterDashes(text).index
    guard start < end, let head = text[start..<end].first, TextLine.startsKey(head) else { return nil }
    var index = start
    while index < end {
      let byte = text[index]
      if byte == UInt8(ascii: ":") {
        let isSpaced = index + 1 >= end || text[index + 1] == UInt8(ascii: " ") || text[index + 1] == 9
        if isSpaced || loose {
          let value = text[(index + 1)..<end].firstIndex { $0 != UInt8(ascii: " ") && $0 != 9 } ?? end
          var keyEnd = index
          while keyEnd > start, text[keyEnd - 1] == UInt8(ascii: " ") { keyEnd -= 1 }
          return Field(key: start..<keyEnd, colon: index, value: value..<end, column: start - range.lowerBound)
        }
      } else if !TextLine.isKeyByte(byte) {
        return nil
      }
      index += 1
    }
    return nil
  }

  /// `key:value` without a blank, such as `name:x`; not `http://…`.
  func tightField(_ text: [UInt8]) -> Field? {
    guard field(text) == nil, let found = field(text, loose: true), !found.value.isEmpty else { return nil }
    guard text[found.value.lowerBound] != UInt8(ascii: "/") || !text[found.value].starts(with: Array("//".utf8)) else {
      return nil
    }
    return found
  }

  private static func startsKey(_ byte: UInt8) -> Bool {
    byte >= 0x80 || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "_")
      || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
  }

  private static func isKeyByte(_ byte: UInt8) -> Bool {
    startsKey(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
      || byte == UInt8(ascii: " ")
  }
}
