import Automata
package import IR
import Synchronization

/// What `GlobMatcher` said of globs and paths, so that it is asked once: it takes nearly all of an evaluator's time.
package final class GlobMemo: Sendable {
  private struct Answers {
    let matcher: GlobMatcher
    var known: [BytePath: Bool] = [:]
  }
  private let answers = Mutex<[Glob: Answers]>([:])

  package init() {}

  /// `PathSet.contains`.
  package func holds(_ set: PathSet, _ path: BytePath) -> Bool {
    guard case .glob(let glob) = set else { return set.contains(path) }
    return answers.withLock { answers in
      if let known = answers[glob]?.known[path] { return known }
      let answer = answers[glob, default: Answers(matcher: GlobMatcher(glob))].matcher.matches(path.bytes)
      answers[glob]?.known[path] = answer
      return answer
    }
  }
}
