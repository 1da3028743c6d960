import Diagnostics

/// What the front end checks of a file's bytes before YAML: encoding, control characters, document boundaries.
struct TextScreen {
  /// The bytes with everything unreadable replaced by spaces, byte for byte.
  private(set) var bytes: [UInt8]
  /// Some bytes were replaced.
  private(set) var isDamaged = false
  /// No text at all; nothing is to be read.
  private(set) var isRefused = false
  private(set) var hasTabs = false
  /// Where the text starts: after a byte order mark.
  private(set) var start = 0
  /// Offsets of the replaced bytes, ascending.
  private(set) var damage: [Int] = []

  /// More unreadable places than this, and the file is taken for something other than text.
  private static let tolerated = 20

  init(_ file: SourceFile, limits: Limits, _ findings: inout Findings) {
    bytes = file.bytes
    let whole = findings.span(0..<bytes.count)
    if bytes.count > limits.fileBytes {
      findings.add(
        .fileTooLarge,
        "file of \(bytes.count) bytes is larger than the limit of \(limits.fileBytes)",
        at: whole.startPoint
      )
      isRefused = true
      return
    }
    if let encoding = TextScreen.otherEncoding(bytes) {
      findings.add(
        .otherEncoding,
        "file is \(encoding), expected UTF-8",
        at: whole.startPoint,
        notes: ["convert it: iconv -f \(encoding) -t UTF-8"]
      )
      isRefused = true
      return
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    var isPlain = true
    for byte in bytes[start...] {
      if byte >= 0x20 && byte < 0x7F { continue }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { continue }
      if byte == UInt8(ascii: "\t") { hasTabs = true } else { isPlain = false }
    }
    if !isPlain { clean(&findings) }
  }

  /// UTF-16 and UTF-32 by byte order mark, or by the NULs that ASCII has there.
  private static func otherEncoding(_ bytes: [UInt8]) -> String? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    guard bytes.count >= 4 else { return nil }
    let nulls = bytes.prefix(4).map { $0 == 0 }
    if nulls == [false, true, false, true] || nulls == [true, false, true, false] { return "UTF-16" }
    if nulls == [false, true, true, true] || nulls == [true, true, true, false] { return "UTF-32" }
    return nil
  }

  /// Reports and blanks what YAML does not allow (YAML 1.2 §5.1, as libyaml checks it).
  private mutating func clean(_ findings: inout Findings) {
    var index = start
    var places = 0
    while index < bytes.count {
      let length = UTF8Decoder.length(at: index, in: bytes)
      let scalar = length > 0 ? TextScreen.scalar(at: index, length, in: bytes) : 0
      if length > 0, TextScreen.isAllowed(scalar) {
        index += length
        continue
      }
      places += 1
      isDamaged = true
      if places > TextScreen.tolerated {
        findings.add(
          .notUTF8,
          "file is not text: more than \(TextScreen.tolerated) bytes that no YAML file holds",
          at: findings.span(index..<index + 1)
        )
        isRefused = true
        return
      }
      let end = index + max(1, length)
      let span = findings.span(index..<end)
      if length == 0 {
        findings.add(
          .notUTF8,
          "byte 0x\(TextScreen.hex(UInt32(bytes[index]))) is not valid UTF-8",
          at: span,
          caption: "at byte offset \(index)",
          notes: ["expected UTF-8 text; in a double-quoted value '\\xNN' writes one character"]
        )
      } else {
        findings.add(
          .controlCharacter,
          "control character U+\(TextScreen.hex(scalar, digits: 4)) is not allowed in YAML",
          at: span,
          caption: "at byte offset \(index)",
          fixes: [FixIt("delete it", span: span, replacement: "", applicability: .safe)]
        )
      }
      for offset in index..<end {
        bytes[offset] = UInt8(ascii: " ")
        damage.append(offset)
      }
      index = end
    }
  }

  private static func scalar(at index: Int, _ length: Int, in bytes: [UInt8]) -> UInt32 {
    let first = UInt32(bytes[index])
    var value = length == 1 ? first : first & (0xFF >> UInt32(length + 1))
    for offset in 1..<max(1, length) { value = value << 6 | UInt32(bytes[index + offset] & 0x3F) }
    return value
  }

  private static func isAllowed(_ value: UInt32) -> Bool {
    switch value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  private static func hex(_ value: UInt32, digits: Int = 2) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// The ranges of the file's documents. A line that starts with `---` starts one, whatever stands around it, as for
  /// kubectl; directives before it belong to it.
  func documents() -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = start
    var line = start
    var hasDirective = false
    var hasContent = false
    while line < bytes.count {
      if startsDocument(line), !(hasDirective && !hasContent), line > start {
        result.append(start..<line)
        start = line
        hasContent = false
        hasDirective = false
      }
      switch bytes[line] {
      case UInt8(ascii: "%"): hasDirective = true
      case UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
      default: hasContent = true
      }
      while line < bytes.count, bytes[line] != UInt8(ascii: "\n") { line += 1 }
      line += 1
    }
    if start < bytes.count { result.append(start..<bytes.count) }
    return result
  }

  private func startsDocument(_ line: Int) -> Bool {
    guard line + 3 <= bytes.count, bytes[line] == UInt8(ascii: "-") else { return false }
    guard bytes[line + 1] == UInt8(ascii: "-"), bytes[line + 2] == UInt8(ascii: "-") else { return false }
    guard line + 3 < bytes.count else { return true }
    return [0x20, 0x09, 0x0A, 0x0D].contains(bytes[line + 3])
  }
}
