extension Textbook {
  /// Moore's way from any complete automaton to the canonical minimal one.
  static func minimize(classOfByte: [UInt8], byteClassCount: Int, transitions: [UInt32], labels: [UInt32])
    -> Classifier
  {
    let (blocks, count) = refine(width: byteClassCount, transitions: transitions, labels: labels)
    var rows = [UInt32](repeating: 0, count: count * byteClassCount)
    var blockLabels = [UInt32](repeating: 0, count: count)
    for state in labels.indices {
      let block = Int(blocks[state])
      blockLabels[block] = labels[state]
      for column in 0..<byteClassCount {
        rows[block * byteClassCount + column] = blocks[Int(transitions[state * byteClassCount + column])]
      }
    }
    return number(
      classOfByte: classOfByte,
      width: byteClassCount,
      rows: rows,
      labels: blockLabels,
      start: blocks[0]
    )
  }

  /// Partition refinement by signatures, round by round.
  private static func refine(width: Int, transitions: [UInt32], labels: [UInt32]) -> ([UInt32], Int) {
    var block = labels
    var count = Set(labels).count
    while true {
      var known: [[UInt32]: UInt32] = [:]
      var refined = [UInt32](repeating: 0, count: labels.count)
      for state in labels.indices {
        var signature = [block[state]]
        for column in 0..<width { signature.append(block[Int(transitions[state * width + column])]) }
        let next = UInt32(known.count)
        refined[state] = known[signature] ?? next
        if refined[state] == next { known[signature] = next }
      }
      block = refined
      if known.count == count { return (block, count) }
      count = known.count
    }
  }

  /// Merges equal columns, drops unreachable states, numbers both canonically.
  private static func number(classOfByte: [UInt8], width: Int, rows: [UInt32], labels: [UInt32], start: UInt32)
    -> Classifier
  {
    var order: [UInt32] = [start]
    var numberOf: [UInt32: UInt32] = [start: 0]
    var done = 0
    // Reachable states first (numbering is redone below once the columns are canonical).
    while done < order.count {
      let state = Int(order[done])
      done += 1
      for byte in 0..<256 {
        let next = rows[state * width + Int(classOfByte[byte])]
        if numberOf[next] == nil {
          numberOf[next] = UInt32(order.count)
          order.append(next)
        }
      }
    }
    var columnOf: [[UInt32]: UInt8] = [:]
    var columns: [[UInt32]] = []
    let newClass = (0..<256).map { byte -> UInt8 in
      let column = order.map { numberOf[rows[Int($0) * width + Int(classOfByte[byte])]] ?? 0 }
      if let known = columnOf[column] { return known }
      columnOf[column] = UInt8(columns.count)
      columns.append(column)
      return UInt8(columns.count - 1)
    }
    var transitions: [UInt32] = []
    transitions.reserveCapacity(order.count * columns.count)
    for state in order.indices { for column in columns { transitions.append(column[state]) } }
    return Classifier(
      minimalClassOfByte: newClass,
      byteClassCount: columns.count,
      transitions: transitions,
      labels: order.map { labels[Int($0)] }
    )
  }
}
