package import IR

/// Compares one subject's two sides. A function of its arguments alone, so subjects can be compared on many threads.
package struct SubjectComparison: Sendable {
  /// `old` and `new` are all policies of the two trees: they tell a rule that was removed from one that no longer applies.
  package init(old: [Policy], new: [Policy]) {}

  /// Every witness of the result was replayed through both evaluators.
  /// - Throws: `ReplayError` when one did not: a fault of armorc, never of its input.
  package func compare(_ pair: SubjectPair) throws(ReplayError) -> SubjectDiff {
    SubjectDiff(name: pair.name, description: "", presence: pair.presence)
  }
}

/// A witness that the evaluator does not confirm.
package struct ReplayError: Error, Hashable, Sendable {
  package let subject: String
  package let witness: ChangeWitness
  package init(subject: String, witness: ChangeWitness) {
    self.subject = subject
    self.witness = witness
  }
}
