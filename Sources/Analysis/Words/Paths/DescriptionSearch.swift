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
  /// Automata that may still be built.
  private var effort = 240

  private static let mostStatesToCover = 700
  private static let mostLiterals = 64

  init(hints: [[UInt8]]) { self.hints = hints }

  /// The cheapest description found; nil if none is.
  mutating func best(_ question: PathQuestion, depth: Int) -> Description? {
    guard let wanted = question.wanted else { return nil }
    var found: [Description] = []
    if let literals = literals(wanted) {
      found.append(Description(include: literals, except: []))
      if literals.count < 3 { return found[0] }
    }
    if let globs = covered(question, most: 12) {
      found.append(Description(include: globs, except: []))
      if globs.count == 1, PathPatterns.cost(globs) < 20 + globs[0].count { return found.last }
    }
    var supersets = Supersets.of(wanted)
    supersets.insert(contentsOf: hints.map { [$0] }, at: 0)
    if hints.count > 1 { supersets.append(hints.filter { meets($0, question) }) }
    for superset in supersets where effort > 0 && !superset.isEmpty {
      let bound = found.map(\.cost).min() ?? .max
      if PathPatterns.cost(superset) >= bound { continue }
      if let one = less(superset, question) { found.append(one) }
    }
    if depth < 4, let parts = split(question, depth: depth) { found.append(parts) }
    return found.min { $0.cost < $1.cost }
  }

  private mutating func meets(_ glob: [UInt8], _ question: PathQuestion) -> Bool {
    effort -= 1
    guard let member = PathQuestion.membership(of: [glob]) else { return false }
    let both = try? question.automaton.firstWitness(with: member) { $0 == PathQuestion.Answer.yes && $1 == 1 }
    return both.flatMap { $0 } != nil
  }

  /// All of them, as globs.
  private func literals(_ wanted: TrimmedPaths) -> [[UInt8]]? {
    wanted.all(DescriptionSearch.mostLiterals).map { $0.map(Glob.profileText(literal:)) }
  }

  /// Patterns and no exceptions.
  private mutating func covered(_ question: PathQuestion, most: Int) -> [[UInt8]]? {
    guard question.automaton.stateCount <= DescriptionSearch.mostStatesToCover else { return nil }
    effort -= 4
    return GlobCover.patterns(
      of: question.automaton,
      where: { $0 == PathQuestion.Answer.yes },
      within: { $0 != PathQuestion.Answer.either },
      most: most
    )?.map(\.text)
  }

  /// The cheaper of a list and a cover.
  private mutating func simple(_ question: PathQuestion, most: Int) -> [[UInt8]]? {
    guard let wanted = question.wanted else { return [] }
    let listed = literals(wanted)
    if let listed, listed.count < 3 { return listed }
    let choices = [listed, covered(question, most: most)].compactMap { $0 }
    return choices.min { PathPatterns.cost(PathPatterns.tidied($0)) < PathPatterns.cost(PathPatterns.tidied($1)) }
  }

  /// A superset, with what it misses, less what it has too much.
  private mutating func less(_ superset: [[UInt8]], _ question: PathQuestion) -> Description? {
    effort -= 6
    guard let comparison = question.comparison(with: superset) else { return nil }
    guard let missing = simple(comparison.missing, most: 4) else { return nil }
    var result = Description(include: superset + missing, except: [])
    if comparison.excess.wanted == nil { return result }
    // What the additions have too much is too much as well.
    var excess = comparison.excess
    if !missing.isEmpty {
      guard let whole = question.comparison(with: result.include) else { return nil }
      excess = whole.excess
    }
    for hint in hints where effort > 0 {
      effort -= 4
      guard let other = excess.comparison(with: [hint]), other.excess.wanted == nil, other.missing.wanted == nil else { continue }
      result.except = [hint]
      return result
    }
    guard let except = simple(excess, most: 8) else { return nil }
    result.except = except
    return result
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
      effort -= 2
      guard effort > 0, let part = question.restricted(to: directory + name), let one = best(part, depth: depth + 1) else {
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
