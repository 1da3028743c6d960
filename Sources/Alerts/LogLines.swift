/// Cuts a log that comes in pieces into lines.
package struct LogLines: Sendable {
  private var rest: [UInt8] = []
  /// The line that is being read is too long, and is dropped up to its end.
  private var isSkipping = false

  package init() {}

  /// The lines that `piece` completes, without their breaks. Longer ones than `AppArmorDenial.maximumLine` are left out.
  package mutating func append(_ piece: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    // What was kept has no break in it.
    while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
      if rest.isEmpty {
        if !isSkipping { lines.append(LogLines.line(piece[start..<end])) }
      } else {
        rest += piece[start..<end]
        lines.append(LogLines.line(rest[...]))
        rest = []
      }
      isSkipping = false
      start = end + 1
    }
    if !isSkipping { rest += piece[start...] }
    if rest.count > AppArmorDenial.maximumLine {
      rest = []
      isSkipping = true
    }
    return lines.filter { $0.count <= AppArmorDenial.maximumLine }
  }

  /// A last line without a break.
  package mutating func finish() -> ArraySlice<UInt8>? {
    defer { rest.removeAll() }
    return rest.isEmpty || isSkipping ? nil : LogLines.line(rest[...])
  }

  private static func line(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    text.last == 0x0D ? text.dropLast() : text
  }
}
