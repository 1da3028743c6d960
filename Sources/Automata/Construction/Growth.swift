/// Finds the languages that make an automaton grow.
enum Growth {
  /// Enough to tell growth by multiplication from growth by addition, and quick.
  private static let small = StateBudget(states: 1 << 13, cells: 1 << 21, work: 1 << 22)
  private static let most = 8
  /// How many languages are tried one by one; of more, those with the largest expressions.
  private static let tried = 96

  /// At most 8 of `indices`, worst first. Each language is tried alone, then they are joined one by one, small ones
  /// first: whoever adds far more states than it has alone multiplies.
  static func culprits(among indices: [Int], of languages: [Language]) -> [Int] {
    let candidates = indices.map { (index: $0, size: languages[$0].size) }
      .sorted { ($1.size.wild, $1.size.whole, $0.index) < ($0.size.wild, $0.size.whole, $1.index) }
      .prefix(tried)
    var alone: [(index: Int, states: Int)] = []
    var tooLarge: [Int] = []
    for (index, _) in candidates {
      do {
        let partition = try Partition.extend(.trivial, by: [index], of: languages, budget: small)
        alone.append((index, partition.classifier.stateCount))
      } catch {
        tooLarge.append(index)
      }
    }
    if !tooLarge.isEmpty { return Array(tooLarge.prefix(most)) }
    alone.sort { ($0.states, $0.index) < ($1.states, $1.index) }
    var joined: [Int] = []
    var states = 1
    var scores: [(index: Int, score: Double)] = []
    for (index, own) in alone {
      do {
        let partition = try Partition.extend(.trivial, by: joined + [index], of: languages, budget: small)
        scores.append((index, Double(partition.classifier.stateCount - states) / Double(own)))
        states = partition.classifier.stateCount
        joined.append(index)
      } catch {
        scores.append((index, .infinity))
        break
      }
    }
    scores.sort { ($1.score, $0.index) < ($0.score, $1.index) }
    let multiplying = scores.filter { $0.score > 2 }
    let worst = (multiplying.isEmpty ? alone.reversed().map(\.index) : multiplying.map(\.index)).prefix(most)
    return worst.isEmpty ? Array(indices.prefix(1)) : Array(worst)
  }
}

extension Language {
  /// How many parts of the expression are not literal, and how many bytes and parts there are.
  fileprivate var size: (wild: Int, whole: Int) {
    switch self {
    case .nothing: (0, 0)
    case .literal(let bytes): (0, bytes.count)
    case .byte: (1, 1)
    case .sequence(let parts), .union(let parts):
      parts.reduce((0, 0)) { ($0.0 + $1.size.wild, $0.1 + $1.size.whole) }
    case .star(let part): (part.size.wild + 1, part.size.whole + 1)
    }
  }
}
