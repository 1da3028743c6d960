package import IR

/// The verdicts that the events a record stands for may have, each with a rule that decides it so.
///
/// INVARIANT: a cell that is not present is `.free`, so that equal sets are equal field by field.
package struct VerdictSet: Hashable, Sendable {
  private var allow = Cell.free
  private var audit = Cell.free
  private var block = Cell.free
  /// Bit per verdict: it is in the set.
  private var present: UInt8 = 0
  /// Bit per verdict: different deciders come to it.
  private var mixed: UInt8 = 0

  init() {}
  init(_ cell: Cell) { insert(cell) }

  package subscript(_ verdict: Verdict) -> Cell? {
    guard present & 1 << verdict.rawValue != 0 else { return nil }
    switch verdict {
    case .allow: return allow
    case .audit: return audit
    case .block: return block
    }
  }

  mutating func insert(_ cell: Cell) {
    let bit: UInt8 = 1 << cell.verdict.rawValue
    let isKnown = present & bit != 0
    present |= bit
    func put(_ place: inout Cell) -> Bool {
      let known = place
      // The one with the smallest number: whatever the order of insertion, the same is named.
      if !isKnown || cell.rawValue < known.rawValue { place = cell }
      return isKnown && known != cell
    }
    let differs =
      switch cell.verdict {
      case .allow: put(&allow)
      case .audit: put(&audit)
      case .block: put(&block)
      }
    if differs { mixed |= bit }
  }

  mutating func formUnion(_ other: VerdictSet) {
    if other.present & 1 != 0 { insert(other.allow) }
    if other.present & 2 != 0 { insert(other.audit) }
    if other.present & 4 != 0 { insert(other.block) }
    mixed |= other.mixed
  }

  /// What several accesses that all take place come to: the strictest of their verdicts.
  func strictest(with other: VerdictSet) -> VerdictSet {
    var result = VerdictSet()
    for mine in Verdict.allCases {
      guard let cell = self[mine] else { continue }
      for theirs in Verdict.allCases {
        guard let another = other[theirs] else { continue }
        let isTheirs = theirs.rawValue > mine.rawValue
        result.insert(isTheirs ? another : cell)
        result.mixed |= isTheirs ? other.mixed & 1 << theirs.rawValue : mixed & 1 << mine.rawValue
      }
    }
    return result
  }

  /// All verdicts in it.
  package var verdicts: [Verdict] { Verdict.allCases.filter { self[$0] != nil } }

  /// The verdict, if there is but one.
  package var verdict: Verdict? {
    switch present {
    case 1: .allow
    case 2: .audit
    case 4: .block
    default: nil
    }
  }

  /// Whether more than one rule may be what decides this verdict.
  package func hasSeveralDeciders(_ verdict: Verdict) -> Bool { mixed & 1 << verdict.rawValue != 0 }
}
