import Diagnostics

/// From positions in what libyaml read to byte offsets in the file.
///
/// libyaml counts Unicode scalars; the text it reads may be one document of the file, and may hold repairs.
struct OffsetMap {
  /// Scalars between two checkpoints.
  private static let stride = 64

  /// Byte offset of every `stride`-th scalar; nil for ASCII, where scalars are bytes.
  private let checkpoints: [UInt32]?
  private let text: ArraySlice<UInt8>
  private let repaired: RepairedText?

  /// `text` is what libyaml reads: without repairs a slice of the file's bytes with the file's indices.
  init(_ text: ArraySlice<UInt8>, repaired: RepairedText? = nil) {
    self.text = text
    self.repaired = repaired
    if text.allSatisfy({ $0 < 0x80 }) {
      checkpoints = nil
      return
    }
    var marks: [UInt32] = []
    var scalars = 0
    for index in text.indices where text[index] & 0xC0 != 0x80 {
      if scalars % OffsetMap.stride == 0 { marks.append(UInt32(clamping: index - text.startIndex)) }
      scalars += 1
    }
    checkpoints = marks
  }

  /// Byte index into the text.
  func index(_ position: Int) -> Int {
    guard let checkpoints, let last = checkpoints.last else { return text.startIndex + min(position, text.count) }
    let slot = position / OffsetMap.stride
    var index = text.startIndex + Int(slot < checkpoints.count ? checkpoints[slot] : last)
    var left = slot < checkpoints.count ? position % OffsetMap.stride : OffsetMap.stride
    while left > 0, index < text.endIndex {
      index += 1
      while index < text.endIndex, text[index] & 0xC0 == 0x80 { index += 1 }
      left -= 1
    }
    return index
  }

  /// Byte offset in the file.
  func offset(_ position: Int) -> SourceOffset {
    let index = index(position)
    return repaired?.origin(of: index) ?? SourceOffset(clamping: index)
  }
}

/// A document's text with edits that let the parser go on, and where each of its bytes came from.
struct RepairedText {
  private(set) var bytes: [UInt8]
  /// Per byte of `bytes` and for its end: the offset in the file.
  private var origins: [SourceOffset]

  init(_ slice: ArraySlice<UInt8>) {
    bytes = Array(slice)
    origins = (slice.startIndex...slice.endIndex).map { SourceOffset(clamping: $0) }
  }

  /// The offset in the file of a byte of the text; an inserted byte has that of the byte it stands before.
  func origin(of index: Int) -> SourceOffset { origins[min(max(0, index), origins.count - 1)] }

  /// Replaces ranges, given in any order; ranges that overlap an earlier one are left out.
  mutating func apply(_ edits: [Edit]) {
    var newBytes: [UInt8] = []
    var newOrigins: [SourceOffset] = []
    newBytes.reserveCapacity(bytes.count + 64)
    newOrigins.reserveCapacity(bytes.count + 65)
    var position = 0
    for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard edit.range.lowerBound >= position, edit.range.upperBound <= bytes.count else { continue }
      newBytes += bytes[position..<edit.range.lowerBound]
      newOrigins += origins[position..<edit.range.lowerBound]
      newBytes += edit.replacement
      newOrigins += [SourceOffset](repeating: origins[edit.range.lowerBound], count: edit.replacement.count)
      position = edit.range.upperBound
    }
    newBytes += bytes[position...]
    newOrigins += origins[position...]
    bytes = newBytes
    origins = newOrigins
  }
}

/// Bytes to put in place of a range of a text.
struct Edit {
  let range: Range<Int>
  let replacement: [UInt8]
  init(_ range: Range<Int>, _ replacement: String) {
    self.range = range
    self.replacement = Array(replacement.utf8)
  }
}
