/// A `PrefixGraph` laid out for reading.
struct FrozenGraph {
  let nodeCount: Int
  /// Byte classes of the one-byte edges of each node, and beside them their targets.
  let singles: PackedLists
  let singleTargets: [UInt32]
  /// Masks of the wide edges of each node, and beside them their targets.
  let wides: PackedLists
  let wideTargets: [UInt32]
  /// Byte classes fall into groups that no mask tells apart.
  let groupOfClass: [Int]
  let groupCount: Int
  let maskCount: Int
  private let maskCovers: [Bool]
  /// Per node: what empty edges lead to, itself included, nodes without edges or ends left out.
  private let closures: PackedLists
  /// Per node: an index into `ends`, or `.max`.
  let endOfNode: [UInt32]
  let ends: [[Int]]

  init(_ graph: PrefixGraph, classOfByte: [UInt8], width: Int, work: Int) throws(SubsetConstruction.Overflow) {
    nodeCount = graph.nodeCount
    singles = PackedLists(
      count: graph.nodeCount,
      lists: graph.byteFrom,
      values: graph.bytes.map { UInt32(classOfByte[Int($0)]) }
    )
    singleTargets = PackedLists(count: graph.nodeCount, lists: graph.byteFrom, values: graph.byteTo).values
    wides = PackedLists(count: graph.nodeCount, lists: graph.wideFrom, values: graph.wideMask)
    wideTargets = PackedLists(count: graph.nodeCount, lists: graph.wideFrom, values: graph.wideTo).values

    var samples = [UInt8](repeating: 0, count: width)
    for byte in (0...255).reversed() { samples[Int(classOfByte[byte])] = UInt8(byte) }
    var groups: [[Bool]: Int] = [:]
    groupOfClass = samples.indices.map { column in
      let signature = graph.masks.map { $0.contains(samples[column]) }
      let group = groups[signature] ?? groups.count
      groups[signature] = group
      return group
    }
    groupCount = groups.count
    maskCount = graph.masks.count
    var covers = [Bool](repeating: false, count: graph.masks.count * groups.count)
    for (mask, set) in graph.masks.enumerated() {
      for column in samples.indices {
        if set.contains(samples[column]) { covers[mask * groups.count + groupOfClass[column]] = true }
      }
    }
    maskCovers = covers

    var endLists: [[Int]] = []
    var endOfNode = [UInt32](repeating: .max, count: graph.nodeCount)
    for (node, language) in zip(graph.endNode, graph.endLanguage) {
      if endOfNode[Int(node)] == .max {
        endOfNode[Int(node)] = UInt32(endLists.count)
        endLists.append([])
      }
      endLists[Int(endOfNode[Int(node)])].append(Int(language))
    }
    self.endOfNode = endOfNode
    ends = endLists
    closures = try FrozenGraph.closures(graph, singles: singles, wides: wides, endOfNode: endOfNode, work: work)
  }

  func covers(mask: UInt32, group: Int) -> Bool { maskCovers[Int(mask) * groupCount + group] }

  /// Adds what `node` stands for, unless marked.
  func addClosure(_ node: UInt32, _ marks: inout NodeMarks, _ list: inout [UInt32]) {
    for position in closures.range(node) {
      let member = closures.values[position]
      if marks.insert(member) { list.append(member) }
    }
  }

  private static func closures(
    _ graph: PrefixGraph,
    singles: PackedLists,
    wides: PackedLists,
    endOfNode: [UInt32],
    work: Int
  ) throws(SubsetConstruction.Overflow) -> PackedLists {
    let empties = PackedLists(count: graph.nodeCount, lists: graph.emptyFrom, values: graph.emptyTo)
    func matters(_ node: UInt32) -> Bool {
      !singles.range(node).isEmpty || !wides.range(node).isEmpty || endOfNode[Int(node)] != .max
    }
    var marks = NodeMarks(count: graph.nodeCount)
    var owners: [UInt32] = []
    var members: [UInt32] = []
    var todo: [UInt32] = []
    for node in 0..<UInt32(graph.nodeCount) {
      marks.clear()
      _ = marks.insert(node)
      todo.append(node)
      while let next = todo.popLast() {
        if matters(next) {
          owners.append(node)
          members.append(next)
        }
        for edge in empties.range(next) where marks.insert(empties.values[edge]) { todo.append(empties.values[edge]) }
      }
      if members.count > work { throw SubsetConstruction.Overflow() }
    }
    return PackedLists(count: graph.nodeCount, lists: owners, values: members)
  }
}

/// A set of nodes that is cleared in no time.
struct NodeMarks {
  private var stamps: [UInt32]
  private var stamp: UInt32 = 1

  init(count: Int) { stamps = [UInt32](repeating: 0, count: count) }

  mutating func clear() {
    stamp &+= 1
    if stamp != 0 { return }
    stamps = [UInt32](repeating: 0, count: stamps.count)
    stamp = 1
  }

  /// False if it was in already.
  mutating func insert(_ node: UInt32) -> Bool {
    if stamps[Int(node)] == stamp { return false }
    stamps[Int(node)] = stamp
    return true
  }
}
