/// Hopcroft's partition refinement over a set of states that is closed under transitions.
enum CoreRefinement {
  /// The block of each state (by its index in `core`, which may be in any order) and one state per block.
  static func blocks(_ core: [UInt32], width: Int, transitions: [UInt32], labels: [UInt32])
    -> (blockOf: [UInt32], representatives: [UInt32])
  {
    let count = core.count
    if count == 0 { return ([], []) }
    var indexOf = [UInt32](repeating: 0, count: labels.count)
    for (index, state) in core.enumerated() { indexOf[Int(state)] = UInt32(index) }
    let inverse = InverseTable(core, indexOf: indexOf, width: width, transitions: transitions)
    var partition = RefinablePartition(labels: core.map { labels[Int($0)] })

    // All blocks but the largest are splitters to begin with.
    let largest = (0..<partition.count).max { partition.size($0) < partition.size($1) } ?? 0
    var waiting = (0..<partition.count).filter { $0 != largest }
    var members: [UInt32] = []
    while let splitter = waiting.popLast() {
      members = partition.members(splitter)
      for column in 0..<width {
        for member in members {
          for position in inverse.range(column, member) { partition.mark(inverse.sources[position]) }
        }
        // The new block is the smaller half: it is a splitter whether or not the old one waits.
        let before = partition.count
        partition.splitMarked()
        waiting.append(contentsOf: before..<partition.count)
      }
    }
    var representatives = [UInt32](repeating: 0, count: partition.count)
    for (index, state) in core.enumerated().reversed() { representatives[Int(partition.blockOf[index])] = state }
    return (partition.blockOf, representatives)
  }
}

/// Who leads to a state by a byte class.
private struct InverseTable {
  private let starts: [UInt32]
  private(set) var sources: [UInt32]
  private let width: Int

  init(_ core: [UInt32], indexOf: [UInt32], width: Int, transitions: [UInt32]) {
    self.width = width
    var starts = [UInt32](repeating: 0, count: core.count * width + 1)
    for state in core {
      let from = Int(state) * width
      for column in 0..<width { starts[Int(indexOf[Int(transitions[from + column])]) * width + column + 1] += 1 }
    }
    for index in 1..<starts.count { starts[index] += starts[index - 1] }
    var sources = [UInt32](repeating: 0, count: core.count * width)
    var fill = starts
    for (index, state) in core.enumerated() {
      let from = Int(state) * width
      for column in 0..<width {
        let cell = Int(indexOf[Int(transitions[from + column])]) * width + column
        sources[Int(fill[cell])] = UInt32(index)
        fill[cell] += 1
      }
    }
    self.starts = starts
    self.sources = sources
  }

  func range(_ column: Int, _ state: UInt32) -> Range<Int> {
    let cell = Int(state) * width + column
    return Int(starts[cell])..<Int(starts[cell + 1])
  }
}

/// A partition whose blocks are stretches of one array, the marked members of a block first.
private struct RefinablePartition {
  private(set) var blockOf: [UInt32]
  private var elements: [UInt32]
  private var position: [UInt32]
  private var starts: [Int]
  private var ends: [Int]
  private var marked: [Int]
  private var touched: [Int] = []

  init(labels: [UInt32]) {
    var numbers: [UInt32: UInt32] = [:]
    blockOf = labels.map { label in
      let fresh = UInt32(numbers.count)
      return numbers[label]
        ?? {
          numbers[label] = fresh; return fresh
        }()
    }
    let lists = PackedLists(count: numbers.count, lists: blockOf, values: Array(0..<UInt32(labels.count)))
    elements = lists.values
    position = [UInt32](repeating: 0, count: labels.count)
    for (index, element) in elements.enumerated() { position[Int(element)] = UInt32(index) }
    starts = Array(lists.starts.dropLast())
    ends = Array(lists.starts.dropFirst())
    marked = [Int](repeating: 0, count: numbers.count)
  }

  var count: Int { starts.count }
  func size(_ block: Int) -> Int { ends[block] - starts[block] }
  func members(_ block: Int) -> [UInt32] { Array(elements[starts[block]..<ends[block]]) }

  mutating func mark(_ element: UInt32) {
    let block = Int(blockOf[Int(element)])
    let here = Int(position[Int(element)])
    let boundary = starts[block] + marked[block]
    if here < boundary { return }
    if marked[block] == 0 { touched.append(block) }
    let other = elements[boundary]
    elements[boundary] = element
    elements[here] = other
    position[Int(element)] = UInt32(boundary)
    position[Int(other)] = UInt32(here)
    marked[block] += 1
  }

  /// Splits every touched block into marked and unmarked; the smaller part gets a new number.
  mutating func splitMarked() {
    while let block = touched.popLast() {
      let middle = starts[block] + marked[block]
      marked[block] = 0
      if middle == ends[block] { continue }
      let new = starts.count
      if middle - starts[block] <= ends[block] - middle {
        starts.append(starts[block])
        ends.append(middle)
        starts[block] = middle
      } else {
        starts.append(middle)
        ends.append(ends[block])
        ends[block] = middle
      }
      marked.append(0)
      for index in starts[new]..<ends[new] { blockOf[Int(elements[index])] = UInt32(new) }
    }
  }
}
