import Automata
import IR

/// A language of paths as an automaton without any state from which no path of it is reached.
struct TrimmedPaths {
  let classOfByte: [UInt8]
  let width: Int
  /// Rows of `width` columns, row-major; `nowhere` where no path of the language follows. State 0 is the start.
  let rows: [UInt32]
  let accepts: [Bool]
  static let nowhere = UInt32.max

  var stateCount: Int { accepts.count }

  /// Nil for the empty language. `sources` are the predecessors of each state.
  init?(_ classifier: Classifier, _ sources: Predecessors, accepts wanted: (UInt32) -> Bool) {
    var known: [UInt32: Bool] = [:]
    let accepted = classifier.labels.map { label in
      if let known = known[label] { return known }
      let isWanted = wanted(label)
      known[label] = isWanted
      return isWanted
    }
    var isUseful = accepted
    var todo = accepted.indices.filter { accepted[$0] }
    while let state = todo.popLast() {
      for source in sources.of(state) where !isUseful[Int(source)] {
        isUseful[Int(source)] = true
        todo.append(Int(source))
      }
    }
    guard isUseful.first == true else { return nil }
    width = classifier.byteClassCount
    classOfByte = classifier.classOfByte
    var number = [UInt32](repeating: TrimmedPaths.nowhere, count: classifier.stateCount)
    number[0] = 0
    var order = [0]
    var rows: [UInt32] = []
    var done = 0
    while done < order.count {
      let row = order[done] * width
      done += 1
      for column in 0..<width {
        let next = Int(classifier.transitions[row + column])
        if isUseful[next], number[next] == TrimmedPaths.nowhere {
          number[next] = UInt32(order.count)
          order.append(next)
        }
        rows.append(number[next])
      }
    }
    self.rows = rows
    accepts = order.map { accepted[$0] }
  }

  func next(_ state: UInt32, _ byte: UInt8) -> UInt32 { rows[Int(state) * width + Int(classOfByte[Int(byte)])] }

  /// The language as a minimal classifier with labels 0 and 1.
  var classifier: Classifier {
    let sink = UInt32(stateCount)
    return Classifier.importing(
      classOfByte: classOfByte,
      byteClassCount: width,
      transitions: rows.map { $0 == TrimmedPaths.nowhere ? sink : $0 } + [UInt32](repeating: sink, count: width),
      labels: accepts.map { $0 ? 1 : 0 } + [0]
    )
  }

  /// The first few paths, shorter ones first, then by readability.
  func samples(_ limit: Int) -> [BytePath] {
    let bytes = Classifier.readableOrder(classOfByte: classOfByte, count: width)
    var result: [BytePath] = []
    var ways: [(state: UInt32, from: Int, byte: UInt8)] = [(0, -1, 0)]
    var visits = [UInt8](repeating: 0, count: stateCount)
    var done = 0
    while done < ways.count {
      let way = ways[done]
      if accepts[Int(way.state)] {
        var path: [UInt8] = []
        var here = done
        while ways[here].from >= 0 {
          path.append(ways[here].byte)
          here = ways[here].from
        }
        if let path = BytePath(path.reversed()) { result.append(path) }
        if result.count == limit { return result }
      }
      for byte in bytes {
        let next = self.next(way.state, byte)
        if next == TrimmedPaths.nowhere || visits[Int(next)] >= limit { continue }
        visits[Int(next)] += 1
        ways.append((next, done, byte))
      }
      done += 1
    }
    return result
  }

  /// Every path, if there are at most `limit`; in no special order.
  func all(_ limit: Int) -> [[UInt8]]? {
    guard let ends = counts(limit), ends <= limit else { return nil }
    var result: [[UInt8]] = []
    var todo: [(state: UInt32, path: [UInt8])] = [(0, [])]
    while let (state, path) = todo.popLast() {
      if accepts[Int(state)] { result.append(path) }
      for byte in UInt8(1)...255 {
        let next = self.next(state, byte)
        if next != TrimmedPaths.nowhere { todo.append((next, path + [byte])) }
      }
    }
    return result
  }

