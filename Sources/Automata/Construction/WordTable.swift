/// Words over `UInt32`, stored once each and numbered in the order of arrival.
struct WordTable {
  private(set) var elements: [UInt32] = []
  /// Word `i` is `elements[starts[i]..<starts[i + 1]]`.
  private(set) var starts: [Int] = [0]
  private var hashes: [UInt32] = []
  /// Open addressing: number plus one, 0 for a free slot. The size is a power of two.
  private var slots: [UInt32] = [UInt32](repeating: 0, count: 1024)

  var count: Int { starts.count - 1 }

  func range(_ word: Int) -> Range<Int> { starts[word]..<starts[word + 1] }

  /// The number of a word, new or known.
  mutating func intern(_ word: [UInt32]) -> (number: UInt32, isNew: Bool) {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(word.count)
    for element in word { hash = (hash ^ UInt64(element)) &* 0xFF51_AFD7_ED55_8CCD ^ hash >> 29 }
    hash ^= hash >> 32
    let short = UInt32(truncatingIfNeeded: hash)
    var slot = Int(short) & (slots.count - 1)
    while slots[slot] != 0 {
      let known = Int(slots[slot] - 1)
      if hashes[known] == short && equals(known, word) { return (UInt32(known), false) }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = UInt32(count + 1)
    hashes.append(short)
    elements.append(contentsOf: word)
    starts.append(elements.count)
    if count * 2 > slots.count { grow() }
    return (UInt32(count - 1), true)
  }

  private func equals(_ known: Int, _ word: [UInt32]) -> Bool {
    let start = starts[known]
    if starts[known + 1] - start != word.count { return false }
    for index in word.indices where elements[start + index] != word[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (number, hash) in hashes.enumerated() {
      var slot = Int(hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number + 1)
    }
  }
}

/// Lists of `UInt32`, one after the other: the values of list `i` are `values[starts[i]..<starts[i + 1]]`.
struct PackedLists {
  private(set) var starts: [Int]
  private(set) var values: [UInt32]

  /// Sorts pairs of (list, value) into lists, keeping the order within each.
  init(count: Int, lists: [UInt32], values: [UInt32]) {
    var starts = [Int](repeating: 0, count: count + 1)
    for list in lists { starts[Int(list) + 1] += 1 }
    for index in 0..<count { starts[index + 1] += starts[index] }
    var fill = starts
    var sorted = [UInt32](repeating: 0, count: values.count)
    for index in values.indices {
      let list = Int(lists[index])
      sorted[fill[list]] = values[index]
      fill[list] += 1
    }
    self.starts = starts
    self.values = sorted
  }

  func range(_ list: UInt32) -> Range<Int> { starts[Int(list)]..<starts[Int(list) + 1] }
}
