/// From any complete automaton to the canonical minimal one.
///
/// States that no cycle leads to (the tree of a thousand literals, say) are merged from the leaves up by comparing rows,
/// which takes time linear in the table; only the rest, the core, needs partition refinement.
enum Minimizer {
  static func minimize(classOfByte: [UInt8], byteClassCount: Int, transitions: [UInt32], labels: [UInt32])
    -> Classifier
  {
    let width = byteClassCount
    let order = columnOrder(classOfByte: classOfByte, width: width)
    let (core, peeled) = peel(width: width, transitions: transitions, count: labels.count)
    let blocks = CoreRefinement.blocks(core, width: width, transitions: transitions, labels: labels)

    var rows = RowTable(width: width)
    rows.reserve(core.count + peeled.count)
    /// Per state: its row in `rows`.
    var rowOf = [UInt32](repeating: 0, count: labels.count)
    for (index, state) in core.enumerated() { rowOf[Int(state)] = blocks.blockOf[index] }
    for state in blocks.representatives {
      let start = Int(state) * width
      rows.append(label: labels[Int(state)], transitions[start..<start + width].map { rowOf[Int($0)] })
    }
    var row = [UInt32](repeating: 0, count: width)
    for state in peeled.reversed() {
      let start = Int(state) * width
      for column in 0..<width { row[column] = rowOf[Int(transitions[start + column])] }
      rowOf[Int(state)] = rows.intern(label: labels[Int(state)], row)
    }
    return numbered(rows, start: rowOf[0], classOfByte: classOfByte, order: order)
  }

  /// Byte classes by their smallest byte.
  private static func columnOrder(classOfByte: [UInt8], width: Int) -> [Int] {
    var seen = [Bool](repeating: false, count: width)
    var order: [Int] = []
    for column in classOfByte.map({ Int($0) }) where !seen[column] {
      seen[column] = true
      order.append(column)
    }
    return order
  }

  /// Takes states away from the start on, each after all that lead to it: what remains lies behind a cycle. States out
  /// of reach are in neither.
  private static func peel(width: Int, transitions: [UInt32], count: Int) -> (core: [UInt32], peeled: [UInt32]) {
    var arrivals = [UInt32](repeating: 0, count: count)
    var reached: [UInt32] = [0]
    reached.reserveCapacity(count)
    var seen = 0
    while seen < reached.count {
      let start = Int(reached[seen]) * width
      seen += 1
      for position in start..<start + width {
        let next = Int(transitions[position])
        if arrivals[next] == 0 && next != 0 { reached.append(UInt32(next)) }
        arrivals[next] += 1
      }
    }
    var peeled: [UInt32] = arrivals[0] == 0 ? [0] : []
    var isPeeled = [Bool](repeating: false, count: count)
    var done = 0
    while done < peeled.count {
      let state = Int(peeled[done])
      done += 1
      isPeeled[state] = true
      for position in state * width..<state * width + width {
        let next = Int(transitions[position])
        arrivals[next] -= 1
        if arrivals[next] == 0 { peeled.append(UInt32(next)) }
      }
    }
    return (reached.filter { !isPeeled[Int($0)] }, peeled)
  }

  /// Numbers states breadth first and byte classes by smallest byte, equal columns as one.
  private static func numbered(_ rows: RowTable, start: UInt32, classOfByte: [UInt8], order: [Int]) -> Classifier {
    let width = rows.width
    var number = [UInt32](repeating: .max, count: rows.count)
    var sequence: [UInt32] = [start]
    number[Int(start)] = 0
    var done = 0
    while done < sequence.count {
      let from = Int(sequence[done]) * width
      done += 1
      for column in order {
        let next = rows.cells[from + column]
        if number[Int(next)] != .max { continue }
        number[Int(next)] = UInt32(sequence.count)
        sequence.append(next)
      }
    }
    let kept = distinctColumns(rows, sequence, order)
    var newClass = [UInt8](repeating: 0, count: width)
    for column in order { newClass[column] = UInt8(truncatingIfNeeded: kept.indexOf[column]) }
    var transitions: [UInt32] = []
    transitions.reserveCapacity(sequence.count * kept.columns.count)
    for state in sequence {
      let from = Int(state) * width
      for column in kept.columns { transitions.append(number[Int(rows.cells[from + column])]) }
    }
    return Classifier(
      minimalClassOfByte: classOfByte.map { newClass[Int($0)] },
      byteClassCount: kept.columns.count,
      transitions: transitions,
      labels: sequence.map { rows.labels[Int($0)] }
    )
  }

