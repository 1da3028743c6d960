import Automata
import IR
internal import Synchronization

/// Verdicts on paths of which at most the last component is known: many classes at once, hence worked out once and
/// remembered.
final class OpenPaths: Sendable {
  /// All that such a verdict hangs on.
  struct Key: Hashable {
    /// Nil for a path of which nothing is known.
    fileprivate let name: [UInt8]?
    private let operations: [PathOperations]
    /// Classes; empty for a source that is not known.
    private let sources: [Int]
    private let isOwner: Bool?

    init(_ path: PartialEvent.Path, _ operations: [PathOperations], _ event: PartialEvent, _ table: FlatTable) {
      name = if case .named(let name) = path { name } else { nil }
      sources = if case .oneOf(let found) = event.source { found.map(table.sourceClass(of:)) } else { [] }
      self.operations = operations
      isOwner = event.isOwner
    }
  }

  /// Most verdicts that are remembered; then all are forgotten.
  static let most = 4096

  private let paths: Classifier
  private let classCount: Int
  /// States that some path with a final slash leads to, ascending.
  private let directoryStates: [UInt32]
  private let known = Mutex<[Key: SubjectVerdicts.Pair]>([:])

  /// `classes` is the number of path classes.
  init(_ paths: Classifier, classes: Int) {
    self.paths = paths
    classCount = classes
    directoryStates = Set(
      (0..<UInt32(clamping: paths.stateCount)).map { paths.next($0, UInt8(ascii: "/")) }
    ).sorted()
  }

  /// `make` gets the classes that the path may fall in.
  func verdicts(_ key: Key, _ make: ([Int]) -> SubjectVerdicts.Pair) -> SubjectVerdicts.Pair {
    if let found = known.withLock({ $0[key] }) { return found }
    let made = make(classes(named: key.name))
    known.withLock { known in
      if known.count >= OpenPaths.most { known = [:] }
      known[key] = made
    }
    return made
  }

  /// The path classes that a path may fall in, ascending; class 0 is no path.
  func classes(of path: PartialEvent.Path) -> [Int] {
    if case .named(let name) = path { classes(named: name) } else { classes(named: nil) }
  }

  private func classes(named name: [UInt8]?) -> [Int] {
    guard let name else { return Array(1..<max(1, classCount)) }
    var found: Set<Int> = []
    for start in directoryStates {
      var state = start
      for byte in name { state = paths.next(state, byte) }
      found.insert(Int(paths.labels[Int(state)]))
    }
    found.remove(0)
    return found.sorted()
  }
}
