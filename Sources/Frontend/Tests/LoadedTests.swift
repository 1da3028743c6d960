package import Diagnostics
package import IR

/// The tests of one document with the places of their parts.
package struct LoadedTests: Sendable {
  package let suite: PolicyTestSuite
  package let spans: TestSpans
  /// Some part had an error and is missing: the tests are not to be run.
  package let isIncomplete: Bool
}

/// Where the parts of a test document stand.
package struct TestSpans: Sendable, Hashable {
  /// The whole document.
  package var document: Span
  /// By index into `PolicyTestSuite.policies`.
  package var policies: [Span] = []
  /// By index into `PolicyTestSuite.tests`.
  package var tests: [Test] = []

  package struct Test: Sendable, Hashable {
    /// The value of `name`.
    package var name: Span
    /// The value of the `subject` in force.
    package var subject: Span
    /// By index into `PolicyTest.expectations`.
    package var expectations: [Expectation] = []
  }

  package struct Expectation: Sendable, Hashable {
    /// The key that is the verdict.
    package var verdict: Span
    /// The value under it, on its first line.
    package var event: Span
    /// The value of `by`.
    package var decider: Span?
  }
}

/// What a front end makes of files of tests.
package enum TestFileMode: Sendable, Hashable {
  /// They are read, and every mistake is reported.
  case read
  /// Only what would be lost without a word is reported: policies under a name that marks a file of tests.
  case passOver
}

/// Which files hold tests and no policies.
package enum TestFileName {
  package static let suffixes = [".test.yaml", ".test.yml"]
  /// By name alone; `x.test.yaml`, in any directory.
  package static func matches(_ name: String) -> Bool { suffixes.contains { name.hasSuffix($0) } }
}
