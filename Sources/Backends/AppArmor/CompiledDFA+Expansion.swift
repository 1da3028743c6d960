/// A complete automaton with one column per byte class.
struct ExpandedDFA {
  var classOfByte: [UInt8]
  var width: Int
  /// Rows of `width` columns. Row 0 is the start; every row is reachable from it.
  var transitions: [UInt32]
  /// By row: the state it stands for.
  var states: [Int]
}

extension CompiledDFA {
  /// With `trapsNUL`, every NUL leads to the trap state, for good.
  func expanded(trapsNUL: Bool) -> ExpandedDFA {
    var (classOfByte, samples) = byteClasses()
    let rows = fullRows(samples)
    let oldWidth = samples.count
    var nulClass: Int?
    if trapsNUL {
      // NUL gets a class of its own. If it shares one, there are at most 255.
      if classOfByte[1...].contains(classOfByte[0]) {
        samples.append(0)
        classOfByte[0] = UInt8(truncatingIfNeeded: oldWidth)
      }
      nulClass = Int(classOfByte[0])
    }
    let width = samples.count
    // Breadth first from the start; the trap that swallows NUL is numbered when first reached.
    var number = [UInt32](repeating: .max, count: stateCount + 1)
    let sink = stateCount
    var order = [Int(start)]
    number[Int(start)] = 0
    var transitions: [UInt32] = []
    transitions.reserveCapacity(stateCount * width)
    var done = 0
    while done < order.count {
      let state = order[done]
      done += 1
      for column in 0..<width {
        let next =
          state == sink || column == nulClass
          ? sink : column < oldWidth ? Int(rows[state * oldWidth + column]) : 0
        if number[next] == .max {
          number[next] = UInt32(order.count)
          order.append(next)
        }
        transitions.append(number[next])
      }
    }
    // The sink has the permissions of the trap state, which decoding has checked to be none.
    return ExpandedDFA(
      classOfByte: classOfByte,
      width: width,
      transitions: transitions,
      states: order.map { $0 == sink ? 0 : $0 }
    )
  }

  /// Bytes that no row of the comb tells apart share a class. (Defaults hold for whole rows, so nothing else can.)
  /// Also gives a byte of every class.
  private func byteClasses() -> (classOfByte: [UInt8], samples: [UInt8]) {
    var classOf = [UInt8](repeating: 0, count: 256)
    var samples: [UInt8] = [0]
    var row = [Int32](repeating: -1, count: 256)
    for state in 0..<stateCount {
      let offset = Int(base[state] & Self.offsetBits)
      let own = UInt16(truncatingIfNeeded: state)
      var isSplit = false
      for byte in 0..<256 {
        let position = offset + Int(columns[byte])
        row[byte] = check[position] == own ? Int32(next[position]) : -1
        isSplit = isSplit || row[byte] != row[Int(samples[Int(classOf[byte])])]
      }
      // Classes split at most 255 times in all, so this is rare.
      guard isSplit else { continue }
      var known: [Int64: UInt8] = [:]
      samples = []
      for byte in 0..<256 {
        let key = Int64(classOf[byte]) << 32 | Int64(row[byte]) & 0xffff_ffff
        if let same = known[key] {
          classOf[byte] = same
        } else {
          let fresh = UInt8(truncatingIfNeeded: samples.count)
          known[key] = fresh
          samples.append(UInt8(truncatingIfNeeded: byte))
          classOf[byte] = fresh
        }
      }
    }
    return (classOf, samples)
  }

  /// One successor per state and class. Differential rows are copied from their default's row, which is filled first.
  private func fullRows(_ samples: [UInt8]) -> [UInt16] {
    let sampleColumn = samples.map { Int(columns[Int($0)]) }
    let width = sampleColumn.count
    var rows = [UInt16](repeating: 0, count: stateCount * width)
    var isFilled = [Bool](repeating: false, count: stateCount)
    var chain: [Int] = []
    for first in 0..<stateCount {
      var state = first
      while !isFilled[state] {
        chain.append(state)
        // Chains of differential states end, see the invariant.
        guard isDifferential(state) else { break }
        state = Int(fallback[state])
      }
      while let state = chain.popLast() {
        isFilled[state] = true
        let offset = Int(base[state] & Self.offsetBits)
        let own = UInt16(truncatingIfNeeded: state)
        let parent = isDifferential(state) ? Int(fallback[state]) * width : nil
        for column in 0..<width {
          let position = offset + sampleColumn[column]
          rows[state * width + column] =
            check[position] == own ? next[position] : parent.map { rows[$0 + column] } ?? fallback[state]
        }
      }
    }
    return rows
  }
}