  /// How many paths there are, up to a little beyond `limit`; nil for infinitely many.
  private func counts(_ limit: Int) -> Int? {
    var bytes = [Int](repeating: 0, count: width)
    for byte in 1..<256 { bytes[Int(classOfByte[byte])] += 1 }
    // In the order of a depth-first walk that ends: 0 not seen, 1 open, 2 done.
    var mark = [UInt8](repeating: 0, count: stateCount)
    var count = [Int](repeating: 0, count: stateCount)
    var stack: [(state: Int, column: Int)] = [(0, 0)]
    mark[0] = 1
    while let (state, column) = stack.last {
      if column == width {
        stack.removeLast()
        mark[state] = 2
        var sum = accepts[state] ? 1 : 0
        for column in 0..<width {
          let next = rows[state * width + column]
          if next != TrimmedPaths.nowhere { sum = min(limit + 1, sum + bytes[column] * count[Int(next)]) }
        }
        count[state] = sum
        continue
      }
      stack[stack.count - 1].column += 1
      let next = rows[state * width + column]
      if next == TrimmedPaths.nowhere || bytes[column] == 0 { continue }
      if mark[Int(next)] == 1 { return nil }
      if mark[Int(next)] == 0 {
        mark[Int(next)] = 1
        stack.append((Int(next), 0))
      }
    }
    return count[0]
  }

  /// What all paths begin with, and the state after it.
  var commonPrefix: (bytes: [UInt8], state: UInt32) {
    var bytes: [UInt8] = []
    var state: UInt32 = 0
    while !accepts[Int(state)], bytes.count < BytePath.maximumLength {
      var ways: [(byte: UInt8, next: UInt32)] = []
      for byte in UInt8(1)...255 where next(state, byte) != TrimmedPaths.nowhere {
        ways.append((byte, next(state, byte)))
        if ways.count > 1 { return (bytes, state) }
      }
      guard let way = ways.first else { break }
      bytes.append(way.byte)
      state = way.next
    }
    return (bytes, state)
  }

  /// What all paths end with, at most 64 bytes.
  var commonSuffix: [UInt8] { commonSuffix(ends: Set(accepts.indices.filter { accepts[$0] }), inside: []) }

  /// What all paths end with when they first come to one of some states.
  func commonSuffix(before inside: Set<Int>) -> [UInt8] { commonSuffix(ends: inside, inside: inside) }

  private func commonSuffix(ends: Set<Int>, inside: Set<Int>) -> [UInt8] {
    var suffix: [UInt8] = []
    var here = ends
    var into: [[(source: Int, column: Int)]] = Array(repeating: [], count: stateCount)
    for state in 0..<stateCount where !inside.contains(state) {
      for column in 0..<width where rows[state * width + column] != TrimmedPaths.nowhere {
        into[Int(rows[state * width + column])].append((state, column))
      }
    }
    var bytes: [[UInt8]] = Array(repeating: [], count: width)
    for byte in UInt8(1)...255 { bytes[Int(classOfByte[Int(byte)])].append(byte) }
    while suffix.count < 64, !here.contains(0) {
      var column: Int?
      var before: Set<Int> = []
      for state in here {
        for edge in into[state] {
          if let column, column != edge.column { return suffix.reversed() }
          column = edge.column
          before.insert(edge.source)
        }
      }
      guard let column, bytes[column].count == 1 else { break }
      suffix.append(bytes[column][0])
      here = before
    }
    return suffix.reversed()
  }
}

/// The states that lead to each state of a classifier by one byte.
struct Predecessors {
  private let starts: [Int]
  private let values: [UInt32]

  init(_ classifier: Classifier) {
    let width = classifier.byteClassCount
    var counts = [Int](repeating: 0, count: classifier.stateCount + 1)
    // Neighbouring columns mostly lead to the same place.
    func forEachEdge(_ body: (Int, Int) -> Void) {
      for state in 0..<classifier.stateCount {
        var last = UInt32.max
        for column in 0..<width {
          let next = classifier.transitions[state * width + column]
          if next != last { body(state, Int(next)) }
          last = next
        }
      }
    }
    forEachEdge { _, next in counts[next + 1] += 1 }
    for index in counts.indices.dropFirst() { counts[index] += counts[index - 1] }
    var place = counts
    var values = [UInt32](repeating: 0, count: counts.last ?? 0)
    forEachEdge { state, next in
      values[place[next]] = UInt32(state)
      place[next] += 1
    }
    starts = counts
    self.values = values
  }

  func of(_ state: Int) -> ArraySlice<UInt32> { values[starts[state]..<starts[state + 1]] }
}
