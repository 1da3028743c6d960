import Automata

/// Finds paths below a directory for every set of patterns that some of them match.
///
/// The zone of a directory is what lies below it and below no deeper directory that is named somewhere: its children, and
/// what is deeper. All paths of one half of a zone belong to the same directory sets, so that an automaton has to tell
/// only patterns and names of files apart. It is entered where the directory leads; directories that lead to the same
/// state share a search. So the cost is that of the patterns plus that of the directories, not of their product.
struct ZoneWalk {
  /// A shortest way on from `/` after a directory, of those with the same label.
  struct Ending {
    let label: UInt32
    /// Whether it leads to no child of the directory but deeper.
    let isDeep: Bool
    let bytes: [UInt8]
  }

  private let classifier: Classifier
  private let isPath: [Bool]
  /// One per byte class, and all; most readable first.
  private let bytes: [UInt8]
  private static let allBytes = Classifier.readableOrder(classOfByte: Array(0...255), count: 256)
  private var known: [UInt32: [Ending]] = [:]
  /// Per state and depth, per label and depth: the number of the search that came there last.
  private var reached: [Int32]
  private var found: [Int32]
  private var search: Int32 = 0
  private(set) var work = 0

  /// `isPath` says by label which strings are paths; no other label may be one of paths and of other strings.
  init(_ classifier: Classifier, isPath: [Bool]) {
    self.classifier = classifier
    self.isPath = isPath
    bytes = Classifier.readableOrder(classOfByte: classifier.classOfByte, count: classifier.byteClassCount)
    reached = Array(repeating: 0, count: 2 * classifier.stateCount)
    found = Array(repeating: 0, count: 2 * isPath.count)
  }

  func state(after bytes: [UInt8]) -> UInt32 { bytes.reduce(0) { classifier.next($0, $1) } }

  func label(_ state: UInt32) -> UInt32 { classifier.labels[Int(state)] }

  /// Every label and depth that can be reached, whatever is named there.
  mutating func endings(after state: UInt32) -> [Ending] {
    if let known = known[state] { return known }
    let endings = endings(after: state, avoiding: nil)
    known[state] = endings
    return endings
  }

  /// The same without what is named, and what lies below a named directory.
  mutating func endings(after state: UInt32, avoiding names: NameTree) -> [Ending] {
    endings(after: state, avoiding: Optional(names))
  }

  private struct Step {
    let state: UInt32
    /// In the tree of names; below zero: no name begins so.
    let name: Int32
    let isDeep: Bool
    let byte: UInt8
    let previous: Int32
  }

  private mutating func endings(after state: UInt32, avoiding names: NameTree?) -> [Ending] {
    search += 1
    var steps = [Step(state: state, name: names == nil ? -1 : 0, isDeep: false, byte: 0, previous: -1)]
    var result: [Ending] = []
    var done = 0
    while done < steps.count {
      let here = steps[done]
      for byte in here.name < 0 ? bytes : ZoneWalk.allBytes {
        var name: Int32 = -1
        if here.name >= 0, let names {
          if byte == UInt8(ascii: "/"), names.isDirectory(here.name) { continue }
          name = names.child(here.name, byte)
        }
        let next = classifier.next(here.state, byte)
        let isDeep = here.isDeep || byte == UInt8(ascii: "/")
        let place = 2 * Int(next) + (isDeep ? 1 : 0)
        if name < 0 {
          if reached[place] == search { continue }
          reached[place] = search
        }
        steps.append(
          Step(state: next, name: name, isDeep: isDeep, byte: byte, previous: Int32(truncatingIfNeeded: done))
        )
        let label = classifier.labels[Int(next)]
        let kind = 2 * Int(label) + (isDeep ? 1 : 0)
        guard isPath[Int(label)], found[kind] != search else { continue }
        if name >= 0, names?.isPoint(name) == true { continue }
        found[kind] = search
        result.append(Ending(label: label, isDeep: isDeep, bytes: ZoneWalk.bytes(steps)))
      }
      done += 1
    }
    work += steps.count * bytes.count
    return result
  }

  /// The bytes that lead to the last step.
  private static func bytes(_ steps: [Step]) -> [UInt8] {
    var bytes: [UInt8] = []
    var here = steps.count - 1
    while here > 0 {
      bytes.append(steps[here].byte)
      here = Int(steps[here].previous)
    }
    return bytes.reversed()
  }
}

/// What is named below a directory, as a tree of bytes.
struct NameTree {
  private struct Node {
    var children: [UInt8: Int32] = [:]
    var isPoint = false
    var isDirectory = false
  }
  private var nodes = [Node()]

  /// `bytes` as they follow the directory's slash.
  mutating func insert(_ bytes: some Sequence<UInt8>, isDirectory: Bool) {
    var here = 0
    for byte in bytes {
      if let next = nodes[here].children[byte] {
        here = Int(next)
      } else {
        nodes[here].children[byte] = Int32(truncatingIfNeeded: nodes.count)
        here = nodes.count
        nodes.append(Node())
      }
    }
    nodes[here].isPoint = true
    nodes[here].isDirectory = isDirectory
  }

  /// Below zero: no name goes on like that.
  func child(_ node: Int32, _ byte: UInt8) -> Int32 { nodes[Int(node)].children[byte] ?? -1 }
  func isPoint(_ node: Int32) -> Bool { nodes[Int(node)].isPoint }
  func isDirectory(_ node: Int32) -> Bool { nodes[Int(node)].isDirectory }
}
