/// `policy.json`: what one subject of a bundle was built from, as the compiler understood it: the subject itself, the
/// postures in force, the base list, and every joined policy after inheritance, with the places of its rules.
///
/// Canonical: one value has one text, in which nothing depends on the clock, the machine or the order of input. A reader
/// takes a text apart by the same constructors that the front end uses, and refuses members that it does not know, since
/// one of them might change what a rule means.
package enum PolicyRecord {
  package static let fileName = "policy.json"
  /// The version that armorc writes, and the only one that it reads.
  package static let currentFormat = 1
  /// Largest record that is read, in bytes.
  package static let maximumSize = 64 << 20
  /// Most problems of one record that are named.
  package static let maximumProblems = 100

  /// Largest line, column and position of a rule.
  static let maximumPosition = Int(Int32.max)
}

/// Why a record cannot be used.
package struct PolicyRecordError: Error, Hashable, Sendable {
  package struct Problem: Hashable, Sendable {
    /// 1-based; 0 when the text as a whole is at fault.
    package let line: Int
    package let column: Int
    /// What is wrong and what was expected; lower case, no final period.
    package let message: String
  }

  /// In the order of the text; never empty.
  package let problems: [Problem]
  /// There are more than `PolicyRecord.maximumProblems`.
  package let hasMore: Bool
}
