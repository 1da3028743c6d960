import Analysis
import Diagnostics
import Frontend
import IR

/// What a run of tests came to, before anything is written.
struct TestReport: Sendable {
  struct File: Sendable {
    let name: String
    /// The file of tests alone.
    let map: SourceMap
    /// What is wrong with the file, all of it in the file itself; with an error none of its tests was run.
    var findings: [Diagnostic]
    /// Policies that some of its tests need have errors: these tests were not run.
    var isHeldUp = false
    var tests: [Test]
    var isBroken: Bool { findings.contains { $0.severity == .error } }
    var isPass: Bool { !isBroken && !isHeldUp && tests.allSatisfy { $0.expectations.allSatisfy(\.isPass) } }
  }

  struct Test: Sendable {
    let name: String
    let subject: String
    let location: Location
    /// The file of tests first, then the policies that the test is about.
    let map: SourceMap
    var expectations: [Expectation]
  }

  struct Expectation: Sendable {
    let expectation: PolicyExpectation
    /// By subject of the test: its index into `groups` and what became of the expectation there.
    var outcomes: [(group: Int, outcome: ExpectationOutcome)]
    /// Nil if it holds.
    var failure: Diagnostic?
    var isPass: Bool { failure == nil }
  }

  /// In order of name.
  var files: [File]
  /// What is wrong with policies, each set once, with its files.
  var policyErrors: [(findings: [Diagnostic], map: SourceMap)]
  /// One per subject, postures and set of policies.
  var groups: [TestGroup]
  /// All policies and subjects that tests were run under.
  var policies: [Policy]
  var subjects: [SubjectPolicy]

  var expectations: [Expectation] { files.flatMap { $0.tests.flatMap(\.expectations) } }
  var isClean: Bool { policyErrors.isEmpty && files.allSatisfy(\.isPass) }

  struct Counts {
    var files = 0
    var broken = 0
    var tests = 0
    var expectations = 0
    var failed = 0
  }

  var counts: Counts {
    var counts = Counts()
    for file in files {
      counts.files += 1
      counts.broken += file.isBroken || file.isHeldUp ? 1 : 0
      counts.tests += file.tests.count
      counts.expectations += file.tests.reduce(0) { $0 + $1.expectations.count }
      counts.failed += file.tests.reduce(0) { $0 + $1.expectations.count { !$0.isPass } }
    }
    return counts
  }
}
