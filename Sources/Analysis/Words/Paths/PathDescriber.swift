package import Automata
package import IR

/// Describes languages of paths that one classifier tells apart.
///
/// What is found is proved: the automaton of the patterns is compared with the language. How far the search goes depends
/// on sizes alone, never on time.
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
    guard let language = TrimmedPaths(classifier, predecessors, accepts: { wanted($0) && isPath($0) }) else { return nil }
    let samples = language.samples(PathDescriber.sampleCount)
    if language.stateCount > PathDescriber.mostStates {
      if let all = language.all(PathDescriber.mostLiterals) {
        return PathDescriber.language(all.map(Glob.profileText(literal:)), [], samples)
      }
      return PathDescriber.rough(language, samples)
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
      include: PathPatterns.ordered(include).map(PathPatterns.readable),
      except: PathPatterns.ordered(except).map(PathPatterns.readable),
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

  /// Directories that hold all of it. Every path of the language begins with what these begin with.
  private static func rough(_ language: TrimmedPaths, _ samples: [BytePath]) -> PathLanguage {
    if let all = language.all(4_096) {
      var byParent: [BytePath: [BytePath]] = [:]
      for path in all.compactMap({ BytePath($0) }) { byParent[path.parent ?? .root, default: []].append(path) }
      if byParent.count <= 16 {
        let include = byParent.flatMap { parent, paths in
          paths.count < 4
            ? paths.map { Glob.profileText(literal: $0.bytes) }
            : [text(.directory(parent, recursive: false, includesSelf: false))]
              + (paths.contains(.root) ? [Array("/".utf8)] : [])
        }
        return PathDescriber.language(include, [], samples, isExact: false)
      }
    }
    let prefix = language.commonPrefix.bytes
    let directory = Array(prefix[..<((prefix.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1)])
    // At the root, and where the prefix is itself in the language, the directory has no glob of its own.
    let include: [UInt8]
    if directory.count <= 1 {
      include = Array("/{,**}".utf8)
    } else {
      include = Glob.profileText(literal: directory) + Array("**".utf8)
    }
    return PathDescriber.language([include], [], samples, isExact: false)
  }
}
