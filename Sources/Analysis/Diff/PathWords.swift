import Automata
import IR

/// Finds patterns for columns of paths: those of the policies themselves where they fit, since the reader knows them.
struct PathWords {
  private let paths: JointPaths
  /// Per set: its columns, ascending.
  private var columns: [[Int]]
  /// Per column: whether it is one of those to be put into words.
  private var isWanted: [Bool]
  /// Per column: whether no set is chosen yet that holds it.
  private var isLeft: [Bool]
  /// How many more automaton states, or about so many, may be searched for patterns: where the sets of the policies give
  /// a short answer, and where they do not.
  private var luxury: Int
  private var states: Int
  /// Subjects with more sets than this are told by their own sets alone: one search may take longer than all the rest.
  private static let large = 200

  init(_ paths: JointPaths, searchesPatterns: Bool) {
    self.paths = paths
    let isSearched = searchesPatterns && paths.sets.count <= PathWords.large
    luxury = isSearched ? 1 << 12 : 0
    states = isSearched ? 1 << 13 : 0
    columns = Array(repeating: [], count: paths.sets.count)
    isWanted = Array(repeating: false, count: paths.columns.count)
    isLeft = isWanted
    for (number, column) in paths.columns.enumerated() { for set in column.members { columns[set].append(number) } }
  }

  /// `wanted` is ascending and not empty.
  mutating func language(_ wanted: [Int]) -> PathLanguage {
    let samples = self.samples(wanted)
    if wanted.allSatisfy({ paths.columns[$0].isSingle }) { return list(wanted.map(literal), [], samples) }
    for column in wanted { isWanted[column] = true }
    defer { for column in wanted { isWanted[column] = false } }
    let frame = self.frame(wanted)
    if let (include, rest) = frame, rest.count <= 4, rest.allSatisfy({ paths.columns[$0].isSingle }) {
      return list([include], rest.map(literal), samples)
    }
    let own = ownSets(wanted, frame, samples)
    let length = own.map { $0.include.count + $0.except.count }
    if let own, length == 1 { return own }
    let isShort = length.map { $0 <= PathWords.short } ?? false
    let found = search(wanted, limit: isShort ? \.luxury : \.states)
    if let found, found.isExact { return found }
    if let own { return own }
    if let found { return found }
    var vague = PathLanguage.vague(samples)
    if let frame { vague.include = [frame.include] }
    return vague
  }

  /// As many patterns are read at a glance.
  private static let short = 4

  /// The smallest set of a policy, or everything, that holds all wanted columns, and what it holds beyond them.
  private func frame(_ wanted: [Int]) -> (include: String, rest: [Int])? {
    let candidates = paths.columns[wanted[0]].members.filter { set in
      paths.isWhole[set] && columns[set].count >= wanted.count
        && columns[set].count(where: { isWanted[$0] }) == wanted.count
    }
    if let smallest = candidates.min(by: { (columns[$0].count, $0) < (columns[$1].count, $1) }) {
      return (paths.sets[smallest].pattern, columns[smallest].filter { !isWanted[$0] })
    }
    guard paths.isEverything, let everything = PathLanguage.everything.include.first else { return nil }
    return (everything, paths.columns.indices.filter { !isWanted[$0] })
  }

  /// Patterns for the automaton of the columns, as long as there is time for it.
  private mutating func search(_ wanted: [Int], limit: WritableKeyPath<PathWords, Int>) -> PathLanguage? {
    if self[keyPath: limit] < 64 { return nil }
    let involved = paths.involved(with: wanted)
    let cost = involved.reduce(64) { $0 + paths.sets[$1].size }
    guard cost <= self[keyPath: limit] else { return nil }
    self[keyPath: limit] -= cost
    guard let (classifier, labels) = try? paths.sorting(of: wanted, involved: involved) else { return nil }
    return PathLanguage.describing(
      classifier,
      where: { labels[Int($0)] == JointPaths.Label.inside },
      isPath: { labels[Int($0)] != JointPaths.Label.noPath }
    )
  }

