package import IR

/// The verdicts that the events a record stands for may have, each with a rule that decides it so.
package struct VerdictSet: Hashable, Sendable {
  private var allow: Cell?
  private var audit: Cell?
  private var block: Cell?
  /// Bit per verdict: different deciders come to it.
  private var mixed: UInt8 = 0

  init() {}
  init(_ cell: Cell) { insert(cell) }

  package subscript(_ verdict: Verdict) -> Cell? {
    switch verdict {
    case .allow: allow
    case .audit: audit
    case .block: block
    }
  }

  mutating func insert(_ cell: Cell) {
    let verdict = cell.verdict
    if let known = self[verdict] {
      if known != cell { mixed |= 1 << verdict.rawValue }
      // The one with the smallest number: whatever the order of insertion, the same is named.
      if known.rawValue <= cell.rawValue { return }
    }
    switch verdict {
    case .allow: allow = cell
    case .audit: audit = cell
    case .block: block = cell
    }
  }

  mutating func formUnion(_ other: VerdictSet) {
    for verdict in Verdict.allCases { if let cell = other[verdict] { insert(cell) } }
    mixed |= other.mixed
  }

  /// What several accesses that all take place come to: the strictest of their verdicts.
  func strictest(with other: VerdictSet) -> VerdictSet {
    var result = VerdictSet()
    for mine in Verdict.allCases {
      guard let cell = self[mine] else { continue }
      for theirs in Verdict.allCases {
        guard let another = other[theirs] else { continue }
        result.insert(theirs.rawValue > mine.rawValue ? another : cell)
      }
    }
    result.mixed |= mixed | other.mixed
    return result
  }

  /// All verdicts in it.
  package var verdicts: [Verdict] { Verdict.allCases.filter { self[$0] != nil } }

  /// The verdict, if there is but one.
  package var verdict: Verdict? {
    switch (allow != nil, audit != nil, block != nil) {
    case (true, false, false): .allow
    case (false, true, false): .audit
    case (false, false, true): .block
    default: nil
    }
  }

  /// Whether more than one rule may be what decides this verdict.
  package func hasSeveralDeciders(_ verdict: Verdict) -> Bool { mixed & 1 << verdict.rawValue != 0 }
}
