package import IR

/// Which way a change goes. Verdicts are ordered: allow, audit, block.
package enum Direction: String, Hashable, Sendable, CaseIterable {
  case equal, tighter, looser
  /// Tighter for some events, looser for others.
  case both

  package init(from old: Verdict, to new: Verdict) {
    self = old == new ? .equal : old.rawValue < new.rawValue ? .tighter : .looser
  }

  package func joined(with other: Direction) -> Direction {
    self == other || other == .equal ? self : self == .equal ? other : .both
  }

  package static func joined(_ directions: some Sequence<Direction>) -> Direction {
    directions.reduce(.equal) { $0.joined(with: $1) }
  }
}
