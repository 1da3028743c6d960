import Automata
import IR

/// Sorts path sets into groups so that sets of different groups share no path. Cheap and cautious: sets that share none
/// may end up in one group. What is alone in its group needs no automaton.
struct PathGroups {
  /// Indices of the sets of each group, ascending; groups by their first set.
  let groups: [[Int]]
  /// Whether some path surely belongs to no set.
  let leavesPaths: Bool

  /// Pairs beyond this are taken to overlap, unseen.
  private static let mostPairs = 1 << 20

  init(_ sets: [PathSet]) {
    var union = UnionFind(sets.count)
    var literals: [BytePath: Int] = [:]
    var directories: [BytePath: [(index: Int, recursive: Bool)]] = [:]
    var directoryList: [(path: BytePath, index: Int)] = []
    var names: [[UInt8]: Int] = [:]
    var globs: [(affixes: Affixes, matcher: GlobMatcher, index: Int)] = []
    for (index, set) in sets.enumerated() {
      switch set {
      case .literal(let path): literals[path] = index
      case .basename(let name): names[name] = index
      case .directory(let path, let recursive, _):
        directories[path, default: []].append((index, recursive))
        directoryList.append((path, index))
      case .glob(let glob): globs.append((Affixes(glob.text), GlobMatcher(glob), index))
      }
    }
    // What lies in a directory, or is one.
    func meetDirectories(_ path: BytePath, _ index: Int, _ union: inout UnionFind) {
      if directories.isEmpty { return }
      for (other, _) in directories[path] ?? [] { union.join(index, other) }
      var here = path
      var isParent = true
      while let above = here.parent {
        for (other, recursive) in directories[above] ?? [] where recursive || isParent { union.join(index, other) }
        here = above
        isParent = false
      }
    }
    for (path, index) in literals {
      meetDirectories(path, index, &union)
      if let other = names[Array(path.basename)] { union.join(index, other) }
    }
    for (path, index) in directoryList { meetDirectories(path, index, &union) }
    // Any directory may hold any name, and any glob match it.
    if let first = names.values.min(), !directories.isEmpty || !globs.isEmpty {
      for other in names.values { union.join(first, other) }
      for (_, other) in directoryList { union.join(first, other) }
      for glob in globs { union.join(first, glob.index) }
    }
    let pairs = globs.count * (globs.count + literals.count + directoryList.count)
    if pairs > PathGroups.mostPairs {
      for index in sets.indices { union.join(0, index) }
    } else {
      for (number, glob) in globs.enumerated() {
        for other in globs[..<number] where glob.affixes.mayMeet(other.affixes) { union.join(glob.index, other.index) }
        for (path, index) in directoryList where glob.affixes.mayMeet(below: path) { union.join(glob.index, index) }
        for (path, index) in literals where glob.affixes.admits(path.bytes) && glob.matcher.matches(path.bytes) {
          union.join(glob.index, index)
        }
      }
    }
    groups = union.groups()
    // A glob, or everything below the root, may cover all there is; literals, names and other directories never do.
    leavesPaths = globs.isEmpty && !(directories[.root] ?? []).contains { $0.recursive }
  }

  /// Plain bytes that every match of a glob begins and ends with.
  private struct Affixes {
    private let prefix: ArraySlice<UInt8>
    private let suffix: ArraySlice<UInt8>

    init(_ text: [UInt8]) {
      // Slashes in a row become one: no telling then.
      let hasRun = zip(text, text.dropFirst()).contains { $0 == UInt8(ascii: "/") && $1 == UInt8(ascii: "/") }
      let start = hasRun ? 0 : text.firstIndex { !Affixes.isPlain($0) } ?? text.count
      prefix = text[..<start]
      let end = hasRun ? text.count : text.lastIndex { !Affixes.isPlain($0) }.map { $0 + 1 } ?? 0
      suffix = text[end...]
    }

    /// Bytes that stand for themselves wherever they are, but within brackets and braces.
    private static func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"),
        UInt8(ascii: "-"):
        true
      default: false
      }
    }

    func admits(_ path: [UInt8]) -> Bool {
      path.count >= max(prefix.count, suffix.count) && path.starts(with: prefix)
        && path.suffix(suffix.count).elementsEqual(suffix)
    }

    func mayMeet(_ other: Affixes) -> Bool {
      let start = min(prefix.count, other.prefix.count)
      let end = min(suffix.count, other.suffix.count)
      return prefix.prefix(start).elementsEqual(other.prefix.prefix(start))
        && suffix.suffix(end).elementsEqual(other.suffix.suffix(end))
    }

    /// Whether it may match the directory or something in it.
    func mayMeet(below directory: BytePath) -> Bool {
      if directory == .root { return true }
      let count = min(prefix.count, directory.bytes.count)
      return prefix.prefix(count).elementsEqual(directory.bytes.prefix(count))
    }
  }
}

/// Disjoint sets of indices that can be joined.
struct UnionFind {
  private var parent: [Int]

  init(_ count: Int) { parent = Array(0..<count) }

  private mutating func root(_ index: Int) -> Int {
    var index = index
    while parent[index] != index {
      parent[index] = parent[parent[index]]
      index = parent[index]
    }
    return index
  }

  /// The smaller root stays: groups are known by their first member.
  mutating func join(_ a: Int, _ b: Int) {
    let (first, second) = (root(a), root(b))
    if first < second { parent[second] = first } else { parent[first] = second }
  }

  mutating func groups() -> [[Int]] {
    var number = [Int](repeating: -1, count: parent.count)
    var groups: [[Int]] = []
    for index in parent.indices {
      let root = root(index)
      if number[root] < 0 {
        number[root] = groups.count
        groups.append([])
      }
      groups[number[root]].append(index)
    }
    return groups
  }
}
