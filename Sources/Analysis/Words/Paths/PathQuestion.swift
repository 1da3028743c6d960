import Automata
import IR

/// Which paths patterns are to match, as a classifier whose labels are the members of `Answer`.
struct PathQuestion {
  enum Answer {
    static let no: UInt32 = 0
    static let yes: UInt32 = 1
    /// It does not matter: no path, or taken care of elsewhere.
    static let either: UInt32 = 2
  }
  let automaton: Classifier
  /// What is to be matched; nil for nothing.
  let wanted: TrimmedPaths?

  /// `automaton` labels strings by `Answer`.
  init(_ automaton: Classifier) {
    self.automaton = automaton
    wanted = TrimmedPaths(automaton, Predecessors(automaton)) { $0 == Answer.yes }
  }

  /// Just the paths of a language.
  init?(_ language: TrimmedPaths) {
    guard
      let joint = try? language.classifier.product(
        PathQuestion.absolutePaths,
        combine: { $1 == 0 ? Answer.either : $0 }
      )
    else { return nil }
    self.init(joint)
  }

  /// Label 1 for what is a path.
  private static let absolutePaths = PathQuestion.membership(.absolutePath) ?? Classifier.nothing

  /// A classifier with label 1 for the members of a language; nil over a small budget.
  static func membership(_ language: Language) -> Classifier? {
    let budget = StateBudget(states: 1 << 15, cells: 1 << 22, work: 1 << 24)
    guard let partition = try? Partition.unminimised([language], budget: budget) else { return nil }
    return partition.classifier.relabelled { partition.members[Int($0)].isEmpty ? 0 : 1 }
  }

  /// How some globs stand to the question.
  struct Comparison {
    /// Twice the answer, and one more for what the globs match.
    fileprivate let joint: Classifier

    private func question(_ answers: [UInt32]) -> PathQuestion { PathQuestion(joint.relabelled { answers[Int($0)] }) }
    // In the order: unwanted, unwanted and matched, wanted, wanted and matched, either, either and matched.

    /// Asks for the wanted paths that the globs miss; what they match does not matter.
    var missing: PathQuestion {
      question([Answer.no, Answer.either, Answer.yes, Answer.either, Answer.either, Answer.either])
    }
    /// Asks for the unwanted paths that the globs match; all others that are unwanted do not matter.
    var excess: PathQuestion {
      question([Answer.either, Answer.yes, Answer.no, Answer.no, Answer.either, Answer.either])
    }
    /// The same, and nothing else.
    var justExcess: PathQuestion {
      question([Answer.no, Answer.yes, Answer.no, Answer.no, Answer.either, Answer.either])
    }
    var hasExcess: Bool { joint.labels.contains(Answer.no * 2 + 1) }
    var isComplete: Bool { !joint.labels.contains(Answer.yes * 2) }
    /// Whether the globs match anything that is wanted.
    var meets: Bool { joint.labels.contains(Answer.yes * 2 + 1) }
  }

  func comparison(with globs: [[UInt8]]) -> Comparison? {
    guard let matched = PathQuestion.membership(of: globs) else { return nil }
    let budget = StateBudget(states: 1 << 15, cells: 1 << 22, work: 1 << 24)
    let joint = try? automaton.product(matched, budget: budget, combine: { $0 * 2 + $1 })
    return joint.map { Comparison(joint: $0) }
  }

  /// Nil for a pattern that is none, or over budget.
  static func membership(of globs: [[UInt8]]) -> Classifier? {
    var languages: [Language] = []
    for text in globs {
      guard let glob = try? Glob(text) else { return nil }
      languages.append(glob.language)
    }
    return membership(.union(languages))
  }

  /// Whether `include` without `except` gives just the right answers; with `mayExceed` it may match too much.
  func isAnswered(by include: [[UInt8]], except: [[UInt8]], mayExceed: Bool = false) -> Bool {
    guard let inside = PathQuestion.membership(of: include), let outside = PathQuestion.membership(of: except) else {
      return false
    }
    let budget = StateBudget(states: 1 << 16, cells: 1 << 23, work: 1 << 25)
    guard let matched = try? inside.product(outside, budget: budget, combine: { $0 == 1 && $1 == 0 ? 1 : 0 }) else {
      return false
    }
    do {
      let wrong = try automaton.firstWitness(with: matched, budget: budget) { answer, match in
        answer == Answer.yes && match == 0 || answer == Answer.no && match == 1 && !mayExceed
      }
      return wrong == nil
    } catch {
      return false
    }
  }

  /// The same question about what begins with `prefix` and goes on with a slash or not at all; nothing else is wanted.
  func restricted(to prefix: [UInt8]) -> PathQuestion? {
    let below = Language.sequence([.literal(prefix), .optional(.sequence([.literal("/"), .anyPathBytes]))])
    guard let member = PathQuestion.membership(below) else { return nil }
    guard let joint = try? automaton.product(member, combine: { $1 == 1 || $0 == Answer.either ? $0 : Answer.no })
    else { return nil }
    return PathQuestion(joint)
  }

  /// The question about what follows `state` of the wanted language, as far as it begins with a slash.
  static func following(_ state: UInt32, of language: TrimmedPaths) -> TrimmedPaths? {
    var order = [state]
    var number: [UInt32: UInt32] = [state: 0]
    var done = 0
    var rows: [UInt32] = []
    while done < order.count {
      let row = Int(order[done]) * language.width
      done += 1
      for column in 0..<language.width {
        let next = language.rows[row + column]
        if next == TrimmedPaths.nowhere {
          rows.append(.max)
        } else if let known = number[next] {
          rows.append(known)
        } else {
          number[next] = UInt32(order.count)
          rows.append(UInt32(order.count))
          order.append(next)
        }
      }
    }
    let sink = UInt32(order.count)
    let whole = Classifier.importing(
      classOfByte: language.classOfByte,
      byteClassCount: language.width,
      transitions: rows.map { $0 == .max ? sink : $0 } + [UInt32](repeating: sink, count: language.width),
      labels: order.map { language.accepts[Int($0)] ? 1 : 0 } + [0]
    )
    guard let paths = try? whole.product(absolutePaths, combine: { $0 & $1 }) else { return nil }
    return TrimmedPaths(paths, Predecessors(paths)) { $0 == 1 }
  }
}

extension Classifier {
  /// Label 0 for every string.
  fileprivate static var nothing: Classifier {
    .importing(classOfByte: [UInt8](repeating: 0, count: 256), byteClassCount: 1, transitions: [0], labels: [0])
  }
}
