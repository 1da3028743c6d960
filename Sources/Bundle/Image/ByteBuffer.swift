/// Little-endian bytes under construction.
package struct ByteBuffer: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  package mutating func append(_ more: [UInt8]) { bytes += more }
  package mutating func append16(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value))
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
  }
  package mutating func append32(_ value: UInt32) {
    append16(UInt16(truncatingIfNeeded: value))
    append16(UInt16(truncatingIfNeeded: value >> 16))
  }
  package mutating func append64(_ value: UInt64) {
    append32(UInt32(truncatingIfNeeded: value))
    append32(UInt32(truncatingIfNeeded: value >> 32))
  }
  /// Zeros up to a multiple of `alignment`.
  package mutating func pad(to alignment: Int) { while bytes.count % alignment != 0 { bytes.append(0) } }
}

/// Little-endian bytes that are read. Out of bounds stops the program: callers have checked.
package struct ByteReader: Sendable {
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package func u8(_ offset: Int) -> UInt8 { bytes[offset] }
  // The loads check their bounds; every bit pattern is an integer.
  package func u16(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }
  package func u32(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
  package func u64(_ offset: Int) -> UInt64 {
    UInt64(littleEndian: unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
