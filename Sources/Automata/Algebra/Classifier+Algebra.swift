extension Classifier {
  /// The same sorting under other labels, minimal again. `map(old)` is the new label.
  package func relabelled(_ map: (UInt32) -> UInt32) -> Classifier {
    Minimizer.minimize(
      classOfByte: classOfByte,
      byteClassCount: byteClassCount,
      transitions: transitions,
      labels: labels.map(map)
    )
  }

  /// The product of two sortings: `combine(a, b)` is the label of strings that `self` labels `a` and `other` labels `b`.
  /// - Throws: `BudgetError` (culprits 0 and 1) over budget.
  package func product(
    _ other: Classifier,
    budget: StateBudget = StateBudget(),
    combine: (UInt32, UInt32) -> UInt32
  ) throws(BudgetError) -> Classifier {
    let columns = PairedColumns(self, other)
    var pairs = PairTable()
    _ = pairs.intern(0, 0)
    var transitions: [UInt32] = []
    var done = 0
    while done < pairs.count {
      let (left, right) = pairs[done]
      let (leftRow, rightRow) = (Int(left) * byteClassCount, Int(right) * other.byteClassCount)
      done += 1
      var last: (left: UInt32, right: UInt32, number: UInt32) = (.max, .max, 0)
      for column in columns.left.indices {
        let next = (
          self.transitions[leftRow + columns.left[column]], other.transitions[rightRow + columns.right[column]]
        )
        if next.0 != last.left || next.1 != last.right {
          last = (next.0, next.1, pairs.intern(next.0, next.1).number)
        }
        transitions.append(last.number)
      }
      if pairs.count > budget.states || transitions.count > budget.cells {
        throw BudgetError(limit: budget.states, culprits: [0, 1])
      }
    }
    return Minimizer.minimize(
      classOfByte: columns.classOfByte,
      byteClassCount: columns.left.count,
      transitions: transitions,
      labels: (0..<pairs.count).map { combine(labels[Int(pairs[$0].0)], other.labels[Int(pairs[$0].1)]) }
    )
  }

  /// Whether no string has a label that satisfies `wanted`.
  package func isEmpty(where wanted: (UInt32) -> Bool) -> Bool { !labels.contains(where: wanted) }

  /// A shortest string that the two label differently (the most readable of the shortest), or nil if there is none.
  /// Takes time linear in the two tables.
  package func firstDifference(_ other: Classifier) -> [UInt8]? {
    if self == other { return nil }
    let columns = PairedColumns(self, other)
    // States of both, equal as far as is known: a pair that follows from earlier pairs differs only if one of those
    // does, by a string no longer.
    var sets = DisjointSets(count: stateCount + other.stateCount)
    var trail = Trail()
    var pairs: [(left: UInt32, right: UInt32)] = [(0, 0)]
    if labels[0] != other.labels[0] { return [] }
    _ = sets.join(0, stateCount)
    var done = 0
    while done < pairs.count {
      let (left, right) = pairs[done]
      for column in columns.readable {
        let next = self.transitions[Int(left) * byteClassCount + columns.left[column]]
        let otherNext = other.transitions[Int(right) * other.byteClassCount + columns.right[column]]
        if labels[Int(next)] != other.labels[Int(otherNext)] { return trail.path(to: done) + [columns.samples[column]] }
        if sets.join(Int(next), stateCount + Int(otherNext)) {
          pairs.append((next, otherNext))
          trail.append(from: done, by: columns.samples[column])
        }
      }
      done += 1
    }
    return nil
  }

  /// A shortest string whose labels in the two satisfy `wanted`, or nil: `a.firstWitness(with: b) { $0 == 1 && $1 == 0 }`
  /// refutes that class 1 of `a` lies within class 1 of `b`. At worst as many steps as the product has states.
  /// - Throws: `BudgetError` (culprits 0 and 1) over budget.
  package func firstWitness(
    with other: Classifier,
    budget: StateBudget = StateBudget(),
    where wanted: (UInt32, UInt32) -> Bool
  ) throws(BudgetError) -> [UInt8]? {
    let columns = PairedColumns(self, other)
    if wanted(labels[0], other.labels[0]) { return [] }
    var pairs = PairTable()
    var trail = Trail()
    _ = pairs.intern(0, 0)
    var done = 0
    while done < pairs.count {
      let (left, right) = pairs[done]
      for column in columns.readable {
        let next = self.transitions[Int(left) * byteClassCount + columns.left[column]]
        let otherNext = other.transitions[Int(right) * other.byteClassCount + columns.right[column]]
        guard pairs.intern(next, otherNext).isNew else { continue }
        if wanted(labels[Int(next)], other.labels[Int(otherNext)]) {
          return trail.path(to: done) + [columns.samples[column]]
        }
        trail.append(from: done, by: columns.samples[column])
      }
      done += 1
      if pairs.count > budget.states { throw BudgetError(limit: budget.states, culprits: [0, 1]) }
    }
    return nil
  }
}

