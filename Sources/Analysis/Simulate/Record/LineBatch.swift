/// Some whole lines of a stream.
package struct LineBatch: Sendable {
  package let bytes: [UInt8]
  /// Number of the first line, from 1.
  package let firstLine: Int
  /// The one line of the batch was longer than `LineBatcher.maximumLine` and is not in `bytes`.
  package let isOverlong: Bool
}

/// Cuts a stream into batches of whole lines. Lines that make up one record stay together.
///
/// INVARIANT: holds at most a batch, two lines of the greatest length and what was appended last.
package struct LineBatcher {
  /// Longest line that is read, in bytes.
  package static let maximumLine = 1 << 20
  /// Most lines of one record.
  static let maximumGroup = 64

  private let size: Int
  private var pending: [UInt8] = []
  /// Of `pending`: bytes up to and with its last line break.
  private var complete = 0
  private var nextLine = 1
  /// Inside of a line that is too long.
  private var isSkipping = false

  /// `size` is about how many bytes a batch shall have.
  package init(size: Int = 1 << 18) { self.size = size }

  /// Takes more of the stream; gives the batches that are full.
  package mutating func append(_ chunk: ArraySlice<UInt8>) -> [LineBatch] {
    var batches: [LineBatch] = []
    var rest = chunk
    while !rest.isEmpty {
      let lineEnd = rest.firstIndex(of: lineBreak).map { $0 + 1 }
      if isSkipping {
        guard let lineEnd else { return batches }
        batches.append(LineBatch(bytes: [], firstLine: nextLine, isOverlong: true))
        nextLine += 1
        isSkipping = false
        rest = rest[lineEnd...]
        continue
      }
      // Whole lines at once: only the first of a chunk may continue a long one.
      let lastEnd = rest.lastIndex(of: lineBreak).map { $0 + 1 }
      let piece = rest[..<(lastEnd ?? rest.endIndex)]
      let firstLength = pending.count - complete + ((lineEnd ?? rest.endIndex) - rest.startIndex)
      if firstLength > LineBatcher.maximumLine + 1 {
        pending.removeSubrange(complete...)
        if let batch = flush(keepingGroup: false) { batches.append(batch) }
        isSkipping = true
        continue
      }
      if let lastEnd {
        pending += piece
        complete = pending.count
        rest = rest[lastEnd...]
        if complete >= size, let batch = flush(keepingGroup: true) { batches.append(batch) }
      } else {
        pending += piece
        rest = rest[rest.endIndex...]
      }
    }
    return batches
  }

  /// The whole lines that are there. With `keepingGroup` all but those that the next line may belong to.
  package mutating func flush(keepingGroup: Bool) -> LineBatch? {
    var end = complete
    if keepingGroup {
      let start = RecordGroup.startOfLast(in: pending[..<complete])
      if start > 0 { end = start } else if complete < LineBatcher.maximumLine { return nil }
    }
    guard end > 0 else { return nil }
    let batch = LineBatch(bytes: Array(pending[..<end]), firstLine: nextLine, isOverlong: false)
    nextLine += batch.bytes.count { $0 == lineBreak }
    pending.removeSubrange(..<end)
    complete -= end
    return batch
  }

  /// Everything that is left, at the end of the stream.
  package mutating func finish() -> LineBatch? {
    if isSkipping {
      isSkipping = false
      return LineBatch(bytes: [], firstLine: nextLine, isOverlong: true)
    }
    complete = pending.count
    return flush(keepingGroup: false)
  }

  private var lineBreak: UInt8 { UInt8(ascii: "\n") }
}

/// Which lines make up one record: audit records of one serial, and the blocks of karmor's text output.
enum RecordGroup {
  /// Where the last group of some whole lines begins; their end if the last line stands alone.
  static func startOfLast(in lines: ArraySlice<UInt8>) -> Int {
    var end = lines.endIndex
    var below: ArraySlice<UInt8>?
    for _ in 0..<LineBatcher.maximumGroup {
      guard end > lines.startIndex else { break }
      let start = lines[..<(end - 1)].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? lines.startIndex
      let line = lines[start..<(end - 1)]
      guard let next = below else {
        guard mayContinue(line) else { return lines.endIndex }
        (below, end) = (line, start)
        continue
      }
      guard joins(line, next) else { break }
      (below, end) = (line, start)
    }
    return end
  }

  /// Whether a line below may belong to it.
  private static func mayContinue(_ line: ArraySlice<UInt8>) -> Bool {
    isHead(line) || isMember(line) || (line.first != UInt8(ascii: "{") && AuditFields.serial(line) != nil)
  }

  static func joins(_ line: ArraySlice<UInt8>, _ next: ArraySlice<UInt8>) -> Bool {
    if isMember(next) { return isHead(line) || isMember(line) }
    guard line.first != UInt8(ascii: "{"), let serial = AuditFields.serial(line) else { return false }
    return AuditFields.serial(next).map { $0.elementsEqual(serial) } ?? false
  }

  /// `== Alert / 2026-01-02 … ==`
  static func isHead(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: "== Alert".utf8) || line.starts(with: "== Log".utf8)
  }

  /// `Pod Name: web-0`
  static func isMember(_ line: ArraySlice<UInt8>) -> Bool {
    guard let colon = line.prefix(32).firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return false }
    let rest = line[(colon + 1)...]
    return (rest.isEmpty || rest.first == UInt8(ascii: " ") || rest.elementsEqual([0x0D]))
      && line[..<colon].allSatisfy { 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 || $0 == 0x20 || $0 == 0x5F }
  }
}