  /// Sets of the policies that make up the columns: whole ones, or one less others.
  private mutating func ownSets(
    _ wanted: [Int],
    _ frame: (include: String, rest: [Int])?,
    _ samples: [BytePath]
  ) -> PathLanguage? {
    let within = sets(of: wanted) { set in paths.isWhole[set] && columns[set].allSatisfy { isWanted[$0] } }
    if let sets = cover(wanted, by: within) { return list(sets.map { paths.sets[$0].pattern }, [], samples) }
    guard let (include, rest) = frame else { return nil }
    let outside = sets(of: rest) { set in !columns[set].contains { isWanted[$0] } }
    guard let sets = cover(rest, by: outside) else { return nil }
    return list([include], sets.map { paths.sets[$0].pattern }, samples)
  }

  /// Longest list of sets that is still read.
  private static let mostSets = 24

  /// Sets that hold one of some columns at least and are fit; nil if one of the columns has none.
  private func sets(of wanted: [Int], where isFit: (Int) -> Bool) -> [Int]? {
    var fitness: [Int: Bool] = [:]
    for column in wanted {
      var isHeld = false
      for set in paths.columns[column].members {
        let fits = fitness[set] ?? isFit(set)
        fitness[set] = fits
        if fits { isHeld = true }
      }
      if !isHeld { return nil }
    }
    return fitness.filter(\.value).map(\.key)
  }

  /// Few sets that together hold all of some columns: the largest first, and no set that adds nothing.
  private mutating func cover(_ wanted: [Int], by sets: [Int]?) -> [Int]? {
    guard let sets else { return nil }
    for column in wanted { isLeft[column] = true }
    defer { for column in wanted { isLeft[column] = false } }
    var left = wanted.count
    var chosen: [Int] = []
    for set in sets.sorted(by: { (columns[$1].count, $0) < (columns[$0].count, $1) }) {
      if left == 0 { break }
      let before = left
      for column in columns[set] where isLeft[column] {
        isLeft[column] = false
        left -= 1
      }
      if left == before { continue }
      chosen.append(set)
      if chosen.count > PathWords.mostSets { return nil }
    }
    return left == 0 ? chosen : nil
  }

  private func literal(_ column: Int) -> String { PathSet.literal(paths.columns[column].witness).pattern }

  private func list(_ include: [String], _ except: [String], _ samples: [BytePath]) -> PathLanguage {
    func sorted(_ patterns: [String]) -> [String] {
      patterns.count < 2 ? patterns : patterns.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
    }
    return PathLanguage(include: sorted(include), except: sorted(except), samples: samples)
  }

  /// The shortest of the columns' witnesses.
  private func samples(_ wanted: [Int]) -> [BytePath] {
    if wanted.count == 1 { return [paths.columns[wanted[0]].witness] }
    let all = wanted.map { paths.columns[$0].witness }
    return Array(all.sorted { ($0.bytes.count, $0) < ($1.bytes.count, $1) }.prefix(3))
  }
}

extension PathSet {
  /// The AppArmor pattern that matches the same paths.
  var pattern: String {
    func escaped(_ bytes: [UInt8]) -> String { String(decoding: Glob.profileText(literal: bytes), as: UTF8.self) }
    switch self {
    case .literal(let path): return escaped(path.bytes)
    case .basename(let name): return "/{,**/}" + escaped(name)
    case .directory(let path, let recursive, let includesSelf):
      let below = recursive ? "**" : "*"
      if path == .root { return includesSelf ? "/{,\(below)}" : "/\(below)" }
      return escaped(path.bytes) + (includesSelf ? "{,/\(below)}" : "/\(below)")
    case .glob(let glob):
      return String(validating: glob.text, as: UTF8.self) ?? String(decoding: glob.profileText, as: UTF8.self)
    }
  }
}
