import IR

/// The actors of two verdict maps: sources that neither tells apart are one.
struct JointActors {
  enum Kind: Hashable {
    /// A container's first process, which has no source.
    case first
    /// Every source that no rule of either side names; on a host no source, too.
    case others
    /// Sorted.
    case named([BytePath])
  }

  struct Actor {
    let kind: Kind
    /// In either map.
    let old: Int
    let new: Int
    /// The source of witnesses.
    let source: BytePath?
  }

  /// The first process, the others, then by path.
  let all: [Actor]
  private let hasFirst: Bool

  init(_ old: VerdictMap, _ new: VerdictMap) {
    hasFirst = old.hasFirstProcess || new.hasFirstProcess
    var result: [Actor] = []
    if hasFirst { result.append(Actor(kind: .first, old: old.actor(of: nil), new: new.actor(of: nil), source: nil)) }
    let named = Set([old, new].flatMap { $0.table.sources.paths.flatMap { $0 } })
    result.append(Actor(kind: .others, old: 0, new: 0, source: hasFirst ? JointActors.other(than: named) : nil))
    struct Pair: Hashable {
      let old: Int
      let new: Int
    }
    let groups = Dictionary(grouping: named) { Pair(old: old.actor(of: $0), new: new.actor(of: $0)) }
    for (pair, paths) in groups.sorted(by: { ($0.key.old, $0.key.new) < ($1.key.old, $1.key.new) }) {
      let sorted = paths.sorted()
      result.append(Actor(kind: .named(sorted), old: pair.old, new: pair.new, source: sorted.first))
    }
    all = result
  }

  /// A program that no rule names, as people meet it.
  private static func other(than named: Set<BytePath>) -> BytePath? {
    let likely = ["/bin/sh", "/bin/bash", "/usr/bin/env"].compactMap { BytePath($0) }
    if let free = likely.first(where: { !named.contains($0) }) { return free }
    return (0...named.count).lazy.compactMap { BytePath("/bin/x\($0)") }.first { !named.contains($0) }
  }

  /// Some actors as sets of sources: as a rule one, more where no one set says it.
  func sources(_ wanted: Set<Int>) -> [(set: SourceSet, actors: [Int])] {
    func paths(_ indices: some Sequence<Int>) -> [BytePath] {
      indices.flatMap { index -> [BytePath] in if case .named(let paths) = all[index].kind { paths } else { [] } }
        .sorted()
    }
    let sorted = wanted.sorted()
    let missing = paths(all.indices.filter { !wanted.contains($0) })
    let hasNone = sorted.contains { all[$0].kind == .first }
    let named = sorted.filter { if case .named = all[$0].kind { true } else { false } }
    if sorted.contains(where: { all[$0].kind == .others }) {
      if hasFirst && !hasNone { return [(.programsBut(missing), sorted)] }
      return [(missing.isEmpty ? .any : .allBut(missing), sorted)]
    }
    var result: [(set: SourceSet, actors: [Int])] = []
    if hasNone { result.append((.only([]), sorted.filter { all[$0].kind == .first })) }
    if !named.isEmpty { result.append((.only(paths(named)), named)) }
    return result
  }
}
