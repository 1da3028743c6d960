import Automata

/// Finds which of many sets hold a path, and which may meet, without automata.
struct PathSetIndex {
  /// All different.
  let sets: [PathSet]
  private var literals: [BytePath: Int] = [:]
  private(set) var directories: [BytePath: [Int]] = [:]
  private var basenames: [[UInt8]: Int] = [:]
  private var globs: [(set: Int, matcher: GlobMatcher)] = []
  /// Globs and names of files, which no place in the tree of directories bounds.
  private(set) var floating: [Int] = []
  /// Per floating set: what all its strings begin and end with.
  private var ends: [Int: (first: [UInt8], last: [UInt8])] = [:]

  init(_ sets: [PathSet]) {
    self.sets = sets
    for (number, set) in sets.enumerated() {
      switch set {
      case .literal(let path):
        literals[path] = number
        if directories[path] == nil { points.append(path) }
      case .directory(let path, _, _):
        if directories[path, default: []].isEmpty, literals[path] == nil { points.append(path) }
        directories[path, default: []].append(number)
      case .basename(let name):
        basenames[name] = number
        floating.append(number)
        ends[number] = ([UInt8(ascii: "/")], name)
      case .glob(let glob):
        globs.append((number, GlobMatcher(glob)))
        floating.append(number)
        ends[number] = glob.language.ends
      }
    }
  }

  /// Every path that is written out: literals, and directories themselves; in the order of the sets.
  private(set) var points: [BytePath] = []

  func isPoint(_ path: BytePath) -> Bool { literals[path] != nil || directories[path] != nil }

  func literal(_ path: BytePath) -> Int? { literals[path] }

  /// The sets that hold a path, ascending.
  func members(of path: BytePath) -> [Int] {
    candidates(for: path).filter { isGlob($0) ? matches($0, path) : true }
  }

  /// Every set that holds the path, and globs that may.
  func candidates(for path: BytePath) -> [Int] {
    var found: [Int] = []
    if let literal = literals[path] { found.append(literal) }
    if !directories.isEmpty {
      for set in directories[path] ?? [] { if case .directory(_, _, true) = sets[set] { found.append(set) } }
      if let parent = path.parent { found += below(parent, isChild: true) }
    }
    if !basenames.isEmpty, let set = basenames[Array(path.basename)] { found.append(set) }
    for (set, _) in globs {
      guard let ends = ends[set], path.bytes.count >= max(ends.first.count, ends.last.count) else { continue }
      if path.bytes.starts(with: ends.first), path.bytes.suffix(ends.last.count).elementsEqual(ends.last) {
        found.append(set)
      }
    }
    return found.sorted()
  }

  /// The directory sets that hold what lies below `directory` and is named nowhere: its children, or all that is deeper.
  func below(_ directory: BytePath, isChild: Bool) -> [Int] {
    var found: [Int] = []
    var here: BytePath? = directory
    while let path = here {
      for set in directories[path] ?? [] {
        if case .directory(_, let recursive, _) = sets[set], recursive || isChild && path == directory {
          found.append(set)
        }
      }
      here = path.parent
    }
    return found
  }

  /// Whether a set other than a literal holds a path, or is a glob that may.
  func mayHold(_ set: Int, _ path: BytePath) -> Bool {
    guard case .glob = sets[set], let ends = ends[set] else { return sets[set].contains(path) }
    return path.bytes.starts(with: ends.first) && path.bytes.suffix(ends.last.count).elementsEqual(ends.last)
  }

  /// Whether a directory set may hold what lies below `directory`.
  func reaches(_ set: Int, below directory: BytePath) -> Bool {
    guard case .directory(let path, let recursive, _) = sets[set] else { return false }
    return path == directory || recursive && directory.isBelow(path)
  }

  private func isGlob(_ set: Int) -> Bool { if case .glob = sets[set] { true } else { false } }

  private func matches(_ set: Int, _ path: BytePath) -> Bool {
    var low = 0
    var high = globs.count
    while low < high {
      let middle = (low + high) / 2
      if globs[middle].set < set { low = middle + 1 } else { high = middle }
    }
    return low < globs.count && globs[low].set == set && globs[low].matcher.matches(path.bytes)
  }

  /// Whether two sets, neither a literal, may have more in common than points: false only if they surely have not.
  func mayMeet(_ a: Int, _ b: Int) -> Bool {
    switch (sets[a], sets[b]) {
    case (.literal, _), (_, .literal): return false
    case (.directory(let first, _, _), .directory(let second, _, _)):
      return first == second || first.isBelow(second) || second.isBelow(first)
    case (.directory(let path, _, _), _): return mayMeet(path, floating: b)
    case (_, .directory(let path, _, _)): return mayMeet(path, floating: a)
    case (.basename, .basename): return a == b
    default:
      guard let mine = ends[a], let theirs = ends[b] else { return true }
      return PathSetIndex.agree(mine.first, theirs.first)
        && PathSetIndex.agree(mine.last.reversed(), theirs.last.reversed())
    }
  }

  private func mayMeet(_ directory: BytePath, floating: Int) -> Bool {
    guard let ends = ends[floating] else { return true }
    return PathSetIndex.agree(ends.first, directory == .root ? directory.bytes : directory.bytes + [UInt8(ascii: "/")])
  }

  private static func agree(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Bool {
    zip(a, b).allSatisfy { $0 == $1 }
  }
}
