import Automata
import IR

/// Globs, less globs.
struct Description {
  var include: [[UInt8]]
  var except: [[UInt8]]

  var cost: Int {
    PathPatterns.cost(PathPatterns.tidied(include))
      + (except.isEmpty ? 0 : 10 + PathPatterns.cost(PathPatterns.tidied(except)))
  }
}

/// Looks for a short description: natural supersets of a language, each less what it has too much, and unions of
/// descriptions of its directories.
struct DescriptionSearch {
  private let hints: [[UInt8]]
  /// States of automata that may still be built, roughly.
  private var effort = 20_000

  private static let mostStatesToCover = 700
  /// Languages that can be listed are covered too if they are no larger.
  private static let mostStatesToCoverAndList = 150
  private static let mostLiterals = 64

  init(hints: [[UInt8]]) { self.hints = hints }

  /// The cheapest description found; nil if none is.
  mutating func best(_ question: PathQuestion, depth: Int) -> Description? {
    guard let wanted = question.wanted else { return nil }
    var found: [Description] = []
    let literals = literals(wanted)
    if let literals {
      found.append(Description(include: literals, except: []))
      if literals.count < 3 { return found[0] }
    }
    if let globs = covered(question, most: 12, isListed: !found.isEmpty) {
      found.append(Description(include: globs, except: []))
    }
    // Finitely many paths are hardly an infinite set less others.
    let known = found.min { $0.cost < $1.cost }
    if let known, literals != nil || PathPatterns.arePlain(PathPatterns.tidied(known.include)) { return known }
    for superset in candidates(wanted, question) where effort > 0 {
      let bound = found.map(\.cost).min() ?? .max
      if PathPatterns.cost(superset) >= bound { continue }
      guard let one = less(superset, question) else { continue }
      found.append(one)
      // The first ones fit closest.
      if one.include.count == 1, one.cost < 66 || PathPatterns.areLiteral(one.except) { break }
    }
    if depth < 4, let parts = split(question, depth: depth) { found.append(parts) }
    return found.min { $0.cost < $1.cost }
  }

  /// What to begin with: the hints that have to do with it, alone and together, and what comes to mind.
  private mutating func candidates(_ wanted: TrimmedPaths, _ question: PathQuestion) -> [[[UInt8]]] {
    var useful: [[UInt8]] = []
    for hint in hints where effort > 0 {
      effort -= question.automaton.stateCount
      if question.comparison(with: [hint])?.meets ?? false { useful.append(hint) }
    }
    return useful.map { [$0] } + (useful.count > 1 ? [useful] : []) + Supersets.of(wanted)
  }

  /// All of them, as globs.
  private func literals(_ wanted: TrimmedPaths) -> [[UInt8]]? {
    wanted.all(DescriptionSearch.mostLiterals).map { $0.map(Glob.profileText(literal:)) }
  }

  /// Patterns and no exceptions.
  private mutating func covered(_ question: PathQuestion, most: Int, isListed: Bool) -> [[UInt8]]? {
    let most = isListed ? min(most, 4) : most
    let limit = isListed ? DescriptionSearch.mostStatesToCoverAndList : DescriptionSearch.mostStatesToCover
    guard effort > 0, question.automaton.stateCount <= limit else { return nil }
    effort -= 4 * question.automaton.stateCount + 100
    return GlobCover.patterns(
      of: question.automaton,
      where: { $0 == PathQuestion.Answer.yes },
      within: { $0 != PathQuestion.Answer.either },
      most: most
    )?.map(\.text)
  }

  /// Patterns without exceptions: the cheapest of a list, a cover, and what comes to mind with covers of what is left.
  private mutating func simple(_ question: PathQuestion, most: Int, depth: Int = 0) -> [[UInt8]]? {
    guard let wanted = question.wanted else { return [] }
    let listed = literals(wanted)
    if let listed, listed.count < 3 { return listed }
    var choices = [listed, covered(question, most: most, isListed: listed != nil)].compactMap { $0 }
    func cost(_ globs: [[UInt8]]) -> Int { PathPatterns.cost(PathPatterns.tidied(globs)) }
    let isPlain = choices.contains(where: PathPatterns.arePlain)
    if depth < 2, !isPlain {
      for subset in Supersets.of(wanted) where effort > 0 {
        let bound = choices.map(cost).min() ?? .max
        // Another pattern costs something too.
        if cost(subset) + 14 >= bound { continue }
        effort -= question.automaton.stateCount + 100
        guard let comparison = question.comparison(with: subset), !comparison.hasExcess, comparison.meets else {
          continue
        }
        if let rest = simple(comparison.missing, most: most, depth: depth + 1) { choices.append(subset + rest) }
      }
    }
    return choices.min { cost($0) < cost($1) }
  }

