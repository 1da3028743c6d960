/// A diff as SARIF 2.1.0, a result per entry.
package enum DiffSARIF {
  /// `version` is armorc's.
  package static func render(_ diff: PolicyDiff, sources: DiffSources, version: String) -> String { "" }
}
