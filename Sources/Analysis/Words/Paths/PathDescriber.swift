package import Automata
package import IR

/// Describes languages of paths that one classifier tells apart.
///
/// What is found is proved: the automaton of the patterns is compared with the language. How far the search goes
/// depends on sizes alone, never on time.
package struct PathDescriber {
  private let classifier: Classifier
  private let predecessors: Predecessors
  private let isPath: (UInt32) -> Bool
  private let hints: [[UInt8]]

  /// Languages of more states are listed if they are finite and few, else told by example.
  private static let mostStates = 3_000
  private static let mostLiterals = 64
  private static let sampleCount = 5

  /// Strings that are no paths do not matter: `isPath` says by label which are. `hints` are sets that the languages are
  /// probably made of, such as those of the rules at hand; the first few count.
  package init(_ classifier: Classifier, isPath: @escaping (UInt32) -> Bool, hints: [PathSet] = []) {
    self.classifier = classifier
    predecessors = Predecessors(classifier)
    self.isPath = isPath
    var seen: Set<PathSet> = []
    self.hints = hints.filter { seen.insert($0).inserted }.prefix(8).map(PathDescriber.text)
  }

  /// The paths whose label is wanted; nil if there are none.
  package func describe(where wanted: (UInt32) -> Bool) -> PathLanguage? {
    guard let language = TrimmedPaths(classifier, predecessors, accepts: { wanted($0) && isPath($0) }) else {
      return nil
    }
    // The root is no good example.
    let first = language.samples(PathDescriber.sampleCount + 1)
    let samples = Array((first.count > 1 ? first.filter { $0 != .root } : first).prefix(PathDescriber.sampleCount))
    if language.stateCount > PathDescriber.mostStates {
      guard let all = language.all(PathDescriber.mostLiterals) else { return PathDescriber.rough(language, samples) }
      let globs = all.map(Glob.profileText(literal:))
      guard let question = PathQuestion(language), question.isAnswered(by: globs, except: []) else {
        return PathDescriber.rough(language, samples)
      }
      return PathDescriber.language(globs, [], samples)
    }
    guard let question = PathQuestion(language) else { return PathDescriber.rough(language, samples) }
    var search = DescriptionSearch(hints: hints)
    guard let found = search.best(question, depth: 0) else { return PathDescriber.rough(language, samples) }
    for isTidy in [true, false] {
      var include = isTidy ? PathPatterns.tidied(found.include) : found.include
      let except = isTidy ? PathPatterns.tidied(found.except) : found.except
      guard question.isAnswered(by: include, except: except) else { continue }
      for index in include.indices {
        guard let plain = PathPatterns.withoutBrackets(include[index]) else { continue }
        var changed = include
        changed[index] = plain
        if question.isAnswered(by: changed, except: except) { include = changed }
      }
      return PathDescriber.language(include, except, samples)
    }
    return PathDescriber.rough(language, samples)
  }

  private static func language(
    _ include: [[UInt8]],
    _ except: [[UInt8]],
    _ samples: [BytePath],
    isExact: Bool = true
  ) -> PathLanguage {
    PathLanguage(
      include: PathPatterns.ordered(include),
      except: PathPatterns.ordered(except),
      isExact: isExact,
      samples: samples
    )
  }

  /// A set of a policy as one glob.
  private static func text(_ set: PathSet) -> [UInt8] {
    switch set {
    case .literal(let path): Glob.profileText(literal: path.bytes)
    case .basename(let name): Array("/{,**/}".utf8) + Glob.profileText(literal: name)
    case .glob(let glob): glob.profileText
    case .directory(let path, let recursive, let includesSelf):
      Glob.profileText(literal: path == .root ? [] : path.bytes)
        + Array((recursive ? (includesSelf ? "{,/**}" : "/**") : (includesSelf ? "{,/*}" : "/*")).utf8)
    }
  }

  // MARK: Not exact

  /// Directories that hold all of it.
  private static func rough(_ language: TrimmedPaths, _ samples: [BytePath]) -> PathLanguage {
    let include = directories(language) ?? [directory(language)]
    let isValid = include.allSatisfy { (try? Glob($0)) != nil }
    return PathDescriber.language(isValid ? include : [everything], [], samples, isExact: false)
  }

  private static let everything = Array("/{,**}".utf8)

  /// By the directories of its paths, if they are finitely many in few directories; where they are few, by their names.
  private static func directories(_ language: TrimmedPaths) -> [[UInt8]]? {
    guard let all = language.all(4_096) else { return nil }
    var byParent: [BytePath: [BytePath]] = [:]
    for path in all.compactMap({ BytePath($0) }) { byParent[path.parent ?? .root, default: []].append(path) }
    guard byParent.count <= 16 else { return nil }
    return byParent.flatMap { parent, paths in
      if paths.count < 4 { return paths.map { Glob.profileText(literal: $0.bytes) } }
      return [text(.directory(parent, recursive: false, includesSelf: false))]
        + (paths.contains(.root) ? [Array("/".utf8)] : [])
    }
  }

  /// The deepest directory that all paths are below of.
  private static func directory(_ language: TrimmedPaths) -> [UInt8] {
    let prefix = language.commonPrefix.bytes
    guard let slash = prefix.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return everything }
    return Glob.profileText(literal: Array(prefix[...slash])) + Array("**".utf8)
  }
}
