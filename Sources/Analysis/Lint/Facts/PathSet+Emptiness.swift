import Automata
import IR

extension PathSet {
  /// One path of the set, readable; nil if it has none.
  /// - Throws: `BudgetError` for a glob too large for its own automaton.
  func example(budget: StateBudget) throws(BudgetError) -> BytePath? {
    switch self {
    case .literal(let path): return path
    case .basename(let name): return BytePath([UInt8(ascii: "/")] + name)
    case .directory(let path, _, _): return BytePath((path == .root ? [] : path.bytes) + Array("/a".utf8))
    case .glob(let glob):
      if let guess = glob.guess { return guess }
      let partition = try Partition.of([glob.language, .absolutePath], budget: budget)
      guard let label = partition.members.firstIndex(of: [0, 1]) else { return nil }
      return partition.classifier.shortestWitness { Int($0) == label }.flatMap { BytePath($0) }
    }
  }
}

extension Glob {
  /// A path that it matches, found by putting a letter for every wildcard; nil if that does not succeed.
  fileprivate var guess: BytePath? {
    guard !text.contains(where: { "[]{}\\".utf8.contains($0) }) else { return nil }
    var bytes: [UInt8] = []
    for byte in text {
      switch byte {
      case UInt8(ascii: "*"), UInt8(ascii: "?"): if bytes.last != UInt8(ascii: "x") { bytes.append(UInt8(ascii: "x")) }
      default: bytes.append(byte)
      }
    }
    return matchesSlowly(bytes) ? BytePath(bytes) : nil
  }
}
