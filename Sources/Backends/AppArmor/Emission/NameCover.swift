import Automata

/// Lists of globs for arbitrary sets of names.
enum NameCover {
  /// At most `limit` patterns that match everything in `wanted` and nothing outside `may`; nil if none are found.
  static func patterns(
    _ classifier: Classifier,
    wanted: AtomSet,
    may: AtomSet,
    limit: Int
  ) -> [NamePattern]? {
    let globs = GlobCover.patterns(
      of: classifier,
      where: { wanted.contains(Int($0)) },
      within: { wanted.contains(Int($0)) || !may.contains(Int($0)) },
      most: limit
    )
    guard let globs, globs.allSatisfy({ $0.profileText.count <= Glob.longestProfileText }) else { return nil }
    return globs.map(NamePattern.init)
  }
}
