/// A table of directions: a row per subject, a column per class.
package enum DiffStat {
  /// Folds to `width` columns (at least 40).
  package static func render(_ diff: PolicyDiff, sources: DiffSources, colour: Bool, width: Int) -> String { "" }
}
