/// Text from a source file made safe to print: what a terminal could misread is written as an escape, and every byte
/// offset knows its screen column.
package struct DisplayText: Sendable {
  /// One character as shown.
  package struct Cell: Sendable {
    /// What is printed.
    package let text: String
    /// Screen columns it takes.
    package let width: Int
    /// Offset of its first byte, relative to the start of the bytes given.
    package let offset: Int
  }

  package let cells: [Cell]
  /// Screen columns of all cells.
  package let width: Int
  private let byteCount: Int

  /// A tab is shown as an arrow and three spaces, a control or invisible character as an escape, a byte that is no UTF-8
  /// as `\xNN`.
  package init(_ bytes: some Collection<UInt8>) {
    var cells: [Cell] = []
    var total = 0
    var offset = 0
    var decoder = UTF8Decoder(Array(bytes))
    while let unit = decoder.next() {
      let (text, width) = DisplayText.shape(unit.scalar, unit.byte)
      cells.append(Cell(text: text, width: width, offset: offset))
      total += width
      offset += unit.length
    }
    self.cells = cells
    self.width = total
    self.byteCount = offset
  }

  /// The screen column (from 0) where the byte at `offset` is shown.
  package func column(of offset: Int) -> Int {
    if offset >= byteCount { return width }
    var column = 0
    for cell in cells {
      if cell.offset >= offset { return cell.offset == offset ? column : max(0, column - 1) }
      column += cell.width
    }
    return column
  }

  package var text: String { cells.map(\.text).joined() }

  /// Text of any origin, safe to print on one line.
  package static func safe(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    return DisplayText(Array(text.utf8)).text
  }

  private static func shape(_ scalar: Unicode.Scalar?, _ byte: UInt8) -> (String, Int) {
    guard let scalar else {
      let text = "\\x" + hex(UInt32(byte), digits: 2)
      return (text, 4)
    }
    switch scalar.value {
    case 0x09: return ("→   ", 4)
    case 0x20..<0x7F: return (String(scalar), 1)
    case 0..<0x20, 0x7F: return ("\\x" + hex(scalar.value, digits: 2), 4)
    default: break
    }
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
      let text = "\\u{" + hex(scalar.value, digits: 4) + "}"
      return (text, text.count)
    case .nonspacingMark, .enclosingMark: return (String(scalar), 0)
    default: return (String(scalar), isWide(scalar.value) ? 2 : 1)
    }
  }

  private static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// East Asian wide and emoji ranges (Unicode 15, EastAsianWidth.txt, W and F, merged).
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x231A...0x231B, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return true
    default: return false
    }
  }
}

/// Splits bytes into Unicode scalars and bytes that belong to none.
package struct UTF8Decoder: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A scalar, or nil for one byte that starts no valid sequence; its first byte; and its length in bytes.
  package mutating func next() -> (scalar: Unicode.Scalar?, byte: UInt8, length: Int)? {
    guard position < bytes.count else { return nil }
    let first = bytes[position]
    let length = UTF8Decoder.length(at: position, in: bytes)
    guard length > 0 else {
      position += 1
      return (nil, first, 1)
    }
    var value: UInt32
    switch length {
    case 1: value = UInt32(first)
    case 2: value = UInt32(first & 0x1F)
    case 3: value = UInt32(first & 0x0F)
    default: value = UInt32(first & 0x07)
    }
    for index in 1..<max(1, length) { value = value << 6 | UInt32(bytes[position + index] & 0x3F) }
    position += length
    return (Unicode.Scalar(value), first, length)
  }

  /// Length of the well-formed UTF-8 sequence at `index` (Unicode table 3-7), 0 if there is none.
  package static func length(at index: Int, in bytes: [UInt8]) -> Int {
    let first = bytes[index]
    let wanted: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch first {
    case 0..<0x80: return 1
    case 0xC2...0xDF: wanted = 2
    case 0xE0: (wanted, low) = (3, 0xA0)
    case 0xED: (wanted, high) = (3, 0x9F)
    case 0xE1...0xEF: wanted = 3
    case 0xF0: (wanted, low) = (4, 0x90)
    case 0xF4: (wanted, high) = (4, 0x8F)
    case 0xF1...0xF3: wanted = 4
    default: return 0
    }
    guard index + wanted <= bytes.count else { return 0 }
    guard bytes[index + 1] >= low, bytes[index + 1] <= high else { return 0 }
    for offset in 2..<max(2, wanted) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
    return wanted
  }
}
