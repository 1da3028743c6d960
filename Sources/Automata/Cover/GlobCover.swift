/// Finds a short list of AppArmor patterns for a language that an automaton describes: complements, intersections and
/// differences of patterns, as a profile needs them and a person can read them.
package enum GlobCover {
  /// Patterns whose union holds just the wanted strings among those that matter; nil if none are found.
  ///
  /// The search walks the automaton like a tree of prefixes until what remains has a known shape; where that does not
  /// end it does the same from the back. What it returns has been built and compared: never wrong, but not always found.
  ///
  /// `wanted` says by label whether the patterns are to match, `cares` whether it matters what they do (strings with a
  /// NUL should not matter); the search gives up beyond `most` patterns.
  package static func patterns(
    of classifier: Classifier,
    where wanted: (UInt32) -> Bool,
    within cares: (UInt32) -> Bool = { _ in true },
    most: Int = 64
  ) -> [Glob]? {
    let verdicts = classifier.relabelled { label in
      !cares(label)
        ? CoverSearch.Verdict.either : wanted(label) ? CoverSearch.Verdict.inside : CoverSearch.Verdict.outside
    }
    guard verdicts.stateCount <= 1 << 14 else { return nil }
    var search = CoverSearch(verdicts, most: most, mayReverse: true)
    guard let tails = search.absolute() else { return nil }
    let shapes = CoverPiece.merged(tails)
    var globs: [Glob] = []
    for shape in shapes {
      guard let glob = try? Glob(CoverPiece.text(shape, plain: false)) else { return nil }
      globs.append(glob)
    }
    var simplest: [(index: Int, plain: Glob)] = []
    for (index, shape) in shapes.enumerated() {
      if let plain = try? Glob(CoverPiece.text(shape, plain: true)), plain != globs[index] {
        simplest.append((index, plain))
      }
    }
    // As a rule all plain forms are right at once.
    var plain = globs
    for one in simplest { plain[one.index] = one.plain }
    if isExact(plain, verdicts) {
      globs = plain
    } else {
      guard !simplest.isEmpty, isExact(globs, verdicts) else { return nil }
      simplify(&globs, simplest[...], verdicts)
    }
    return globs.sorted { left, right in
      left.text.count == right.text.count
        ? left.text.lexicographicallyPrecedes(right.text) : left.text.count < right.text.count
    }
  }

  /// Replaces globs by their plain forms, those that come first before the others, as far as the list stays exact.
  ///
  /// A plain form matches no more than what it replaces, so if a list stays exact with several plain forms it does with
  /// any of them, and halving finds those that are not right.
  private static func simplify(
    _ globs: inout [Glob],
    _ simplest: ArraySlice<(index: Int, plain: Glob)>,
    _ verdicts: Classifier
  ) {
    // The whole is known not to be exact.
    if simplest.count == 1 { return }
    let middle = simplest.startIndex + simplest.count / 2
    for half in [simplest[..<middle], simplest[middle...]] {
      var changed = globs
      for one in half { changed[one.index] = one.plain }
      if isExact(changed, verdicts) { globs = changed } else { simplify(&globs, half, verdicts) }
    }
  }

  private static func isExact(_ globs: [Glob], _ verdicts: Classifier) -> Bool {
    let small = StateBudget(states: 1 << 16, cells: 1 << 23, work: 1 << 25)
    guard let built = try? Partition.unminimised([.union(globs.map(\.language))], budget: small) else { return false }
    let matched = Set(built.members.indices.filter { !built.members[$0].isEmpty }.map { UInt32($0) })
    do {
      return try verdicts.firstWitness(with: built.classifier, budget: small) { verdict, label in
        verdict != CoverSearch.Verdict.either && (verdict == CoverSearch.Verdict.inside) != matched.contains(label)
      } == nil
    } catch {
      return false
    }
  }
}
