/// A byte offset into one source file.
package typealias SourceOffset = UInt32

/// A place for people: both 1-based, the column in characters (a byte that is no valid UTF-8 counts as one).
package struct LineColumn: Hashable, Sendable {
  package let line: Int
  package let column: Int
  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}

/// One source file's name and bytes, with its line table. Lines and columns are computed when rendering only.
///
/// INVARIANT: `lineStarts` begins with 0 and ascends strictly. Offsets beyond `UInt32` are not addressed: a file that
/// large is refused by its reader, and every look-up clamps.
package struct SourceFile: Sendable {
  /// The name as the user gave it, `-` for standard input.
  package let name: String
  package let bytes: [UInt8]
  /// Offset of the first byte of every line; lines end with LF, CRLF or a lone CR.
  private let lineStarts: [SourceOffset]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts: [SourceOffset] = [0]
    let limit = min(bytes.count, Int(SourceOffset.max) - 1)
    for offset in 0..<limit {
      let byte = bytes[offset]
      guard byte <= 0x0D else { continue }
      let endsLine =
        byte == UInt8(ascii: "\n")
        || (byte == UInt8(ascii: "\r") && !(offset + 1 < bytes.count && bytes[offset + 1] == UInt8(ascii: "\n")))
      if endsLine { starts.append(SourceOffset(offset + 1)) }
    }
    lineStarts = starts
  }

  package var lineCount: Int { lineStarts.count }

  /// Index (from 0) of the line that holds an offset; offsets past the end belong to the last line.
  package func lineIndex(of offset: SourceOffset) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// Line and column of an offset; an offset past the end counts as the end.
  package func position(of offset: SourceOffset) -> LineColumn {
    let line = lineIndex(of: offset)
    let start = min(Int(lineStarts[line]), bytes.count)
    let end = min(Int(offset), bytes.count)
    guard start < end else { return LineColumn(line: line + 1, column: 1) }
    let before = bytes[start..<end]
    let isASCII = before.allSatisfy { $0 < 0x80 }
    let count = isASCII ? before.count : String(decoding: before, as: UTF8.self).unicodeScalars.count
    return LineColumn(line: line + 1, column: count + 1)
  }

  /// The offsets of a 1-based line, without its line break; empty for a line that is not there.
  package func lineRange(_ number: Int) -> Range<Int> {
    guard number >= 1, number <= lineStarts.count else { return bytes.count..<bytes.count }
    let start = min(Int(lineStarts[number - 1]), bytes.count)
    var end = number < lineStarts.count ? Int(lineStarts[number]) : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  /// The bytes of a 1-based line, without its line break.
  package func line(_ number: Int) -> ArraySlice<UInt8> { bytes[lineRange(number)] }
}

/// Index of a file in a `SourceMap`.
package struct FileID: Hashable, Sendable, Comparable {
  package let index: Int
  package init(index: Int) { self.index = index }
  package static func < (a: FileID, b: FileID) -> Bool { a.index < b.index }
}

/// A half-open range of bytes in one file.
///
/// INVARIANT: `start <= end`.
package struct Span: Hashable, Sendable {
  package let file: FileID
  package let start: SourceOffset
  package let end: SourceOffset
  package init(file: FileID, start: SourceOffset, end: SourceOffset) {
    self.file = file
    self.start = start
    self.end = max(start, end)
  }

  /// The empty range before it, where something can be inserted.
  package var startPoint: Span { Span(file: file, start: start, end: start) }
  /// The empty range after it.
  package var endPoint: Span { Span(file: file, start: end, end: end) }
}

/// All source files of one run, in a fixed order.
package struct SourceMap: Sendable {
  package private(set) var files: [SourceFile] = []
  package init() {}
  package init(_ files: [SourceFile]) { self.files = files }
  package mutating func add(_ file: SourceFile) -> FileID {
    files.append(file)
    return FileID(index: files.count - 1)
  }
  package subscript(_ id: FileID) -> SourceFile { files[id.index] }

  /// The bytes of a span, clamped to the file.
  package func text(_ span: Span) -> ArraySlice<UInt8> {
    let bytes = self[span.file].bytes
    let end = min(Int(span.end), bytes.count)
    return bytes[min(Int(span.start), end)..<end]
  }
}
