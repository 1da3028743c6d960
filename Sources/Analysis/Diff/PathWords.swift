import Automata
import IR

/// Finds patterns for columns of paths: those of the policies themselves where they fit, since the reader knows them.
struct PathWords {
  private let paths: JointPaths
  /// Per set: its columns, ascending.
  private var columns: [[Int]]
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
    for (number, column) in paths.columns.enumerated() { for set in column.members { columns[set].append(number) } }
  }

  /// `wanted` is ascending and not empty.
  mutating func language(_ wanted: [Int]) -> PathLanguage {
    let samples = self.samples(wanted)
    if wanted.allSatisfy({ paths.columns[$0].isSingle }) { return list(wanted.map(literal), [], samples) }
    let inside = Set(wanted)
    let frame = self.frame(wanted, inside)
    if let (include, rest) = frame, rest.count <= 4, rest.allSatisfy({ paths.columns[$0].isSingle }) {
      return list([include], rest.map(literal), samples)
    }
    let own = ownSets(wanted, inside, frame, samples)
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
  private func frame(_ wanted: [Int], _ inside: Set<Int>) -> (include: String, rest: [Int])? {
    let candidates = paths.columns[wanted[0]].members.filter { set in
      paths.isWhole[set] && columns[set].count >= wanted.count && wanted.allSatisfy { holds(set, $0) }
    }
    if let smallest = candidates.min(by: { (columns[$0].count, $0) < (columns[$1].count, $1) }) {
      return (paths.sets[smallest].pattern, columns[smallest].filter { !inside.contains($0) })
    }
    guard paths.isEverything, let everything = PathLanguage.everything.include.first else { return nil }
    return (everything, paths.columns.indices.filter { !inside.contains($0) })
  }

  private func holds(_ set: Int, _ column: Int) -> Bool { paths.columns[column].members.contains(set) }

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
  private func ownSets(
    _ wanted: [Int],
    _ inside: Set<Int>,
    _ frame: (include: String, rest: [Int])?,
    _ samples: [BytePath]
  ) -> PathLanguage? {
    let within = Set(wanted.lazy.flatMap { paths.columns[$0].members }).filter { set in
      paths.isWhole[set] && columns[set].allSatisfy(inside.contains)
    }
    if let sets = cover(wanted, by: within) { return list(sets.map { paths.sets[$0].pattern }, [], samples) }
    guard let (include, rest) = frame else { return nil }
    let outside = Set(rest.lazy.flatMap { paths.columns[$0].members }).filter { set in
      !columns[set].contains(where: inside.contains)
    }
    guard let sets = cover(rest, by: outside) else { return nil }
    return list([include], sets.map { paths.sets[$0].pattern }, samples)
  }

  /// Longest list of sets that is still read.
  private static let mostSets = 24

  /// Few sets that together hold all of some columns: the largest first, and no set that adds nothing.
  private func cover(_ wanted: [Int], by sets: Set<Int>) -> [Int]? {
    var left = Set(wanted)
    var chosen: [Int] = []
    for set in sets.sorted(by: { (columns[$1].count, $0) < (columns[$0].count, $1) }) {
      if left.isEmpty { break }
      let before = left.count
      for column in columns[set] { left.remove(column) }
      if left.count == before { continue }
      chosen.append(set)
      if chosen.count > PathWords.mostSets { return nil }
    }
    return left.isEmpty ? chosen : nil
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