/// The byte classes of two classifiers, refined by each other.
private struct PairedColumns {
  let classOfByte: [UInt8]
  /// Per common class: the class in either, and its most readable byte.
  private(set) var left: [Int] = []
  private(set) var right: [Int] = []
  private(set) var samples: [UInt8] = []
  /// The common classes, most readable first.
  let readable: [Int]

  init(_ a: Classifier, _ b: Classifier) {
    var known: [UInt16: UInt8] = [:]
    var classes: [UInt8] = []
    for byte in 0..<256 {
      let pair = UInt16(a.classOfByte[byte]) << 8 | UInt16(b.classOfByte[byte])
      if known[pair] == nil {
        known[pair] = UInt8(truncatingIfNeeded: left.count)
        left.append(Int(a.classOfByte[byte]))
        right.append(Int(b.classOfByte[byte]))
      }
      classes.append(known[pair] ?? 0)
    }
    classOfByte = classes
    let order = Classifier.readableOrder(classOfByte: classes, count: left.count)
    readable = order.map { Int(classes[Int($0)]) }
    samples = [UInt8](repeating: 0, count: left.count)
    for byte in order { samples[Int(classes[Int(byte)])] = byte }
  }
}

/// Pairs of states, numbered in the order of arrival.
private struct PairTable {
  private var keys: [UInt64] = []
  private var slots = [UInt32](repeating: 0, count: 1024)

  var count: Int { keys.count }
  subscript(number: Int) -> (UInt32, UInt32) { (UInt32(keys[number] >> 32), UInt32(truncatingIfNeeded: keys[number])) }

  mutating func intern(_ left: UInt32, _ right: UInt32) -> (number: UInt32, isNew: Bool) {
    let key = UInt64(left) << 32 | UInt64(right)
    var slot = PairTable.hash(key) & (slots.count - 1)
    while slots[slot] != 0 {
      if keys[Int(slots[slot] - 1)] == key { return (slots[slot] - 1, false) }
      slot = (slot + 1) & (slots.count - 1)
    }
    keys.append(key)
    slots[slot] = UInt32(keys.count)
    if keys.count * 2 > slots.count { grow() }
    return (UInt32(keys.count - 1), true)
  }

  private static func hash(_ key: UInt64) -> Int {
    let mixed = (key ^ key >> 31) &* 0xFF51_AFD7_ED55_8CCD
    return Int(truncatingIfNeeded: mixed >> 24)
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (number, key) in keys.enumerated() {
      var slot = PairTable.hash(key) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number + 1)
    }
  }
}

/// Where each step of a breadth-first walk came from; step 0 is the start.
struct Trail {
  private var from: [UInt32] = [0]
  private var bytes: [UInt8] = [0]

  mutating func append(from step: Int, by byte: UInt8) {
    from.append(UInt32(step))
    bytes.append(byte)
  }

  func path(to step: Int) -> [UInt8] {
    var result: [UInt8] = []
    var here = step
    while here != 0 {
      result.append(bytes[here])
      here = Int(from[here])
    }
    return result.reversed()
  }
}

private struct DisjointSets {
  private var parent: [UInt32]

  init(count: Int) { parent = Array(0..<UInt32(count)) }

  private mutating func root(_ element: Int) -> UInt32 {
    var here = UInt32(element)
    while parent[Int(here)] != here {
      parent[Int(here)] = parent[Int(parent[Int(here)])]
      here = parent[Int(here)]
    }
    return here
  }

  /// False if both were in one set already.
  mutating func join(_ a: Int, _ b: Int) -> Bool {
    let (first, second) = (root(a), root(b))
    if first == second { return false }
    parent[Int(max(first, second))] = min(first, second)
    return true
  }
}
