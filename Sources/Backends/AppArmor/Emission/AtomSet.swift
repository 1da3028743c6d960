/// A set of small numbers below a bound that all sets of one calculation share.
struct AtomSet: Hashable, Sendable {
  private var words: [UInt64]

  /// - Parameter bound: one more than the largest number that the set may ever hold.
  init(bound: Int) { words = [UInt64](repeating: 0, count: (bound + 63) / 64) }

  init(bound: Int, where holds: (Int) -> Bool) {
    self.init(bound: bound)
    for atom in 0..<bound where holds(atom) { insert(atom) }
  }

  mutating func insert(_ atom: Int) { words[atom >> 6] |= 1 << UInt64(atom & 63) }
  mutating func remove(_ atom: Int) { words[atom >> 6] &= ~(1 << UInt64(atom & 63)) }
  mutating func insert(_ atoms: some Sequence<Int>) { for atom in atoms { insert(atom) } }
  func contains(_ atom: Int) -> Bool { words[atom >> 6] >> UInt64(atom & 63) & 1 == 1 }
  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  func union(_ other: AtomSet) -> AtomSet { zip(other, |) }
  func intersection(_ other: AtomSet) -> AtomSet { zip(other, &) }
  func subtracting(_ other: AtomSet) -> AtomSet { zip(other) { $0 & ~$1 } }
  func isSubset(of other: AtomSet) -> Bool { subtracting(other).isEmpty }

  private func zip(_ other: AtomSet, _ combine: (UInt64, UInt64) -> UInt64) -> AtomSet {
    var result = self
    for index in words.indices { result.words[index] = combine(words[index], other.words[index]) }
    return result
  }

  var atoms: [Int] {
    var result: [Int] = []
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        result.append(index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return result
  }
}