  /// One of each set of equal columns, in `order`; and per column the index of its like.
  private static func distinctColumns(_ rows: RowTable, _ states: [UInt32], _ order: [Int])
    -> (columns: [Int], indexOf: [Int])
  {
    let width = rows.width
    // Partition refinement of the columns, row by row: a column's part, split by what the row says.
    var part = [Int](repeating: 0, count: width)
    var parts = 1
    var split: [UInt64: Int] = [:]
    for state in states {
      if parts == order.count { break }
      let from = Int(state) * width
      var isUniform = true
      // Columns of one part must agree with the part's first column, else the part splits.
      var first = [UInt32](repeating: .max, count: parts)
      for column in order {
        let cell = rows.cells[from + column]
        if first[part[column]] == .max { first[part[column]] = cell }
        if first[part[column]] != cell { isUniform = false }
      }
      if isUniform { continue }
      split.removeAll(keepingCapacity: true)
      for column in order {
        let key = UInt64(part[column]) << 32 | UInt64(rows.cells[from + column])
        let fresh = split.count
        part[column] =
          split[key]
          ?? {
            split[key] = fresh; return fresh
          }()
      }
      parts = split.count
    }
    var columns: [Int] = []
    var indexOfPart = [Int](repeating: -1, count: parts)
    var indexOf = [Int](repeating: 0, count: width)
    for column in order {
      if indexOfPart[part[column]] < 0 {
        indexOfPart[part[column]] = columns.count
        columns.append(column)
      }
      indexOf[column] = indexOfPart[part[column]]
    }
    return (columns, indexOf)
  }
}

/// Labelled rows of targets, found again by content.
struct RowTable {
  let width: Int
  private(set) var cells: [UInt32] = []
  private(set) var labels: [UInt32] = []
  private var hashes: [UInt32] = []
  private var slots = [UInt32](repeating: 0, count: 1024)

  init(width: Int) { self.width = width }

  var count: Int { labels.count }

  mutating func reserve(_ count: Int) { cells.reserveCapacity(count * width) }

  /// Adds a row that is known to be new.
  mutating func append(label: UInt32, _ row: [UInt32]) { place(label, row, RowTable.hash(label, row)) }

  /// The number of a row, new or known.
  mutating func intern(label: UInt32, _ row: [UInt32]) -> UInt32 {
    let hash = RowTable.hash(label, row)
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let known = Int(slots[slot] - 1)
      if hashes[known] == hash && labels[known] == label && equals(known, row) { return UInt32(known) }
      slot = (slot + 1) & (slots.count - 1)
    }
    place(label, row, hash)
    return UInt32(count - 1)
  }

  private static func hash(_ label: UInt32, _ row: [UInt32]) -> UInt32 {
    var hash = UInt64(label) ^ 0x9E37_79B9_7F4A_7C15
    for cell in row { hash = (hash ^ UInt64(cell)) &* 0xFF51_AFD7_ED55_8CCD ^ hash >> 29 }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }

  private func equals(_ known: Int, _ row: [UInt32]) -> Bool {
    let start = known * width
    for column in row.indices where cells[start + column] != row[column] { return false }
    return true
  }

  private mutating func place(_ label: UInt32, _ row: [UInt32], _ hash: UInt32) {
    cells.append(contentsOf: row)
    labels.append(label)
    hashes.append(hash)
    if count * 2 > slots.count {
      slots = [UInt32](repeating: 0, count: slots.count * 2)
      for number in hashes.indices { occupy(number) }
    } else {
      occupy(count - 1)
    }
  }

  private mutating func occupy(_ number: Int) {
    var slot = Int(hashes[number]) & (slots.count - 1)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = UInt32(number + 1)
  }
}
