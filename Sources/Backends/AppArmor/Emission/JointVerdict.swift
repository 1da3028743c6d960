import IR

/// What a profile says that stays in force for several source classes, in a stack under each one's own: whatever any of them
/// is granted, but reported where the first class (all other sources, and the first process) is to be. So a source may be
/// reported for what it is allowed; the other way round the first process would escape its audit.
enum JointVerdict {
  /// Of cells, one per class, class 0 first if it is among them.
  static func cell(_ cells: [Cell]) -> Cell? {
    guard let first = cells.first, first.verdict != .audit else { return cells.first }
    return cells.min { $0.verdict.rawValue < $1.verdict.rawValue }
  }

  static func verdict(_ verdicts: [Verdict]) -> Verdict? {
    guard let first = verdicts.first, first != .audit else { return verdicts.first }
    return verdicts.min { $0.rawValue < $1.rawValue }
  }
}
