/// A diff as one page without outside assets.
package enum DiffHTML {
  /// Nothing is left out; long lists are folded.
  package static func render(_ diff: PolicyDiff, sources: DiffSources, witnesses: Int = 3) -> String { "" }
}
