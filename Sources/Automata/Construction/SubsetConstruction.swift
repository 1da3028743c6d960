/// Subsets of the nodes of a `PrefixGraph`, each beside a state of a `base` that was determinised before: the product of
/// both, reachable states only.
struct SubsetConstruction {
  let classOfByte: [UInt8]
  let width: Int
  private(set) var transitions: [UInt32] = []
  /// Per state: which languages hold the strings that reach it, as an index into `members`.
  private(set) var labels: [UInt32] = []
  private(set) var members: [[Int]] = []

  private let graph: FrozenGraph
  private let base: Partition
  /// Column of the base per byte class.
  private let baseColumn: [Int]
  /// First element: state of the base; then nodes, ascending.
  private var states = WordTable()
  private var work = 0
  private let budget: StateBudget

  /// - Throws: `Overflow` when the budget is exceeded.
  init(_ graph: PrefixGraph, base: Partition, budget: StateBudget) throws(Overflow) {
    (classOfByte, width) = SubsetConstruction.byteClasses(graph, base: base.classifier)
    self.budget = budget
    self.base = base
    var column = [Int](repeating: 0, count: width)
    for byte in 0..<256 { column[Int(classOfByte[byte])] = Int(base.classifier.classOfByte[byte]) }
    baseColumn = column
    self.graph = try FrozenGraph(graph, classOfByte: classOfByte, width: width, work: budget.work)
    try run()
    try label()
  }

  /// The budget was exceeded.
  struct Overflow: Error {}

  private static func byteClasses(_ graph: PrefixGraph, base: Classifier) -> ([UInt8], Int) {
    var single = ByteSet()
    for byte in graph.bytes { single.insert(byte) }
    var known: [[UInt16]: UInt8] = [:]
    let classes = (0...255).map { value -> UInt8 in
      let byte = UInt8(value)
      var signature = [UInt16(base.classOfByte[value]), single.contains(byte) ? UInt16(value) + 1 : 0]
      for mask in graph.masks { signature.append(mask.contains(byte) ? 1 : 0) }
      let fresh = UInt8(truncatingIfNeeded: known.count)
      return known[signature]
        ?? {
          known[signature] = fresh; return fresh
        }()
    }
    return (classes, known.count)
  }

  private mutating func run() throws(Overflow) {
    let baseRows = base.classifier.transitions
    let baseWidth = base.classifier.byteClassCount
    var marks = NodeMarks(count: graph.nodeCount)
    var word: [UInt32] = [0]
    graph.addClosure(0, &marks, &word)
    word[1...].sort()
    _ = states.intern(word)
    /// Rows of the states without nodes, per state of the base; empty if not yet met.
    var bareRows = [[UInt32]](repeating: [], count: base.classifier.stateCount)
    var wide = WideTargets(graph)
    var singles: [UInt64] = []
    var row = [UInt32](repeating: 0, count: width)
    var done = 0
    while done < states.count {
      let range = states.range(done)
      let baseState = Int(states.elements[range.lowerBound])
      let here = baseState * baseWidth
      singles.removeAll(keepingCapacity: true)
      for position in range.dropFirst() {
        let node = states.elements[position]
        for edge in graph.singles.range(node) {
          singles.append(UInt64(graph.singles.values[edge]) << 32 | UInt64(graph.singleTargets[edge]))
        }
      }
      if singles.count > 1 { singles.sort() }
      work &+= wide.follow(graph, states, range.dropFirst(), &marks)
      if wide.isEmpty {
        bareRow(&row, baseState, &bareRows)
      } else {
        wideRow(&row, baseState, wide)
      }
      var index = 0
      while index < singles.count {
        let column = Int(singles[index] >> 32)
        word.removeAll(keepingCapacity: true)
        word.append(baseRows[here + baseColumn[column]])
        marks.clear()
        for node in wide.targets(graph.groupOfClass[column]) {
          _ = marks.insert(node)
          word.append(node)
        }
        while index < singles.count, Int(singles[index] >> 32) == column {
          graph.addClosure(UInt32(truncatingIfNeeded: singles[index]), &marks, &word)
          index += 1
        }
        if word.count > 2 { word[1...].sort() }
        work &+= word.count
        row[column] = states.intern(word).number
      }
      transitions.append(contentsOf: row)
      work &+= width
      done += 1
      if states.count > budget.states || work > budget.work || states.count &* width > budget.cells {
        throw Overflow()
      }
    }
  }

  /// Where bytes lead when no node has an edge for them: to states of the base alone.
  private mutating func bareRow(_ row: inout [UInt32], _ baseState: Int, _ known: inout [[UInt32]]) {
    if known[baseState].isEmpty {
      let here = baseState * base.classifier.byteClassCount
      for column in 0..<width {
        row[column] = states.intern([base.classifier.transitions[here + baseColumn[column]]]).number
      }
      known[baseState] = row
    }
    row = known[baseState]
  }

  /// Where bytes lead by wide edges.
  private mutating func wideRow(_ row: inout [UInt32], _ baseState: Int, _ wide: borrowing WideTargets) {
    let here = baseState * base.classifier.byteClassCount
    var word: [UInt32] = []
    /// Per list of targets: the last column that led to it.
    var last = [Int](repeating: -1, count: wide.listCount)
    for column in 0..<width {
      let next = base.classifier.transitions[here + baseColumn[column]]
      let list = wide.listOfGroup[graph.groupOfClass[column]]
      let before = last[list]
      last[list] = column
      if before >= 0 && base.classifier.transitions[here + baseColumn[before]] == next {
        row[column] = row[before]
        continue
      }
      word.removeAll(keepingCapacity: true)
      word.append(next)
      word.append(contentsOf: wide.lists[list])
      work &+= word.count
      row[column] = states.intern(word).number
    }
  }

  private mutating func label() throws(Overflow) {
    var words = WordTable()
    var lists: [[Int]: UInt32] = [:]
    var labelOfWord: [UInt32] = []
    labels.reserveCapacity(states.count)
    var word: [UInt32] = []
    for state in 0..<states.count {
      let range = states.range(state)
      let baseLabel = base.classifier.labels[Int(states.elements[range.lowerBound])]
      word.removeAll(keepingCapacity: true)
      word.append(baseLabel)
      for position in range.dropFirst() {
        let end = graph.endOfNode[Int(states.elements[position])]
        if end != .max { word.append(end) }
      }
      if word.count > 2 { word[1...].sort() }
      let (number, isNew) = words.intern(word)
      if isNew {
        var list = base.members[Int(baseLabel)]
        for end in word.dropFirst() { list.append(contentsOf: graph.ends[Int(end)]) }
        work &+= list.count
        if work > budget.work { throw Overflow() }
        list.sort()
        let fresh = UInt32(members.count)
        let label = lists[list] ?? fresh
        if label == fresh {
          lists[list] = fresh
          members.append(list)
        }
        labelOfWord.append(label)
      }
      labels.append(labelOfWord[Int(number)])
    }
  }
}
