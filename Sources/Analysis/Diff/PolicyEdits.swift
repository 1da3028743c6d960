package import IR

/// What changed in the text of policies, with what it does to verdicts.
package enum PolicyEdits {
  /// `subjects` are all comparisons of the two trees: their causes tell edits that mean something from those that do not.
  package static func of(old: [Policy], new: [Policy], subjects: [SubjectDiff]) -> [PolicyEdit] { [] }
}
