/// Why a binary policy was refused.
package struct CompiledPolicyError: Error, Hashable, Sendable {
  /// Byte offset into the stream, at or before the mistake.
  package let offset: Int
  /// What is wrong, lower case, no final period.
  package let message: String
}

/// A cursor over the tagged stream of a binary policy: `[name] type value`, little-endian, like the kernel's
/// `policy_unpack.c` reads it. A `take` that finds something else leaves the cursor where it was.
///
/// INVARIANT: `0 <= position <= bytes.count`; every advance is checked against what is left.
struct CompiledReader {
  enum Tag: UInt8 {
    case u8 = 0
    case u16, u32, u64, name, string, blob, structure, structureEnd, list, listEnd, array, arrayEnd
  }

  let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }
  private var left: Int { bytes.count - position }

  func failure(_ message: String) -> CompiledPolicyError {
    CompiledPolicyError(offset: position, message: message)
  }

  /// Skips a type byte, with the name before it. Asked for no name, any name is skipped.
  mutating func take(_ tag: Tag, _ name: String? = nil) -> Bool {
    let before = position
    if left >= 1, bytes[position] == Tag.name.rawValue {
      position += 1
      guard let range = chunk() else {
        position = before
        return false
      }
      if let name {
        // The name must end with the NUL that its length counts.
        guard bytes[range].dropLast().elementsEqual(name.utf8), bytes[range].last == 0 else {
          position = before
          return false
        }
      }
    } else if name != nil {
      return false
    }
    guard left >= 1, bytes[position] == tag.rawValue else {
      position = before
      return false
    }
    position += 1
    return true
  }

  mutating func takeU8() -> UInt8? {
    integer(.u8, nil, size: 1).map { UInt8(truncatingIfNeeded: $0) }
  }

  mutating func takeU32(_ name: String? = nil) -> UInt32? {
    integer(.u32, name, size: 4).map { UInt32(truncatingIfNeeded: $0) }
  }

  mutating func takeU64() -> UInt64? { integer(.u64, nil, size: 8) }

  /// The element count of an array that starts here.
  mutating func takeArray() -> Int? { integer(.array, nil, size: 2).map { Int($0) } }

  /// A string without its closing NUL, which must be there.
  mutating func takeString(_ name: String? = nil) -> [UInt8]? {
    let before = position
    if take(.string, name), let range = chunk(), bytes[range].last == 0 {
      return Array(bytes[range].dropLast())
    }
    position = before
    return nil
  }

  /// The range of a blob's bytes.
  mutating func takeBlob(_ name: String? = nil) -> Range<Int>? {
    let before = position
    if let size = integer(.blob, name, size: 4), size <= UInt64(left) {
      let start = position
      position += Int(size)
      return start..<position
    }
    position = before
    return nil
  }

  private mutating func integer(_ tag: Tag, _ name: String?, size: Int) -> UInt64? {
    let before = position
    guard take(tag, name), left >= size else {
      position = before
      return nil
    }
    var value: UInt64 = 0
    for index in (0..<size).reversed() { value = value << 8 | UInt64(bytes[position + index]) }
    position += size
    return value
  }

  /// A length in 16 bits and that many bytes.
  private mutating func chunk() -> Range<Int>? {
    guard left >= 2 else { return nil }
    let size = Int(bytes[position]) | Int(bytes[position + 1]) << 8
    guard left - 2 >= size else { return nil }
    let start = position + 2
    position = start + size
    return start..<position
  }
}
