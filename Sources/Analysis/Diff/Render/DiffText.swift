/// A diff for a person in a terminal.
package enum DiffText {
  /// Folds to `width` columns (at least 40); `witnesses` examples per region.
  package static func render(_ diff: PolicyDiff, sources: DiffSources, colour: Bool, width: Int, witnesses: Int = 1)
    -> String
  { "" }
}
