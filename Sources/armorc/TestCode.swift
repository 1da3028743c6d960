import Analysis
import Diagnostics
import IR

/// Findings of `test` that need the policies.
enum TestCode: String, CaseIterable {
  case noPolicies = "ARM4101"
  case unknownSubject = "ARM4102"
  case unknownDecider = "ARM4103"
  case noPolicyApplies = "ARM4104"
  case subjectTooLarge = "ARM4105"
  case failed = "ARM4110"

  var severity: Severity { self == .noPolicyApplies ? .note : .error }

  var page: RulePage {
    func page(_ summary: String, _ why: String, _ fix: String) -> RulePage {
      RulePage(
        id: rawValue,
        name: "\(self)",
        severity: severity,
        summary: summary,
        why: why,
        bad: [],
        good: [],
        fix: fix
      )
    }
    switch self {
    case .noPolicies:
      return page(
        "'policies' names what cannot be read",
        "The files and directories under `policies` are looked for from the directory of the test file, so that the file "
          + "means the same wherever `armorc test` is started.",
        "Name files and directories that are there, relative to the test file."
      )
    case .unknownSubject:
      return page(
        "no such subject",
        "A subject by name is one that `armorc build` would make of the same policies and manifests.",
        "Take a name of `armorc build`, or say `namespace/key=value:container` or `host:name`, which need no manifest."
      )
    case .unknownDecider:
      return page(
        "no such rule applies to the subject",
        "`by` names a policy, a rule of it, or its place. A rule that does not apply to the subject cannot decide.",
        "Name a policy that applies, or leave `by` out."
      )
    case .noPolicyApplies:
      return page(
        "no policy applies to the subject",
        "Everything is then allowed. A test may well want to show that; a misspelt label looks the same.",
        "Check namespace and labels if policies were meant to apply."
      )
    case .subjectTooLarge:
      return page(
        "the subject's policies are too large to compile",
        "Every expectation is judged twice, by the evaluator and by the decision table that everything is built from.",
        "Follow the advice of the finding: the rules that cost most are named."
      )
    case .failed:
      return page(
        "expectation that does not hold",
        "The policies come to another verdict than the test expects, or somebody else decides.",
        "Mend the policy or the test: the finding names who decided, and why the other rules that cover the event did not."
      )
    }
  }
}

extension Failure {
  init(_ fault: TestFault) {
    switch fault {
    case .tooLarge(let error):
      self.init("policies too large to compile: over \(error.limit) \(error.quantity.rawValue)")
    case .disagreement(let event):
      self.init("evaluator and decision table disagree about '\(event)': a fault of armorc, please report it")
    case .unwitnessed:
      self.init("two decision tables differ in their bytes and in no event: a fault of armorc, please report it")
    }
  }
}
