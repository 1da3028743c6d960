/// Finds names whatever their case and underscores, without making a string of what is looked up.
struct FoldedNames: Sendable {
  private let names: [[UInt8]]
  private let positions: [UInt64: Int]

  /// Lower case, no underscores, pairwise different.
  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    var positions: [UInt64: Int] = [:]
    for (index, name) in self.names.enumerated() { positions[FoldedNames.hash(name[...])] = index }
    self.positions = positions
  }

  /// The index of a name.
  subscript(_ key: ArraySlice<UInt8>) -> Int? {
    guard let index = positions[FoldedNames.hash(key)] else { return nil }
    return FoldedNames.isEqual(key, names[index]) ? index : nil
  }

  /// FNV-1a of the folded bytes.
  private static func hash(_ key: ArraySlice<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key where byte != underscore { hash = (hash ^ UInt64(fold(byte))) &* 0x100_0000_01B3 }
    return hash
  }

  private static func isEqual(_ key: ArraySlice<UInt8>, _ name: [UInt8]) -> Bool {
    var position = 0
    for byte in key where byte != underscore {
      guard position < name.count, name[position] == fold(byte) else { return false }
      position += 1
    }
    return position == name.count
  }

  private static let underscore = UInt8(ascii: "_")
  private static func fold(_ byte: UInt8) -> UInt8 { 0x41...0x5A ~= byte ? byte | 0x20 : byte }
}
