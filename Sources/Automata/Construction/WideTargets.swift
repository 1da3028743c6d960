/// Where the wide edges of one state lead, by group of byte classes: most groups, which some mask somewhere tells apart,
/// are alike for the few masks of one state, so they share a list.
struct WideTargets {
  /// Per group: an index into `lists`.
  private(set) var listOfGroup: [Int]
  /// Nodes, ascending; only the first `listCount` are in use.
  private(set) var lists: [[UInt32]] = []
  private(set) var listCount = 0
  /// No list holds a node.
  private(set) var isEmpty = true

  private var edgeMasks: [UInt32] = []
  private var edgeTargets: [UInt32] = []
  /// The different masks of the edges, and the place of each mask among them.
  private var masks: [UInt32] = []
  private var placeOfMask: [UInt32]
  /// Per list: which of `masks` cover its groups, as bits.
  private var signatures: [UInt64] = []

  init(_ graph: FrozenGraph) {
    listOfGroup = [Int](repeating: 0, count: graph.groupCount)
    placeOfMask = [UInt32](repeating: .max, count: graph.maskCount)
  }

  func targets(_ group: Int) -> [UInt32] { lists[listOfGroup[group]] }

  /// Follows the wide edges of the nodes at some positions of `states`.
  /// - Returns: the work it stands for: nodes read and written per group.
  mutating func follow(
    _ graph: FrozenGraph,
    _ states: WordTable,
    _ positions: Range<Int>,
    _ marks: inout NodeMarks
  ) -> Int {
    edgeMasks.removeAll(keepingCapacity: true)
    edgeTargets.removeAll(keepingCapacity: true)
    for mask in masks { placeOfMask[Int(mask)] = .max }
    masks.removeAll(keepingCapacity: true)
    signatures.removeAll(keepingCapacity: true)
    listCount = 0
    isEmpty = true
    for position in positions {
      for edge in graph.wides.range(states.elements[position]) {
        let mask = graph.wides.values[edge]
        edgeMasks.append(mask)
        edgeTargets.append(graph.wideTargets[edge])
        if placeOfMask[Int(mask)] == .max {
          placeOfMask[Int(mask)] = UInt32(masks.count)
          masks.append(mask)
        }
      }
    }
    var work = 0
    for group in listOfGroup.indices {
      let list = list(graph, group, &marks)
      listOfGroup[group] = list
      work &+= positions.count + 1 + lists[list].count
    }
    return work
  }

  private mutating func list(_ graph: FrozenGraph, _ group: Int, _ marks: inout NodeMarks) -> Int {
    var signature: UInt64 = 0
    let isShared = masks.count <= 64
    if isShared {
      for place in masks.indices where graph.covers(mask: masks[place], group: group) {
        signature |= 1 << UInt64(place)
      }
      if let known = signatures.firstIndex(of: signature) { return known }
      signatures.append(signature)
    }
    let fresh = listCount
    listCount += 1
    if lists.count < listCount { lists.append([]) }
    lists[fresh].removeAll(keepingCapacity: true)
    marks.clear()
    for edge in edgeMasks.indices where graph.covers(mask: edgeMasks[edge], group: group) {
      graph.addClosure(edgeTargets[edge], &marks, &lists[fresh])
    }
    if lists[fresh].count > 1 { lists[fresh].sort() }
    if !lists[fresh].isEmpty { isEmpty = false }
    return fresh
  }
}
