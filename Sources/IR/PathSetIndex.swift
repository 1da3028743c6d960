import Automata

/// Finds which of many sets hold a path, and which may meet, without automata.
struct PathSetIndex {
  /// All different.
  let sets: [PathSet]
  private var literals: [BytePath: Int] = [:]
  private var directories: [PathPrefix: [Int]] = [:]
  private var basenames: [[UInt8]: Int] = [:]
  private var globs: [(set: Int, matcher: GlobMatcher, ends: Ends)] = []
  /// Globs and names of files, which no place in the tree of directories bounds.
  private(set) var floating: [Int] = []
  /// Per floating set: what all its strings begin and end with.
  private var ends: [Int: Ends] = [:]

  private struct Ends {
    let first: [UInt8]
    let last: [UInt8]

    func mayHold(_ bytes: [UInt8]) -> Bool {
      let start = bytes.count - last.count
      guard start >= 0, bytes.count >= first.count else { return false }
      for index in last.indices.reversed() where bytes[start + index] != last[index] { return false }
      for index in first.indices where bytes[index] != first[index] { return false }
      return true
    }
  }

  init(_ sets: [PathSet]) {
    self.sets = sets
    for (number, set) in sets.enumerated() {
      switch set {
      case .literal(let path):
        literals[path] = number
        if !isDirectory(path) { points.append(path) }
      case .directory(let path, _, _):
        let prefix = PathPrefix(path)
        if directories[prefix] == nil, literals[path] == nil { points.append(path) }
        directories[prefix, default: []].append(number)
      case .basename(let name):
        basenames[name] = number
        floating.append(number)
        ends[number] = Ends(first: [UInt8(ascii: "/")], last: name)
      case .glob(let glob):
        let (first, last) = glob.language.ends
        ends[number] = Ends(first: first, last: last)
        globs.append((number, GlobMatcher(glob), Ends(first: first, last: last)))
        floating.append(number)
      }
    }
  }

  /// Every path that is written out: literals, and directories themselves; in the order of the sets.
  private(set) var points: [BytePath] = []

  func isPoint(_ path: BytePath) -> Bool { literals[path] != nil || isDirectory(path) }

  private func isDirectory(_ path: BytePath) -> Bool { directories[PathPrefix(path)] != nil }

  func literal(_ path: BytePath) -> Int? { literals[path] }

  /// The sets that hold a path, ascending.
  func members(of path: BytePath) -> [Int] {
    let candidates = candidates(for: path)
    if !candidates.contains(where: isGlob) { return candidates }
    return candidates.filter { isGlob($0) ? matches($0, path) : true }
  }

  /// Every set that holds the path, and globs that may.
  func candidates(for path: BytePath) -> [Int] {
    var found: [Int] = []
    if let literal = literals[path] { found.append(literal) }
    if !directories.isEmpty {
      var prefix: PathPrefix? = PathPrefix(path)
      var isChild = false
      while let here = prefix {
        if let named = directories[here] {
          for set in named {
            guard case .directory(_, let recursive, let includesSelf) = sets[set] else { continue }
            if here.count == path.bytes.count ? includesSelf : recursive || isChild { found.append(set) }
          }
        }
        isChild = here.count == path.bytes.count
        prefix = here.parent
      }
    }
    if !basenames.isEmpty, let set = basenames[Array(path.basename)] { found.append(set) }
    for (set, _, ends) in globs where ends.mayHold(path.bytes) { found.append(set) }
    if found.count < 2 { return found }
    return found.sorted()
  }

  /// The directory sets that hold what lies below `directory` and is named nowhere: its children, or all that is deeper.
  func below(_ directory: BytePath, isChild: Bool) -> [Int] {
    var found: [Int] = []
    var prefix: PathPrefix? = PathPrefix(directory)
    while let here = prefix {
      for set in directories[here] ?? [] {
        if case .directory(_, let recursive, _) = sets[set], recursive || isChild && here.count == directory.bytes.count
        {
          found.append(set)
        }
      }
      prefix = here.parent
    }
    return found
  }

  /// Whether a set other than a literal holds a path, or is a glob that may.
  func mayHold(_ set: Int, _ path: BytePath) -> Bool {
    guard case .glob = sets[set], let ends = ends[set] else { return sets[set].contains(path) }
    return ends.mayHold(path.bytes)
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

  /// Whether a floating set may hold what lies below `directory`.
  func mayMeet(_ directory: BytePath, floating: Int) -> Bool {
    guard let first = ends[floating]?.first else { return true }
    let prefix = directory.bytes
    for index in 0..<min(first.count, prefix.count) where first[index] != prefix[index] { return false }
    return directory == .root || first.count <= prefix.count || first[prefix.count] == UInt8(ascii: "/")
  }

  /// Every directory that has a zone: what lies below it, and below no deeper one of them. Each path but the root lies in
  /// the zone of one.
  var zones: [BytePath] {
    let named = points.filter(isDirectory)
    return isDirectory(.root) ? named : [.root] + named
  }

  /// Whether a path below `directory` lies in its zone and is not written out.
  func isInZone(_ path: BytePath, of directory: BytePath) -> Bool {
    !isPoint(path) && zone(of: path)?.count == directory.bytes.count
  }

  /// The directory whose zone a path lies in; nil for the root.
  private func zone(of path: BytePath) -> PathPrefix? {
    var prefix = PathPrefix(path).parent
    while let here = prefix {
      if here.count == 1 || directories[here] != nil { return here }
      prefix = here.parent
    }
    return nil
  }

  /// Per zone: what is written out in it.
  var names: [PathPrefix: NameTree] {
    var names: [PathPrefix: NameTree] = [:]
    for point in points {
      guard let zone = zone(of: point) else { continue }
      let start = zone.count == 1 ? 1 : zone.count + 1
      names[zone, default: NameTree()].insert(point.bytes.dropFirst(start), isDirectory: isDirectory(point))
    }
    return names
  }

  private static func agree(_ a: some Sequence<UInt8>, _ b: some Sequence<UInt8>) -> Bool {
    zip(a, b).allSatisfy { $0 == $1 }
  }
}

/// A path, or a directory above it, without a copy.
struct PathPrefix: Hashable {
  private let path: BytePath
  let count: Int

  init(_ path: BytePath) {
    self.path = path
    count = path.bytes.count
  }

  private init(_ path: BytePath, count: Int) {
    self.path = path
    self.count = count
  }

  /// Nil for the root.
  var parent: PathPrefix? {
    if count < 2 { return nil }
    var end = count - 1
    while end > 0, path.bytes[end] != UInt8(ascii: "/") { end -= 1 }
    return PathPrefix(path, count: max(end, 1))
  }

  static func == (a: PathPrefix, b: PathPrefix) -> Bool {
    if a.count != b.count { return false }
    for index in 0..<a.count where a.path.bytes[index] != b.path.bytes[index] { return false }
    return true
  }

  func hash(into hasher: inout Hasher) {
    // The buffer is only read, and does not leave the closure.
    unsafe path.bytes.withUnsafeBytes {
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
    }
  }
}
