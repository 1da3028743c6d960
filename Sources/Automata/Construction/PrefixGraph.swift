/// A nondeterministic automaton of many languages that share what they begin with, so that five thousand
/// `/{,**/}NAME` have one loop and one tree of names.
///
/// INVARIANT: the strings that reach a node are exactly those of the expression spelled by the way to it from the root
/// (of all ways, where an empty edge joins them). So whatever continues the same expression may use the same node.
struct PrefixGraph {
  /// Edges of one byte: from, byte, to.
  private(set) var byteFrom: [UInt32] = []
  private(set) var bytes: [UInt8] = []
  private(set) var byteTo: [UInt32] = []
  /// Edges of a set of bytes: from, index into `masks`, to.
  private(set) var wideFrom: [UInt32] = []
  private(set) var wideMask: [UInt32] = []
  private(set) var wideTo: [UInt32] = []
  private(set) var masks: [ByteSet] = []
  /// Empty edges: from, to.
  private(set) var emptyFrom: [UInt32] = []
  private(set) var emptyTo: [UInt32] = []
  /// Where languages end: node, index of the language.
  private(set) var endNode: [UInt32] = []
  private(set) var endLanguage: [UInt32] = []
  private(set) var nodeCount = 1

  private struct Step: Hashable { var node: UInt32, language: Language }
  private var byteChildren: [UInt64: UInt32] = [:]
  private var children: [Step: UInt32] = [:]
  private var maskNumbers: [ByteSet: UInt32] = [:]

  mutating func add(_ language: Language, index: Int) {
    guard let end = extend(0, by: language) else { return }
    endNode.append(end)
    endLanguage.append(UInt32(index))
  }

  private mutating func node() -> UInt32 {
    nodeCount += 1
    return UInt32(nodeCount - 1)
  }

  private mutating func extend(_ node: UInt32, byte: UInt8) -> UInt32 {
    let key = UInt64(node) << 8 | UInt64(byte)
    if let known = byteChildren[key] { return known }
    let child = self.node()
    byteChildren[key] = child
    byteFrom.append(node)
    bytes.append(byte)
    byteTo.append(child)
    return child
  }

  private mutating func addWide(_ from: UInt32, _ set: ByteSet, _ to: UInt32) {
    let mask = maskNumbers[set] ?? UInt32(masks.count)
    if mask == masks.count {
      masks.append(set)
      maskNumbers[set] = mask
    }
    wideFrom.append(from)
    wideMask.append(mask)
    wideTo.append(to)
  }

  private mutating func addEmpty(_ from: UInt32, _ to: UInt32) {
    if from == to { return }
    emptyFrom.append(from)
    emptyTo.append(to)
  }

  /// The node that strings of `language` reach from `node`; nil if there are none.
  private mutating func extend(_ node: UInt32, by language: Language) -> UInt32? {
    switch language {
    case .nothing: return nil
    case .literal(let bytes):
      var here = node
      for byte in bytes { here = extend(here, byte: byte) }
      return here
    case .byte(let set):
      let count = set.count
      if count == 0 { return nil }
      if count == 1, let byte = set.bytes.first { return extend(node, byte: byte) }
      return child(node, language) { graph, child in graph.addWide(node, set, child) }
    case .sequence(let parts):
      var here = node
      for part in parts {
        guard let next = extend(here, by: part) else { return nil }
        here = next
      }
      return here
    case .union(let parts):
      if parts.isEmpty { return nil }
      if parts.count == 1 { return extend(node, by: parts[0]) }
      return child(node, language) { graph, child in
        for part in parts { if let end = graph.extend(node, by: part) { graph.addEmpty(end, child) } }
      }
    case .star(.byte(let set)):
      return child(node, language) { graph, child in
        graph.addEmpty(node, child)
        if !set.isEmpty { graph.addWide(child, set, child) }
      }
    case .star(let part):
      return child(node, language) { graph, child in
        graph.addEmpty(node, child)
        if let end = graph.extend(child, by: part) { graph.addEmpty(end, child) }
      }
    }
  }

  private mutating func child(_ node: UInt32, _ language: Language, build: (inout PrefixGraph, UInt32) -> Void)
    -> UInt32
  {
    let step = Step(node: node, language: language)
    if let known = children[step] { return known }
    let child = self.node()
    children[step] = child
    build(&self, child)
    return child
  }
}

extension Language {
  /// How many bytes every string of the language has in common with all others that begin like it: the length of the
  /// literal beginning, the shortest where alternatives differ.
  var literalPrefix: Int { prefix.length }

  private var prefix: (length: Int, isWhole: Bool) {
    switch self {
    case .nothing: return (.max / 2, true)
    case .literal(let bytes): return (bytes.count, true)
    case .byte(let set): return set.count == 1 ? (1, true) : (0, false)
    case .star: return (0, false)
    case .union(let parts):
      let all = parts.map(\.prefix)
      return (all.map(\.length).min() ?? 0, all.count == 1 && all[0].isWhole)
    case .sequence(let parts):
      var length = 0
      for part in parts {
        let next = part.prefix
        length = min(length + next.length, .max / 2)
        if !next.isWhole { return (length, false) }
      }
      return (length, true)
    }
  }
}
