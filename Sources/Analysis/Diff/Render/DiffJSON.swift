/// A diff for programs: docs/diff-json.md.
package enum DiffJSON {
  /// Nothing is left out.
  package static func render(_ diff: PolicyDiff, sources: DiffSources) -> String { "" }
}