  /// A superset, with what it misses, less what it has too much.
  private mutating func less(_ superset: [[UInt8]], _ question: PathQuestion) -> Description? {
    effort -= 2 * question.automaton.stateCount + 100
    guard var comparison = question.comparison(with: superset), comparison.meets else { return nil }
    var include = superset
    if !comparison.isComplete {
      guard let missing = simple(comparison.missing, most: 4, depth: 2) else { return nil }
      include += missing
      // What the additions have too much is too much as well.
      guard let whole = question.comparison(with: include) else { return nil }
      comparison = whole
    }
    guard comparison.hasExcess else { return Description(include: include, except: []) }
    // Patterns that keep to the matter are easier to understand than shorter ones that go beyond it.
    let strict = simple(comparison.justExcess, most: 8)
    var choices = strict.map { [(globs: $0, penalty: 0)] } ?? []
    if hints.count > 0 || !(strict.map(PathPatterns.arePlain) ?? false), let free = exceptions(comparison.excess) {
      choices.append((free, Set(hints).isSuperset(of: free) ? 0 : 16))
    }
    func weight(_ choice: (globs: [[UInt8]], penalty: Int)) -> Int {
      PathPatterns.cost(PathPatterns.tidied(choice.globs)) + choice.penalty
    }
    return choices.min { weight($0) < weight($1) }.map { Description(include: include, except: $0.globs) }
  }

  /// Hints as far as they fit, and a cover of the rest.
  private mutating func exceptions(_ excess: PathQuestion) -> [[UInt8]]? {
    var rest = excess
    var result: [[UInt8]] = []
    for hint in hints where effort > 0 && rest.wanted != nil {
      effort -= rest.automaton.stateCount + 100
      guard let comparison = rest.comparison(with: [hint]), comparison.meets, !comparison.hasExcess else { continue }
      result.append(hint)
      rest = comparison.missing
    }
    return simple(rest, most: 8).map { result + $0 }
  }

  /// One description per directory, if few names lead on from the directory that all paths have in common.
  private mutating func split(_ question: PathQuestion, depth: Int) -> Description? {
    guard let wanted = question.wanted else { return nil }
    let prefix = wanted.commonPrefix.bytes
    guard let slash = prefix.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    let directory = Array(prefix[...slash])
    guard let names = wanted.names(after: directory, most: 8), names.count > 1 else { return nil }
    var result = Description(include: [], except: [])
    for name in names {
      if name.isEmpty {
        // The directory itself; a path only if it is the root.
        result.include.append(Glob.profileText(literal: directory))
        continue
      }
      effort -= question.automaton.stateCount
      guard effort > 0, let part = question.restricted(to: directory + name), let one = best(part, depth: depth + 1)
      else {
        return nil
      }
      result.include += one.include
      result.except += one.except
    }
    // What one part excepts may belong to another.
    return result.except.isEmpty || question.isAnswered(by: result.include, except: result.except) ? result : nil
  }
}

extension TrimmedPaths {
  /// The names that follow a directory (written with its slash), if they are few and each can be spelled out; an empty
  /// name for the directory itself.
  func names(after directory: [UInt8], most: Int) -> [[UInt8]]? {
    var start: UInt32 = 0
    for byte in directory {
      start = next(start, byte)
      if start == TrimmedPaths.nowhere { return nil }
    }
    var result: [[UInt8]] = []
    var todo: [(state: UInt32, name: [UInt8])] = [(start, [])]
    var steps = 0
    while let (state, name) = todo.popLast() {
      steps += 1
      if steps > 4_096 || name.count > 255 { return nil }
      if accepts[Int(state)] || !name.isEmpty && next(state, UInt8(ascii: "/")) != TrimmedPaths.nowhere {
        result.append(name)
        if result.count > most { return nil }
      }
      var ways = 0
      for byte in UInt8(1)...255 where byte != UInt8(ascii: "/") && next(state, byte) != TrimmedPaths.nowhere {
        ways += 1
        if ways > 64 { return nil }
        todo.append((next(state, byte), name + [byte]))
      }
    }
    return result.sorted { $0.lexicographicallyPrecedes($1) }
  }
}
