/// A set of byte values, as 256 bits.
package struct ByteSet: Hashable, Sendable {
  package private(set) var words: SIMD4<UInt64>

  package init() { words = .zero }

  package init(_ bytes: some Sequence<UInt8>) {
    self.init()
    for byte in bytes { insert(byte) }
  }

  package init(_ range: ClosedRange<UInt8>) {
    self.init()
    for byte in range { insert(byte) }
  }

  /// All 256 values.
  package static let all = ByteSet(0...255)
  /// Every byte that a path can hold: all but NUL.
  package static let pathByte = ByteSet(1...255)
  /// Every byte that a file name can hold: all but NUL and `/`.
  package static let nameByte = pathByte.subtracting(ByteSet([UInt8(ascii: "/")]))

  package var isEmpty: Bool { words == .zero }
  package var count: Int { (0..<4).reduce(0) { $0 + words[$1].nonzeroBitCount } }

  package func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }
  package mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
  package mutating func remove(_ byte: UInt8) { words[Int(byte >> 6)] &= ~(1 << UInt64(byte & 63)) }
  package func union(_ other: ByteSet) -> ByteSet { ByteSet(words: words | other.words) }
  package func intersection(_ other: ByteSet) -> ByteSet { ByteSet(words: words & other.words) }
  package func subtracting(_ other: ByteSet) -> ByteSet { ByteSet(words: words & ~other.words) }

  /// The members in ascending order.
  package var bytes: [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    for index in 0..<4 {
      var rest = words[index]
      while rest != 0 {
        result.append(UInt8(truncatingIfNeeded: index << 6 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
    return result
  }

  private init(words: SIMD4<UInt64>) { self.words = words }
}
