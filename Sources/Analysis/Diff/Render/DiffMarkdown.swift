/// A diff as a comment on a pull request.
package enum DiffMarkdown {
  /// At most `limit` bytes of UTF-8, so also at most so many UTF-16 units.
  package static func render(_ diff: PolicyDiff, sources: DiffSources, witnesses: Int = 1, limit: Int = 64_000)
    -> String
  { "" }
}
