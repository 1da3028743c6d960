import Analysis
import Diagnostics
import Frontend
import IR

/// An expectation that does not hold, as a finding that says why, as `explain` would.
struct TestFailure {
  let policies: TestPolicies
  let spans: TestSpans.Expectation
  let test: PolicyTest

  /// `found` is the first event that came out otherwise; `isPartial` says that the same by another owner did not.
  func diagnostic(
    _ expectation: PolicyExpectation,
    _ found: ExpectationOutcome.Found,
    isPartial: Bool,
    _ subject: SubjectPolicy
  ) -> Diagnostic {
    let explanation = Explanation(subject: subject, event: found.event)
    let decision = found.decision
    var labels: [Label] = []
    var notes: [String] = []
    if isPartial { notes.append("it fails for '\(found.event)' alone") }
    var caption = ""
    switch decision.decider {
    case .nothing: caption = "no rule and no posture speaks of it"
    case .posture(let resourceClass):
      caption = "no rule allows it, and the default posture decides"
      let first = explanation.allowListedBy
      notes.append(
        "the \(resourceClass.rawValue) posture is '\(explanation.posture.rawValue)'"
          + (first.map { "; \($0.origin.location) makes the class an allow-list" } ?? "")
      )
    case .rule(let origin):
      let words = explanation.decider?.words ?? origin.path
      if let span = policies.index.span(origin) {
        labels.append(Label(span, "decides: \(words)"))
      } else {
        notes.append("\(origin.location) decides: \(words)")
      }
    }
    let others = explanation.covering.filter { if case .decides = $0.fate { false } else { true } }
    for other in others.prefix(8) {
      notes.append("\(other.rule.origin.location): \(other.rule.words) – \(other.fate.words(of: other.rule))")
    }
    if others.count > 8 { notes.append("\(others.count - 8) more rules cover the event") }
    notes.append("subject: \(subject.name)")
    let isVerdict = decision.verdict == expectation.verdict
    let message =
      isVerdict
      ? "\(decision.verdict.name) as expected, but decided by \(TestFailure.name(decision.decider))"
      : "expected \(expectation.verdict.name), got \(decision.verdict.name)"
    if isVerdict, let wanted = expectation.decider {
      notes.insert("expected it to be decided by '\(wanted.text)'", at: 0)
    }
    return Diagnostic(
      TestCode.failed.rawValue,
      .error,
      message,
      at: isVerdict ? spans.decider ?? spans.event : spans.event,
      caption: caption,
      labels: labels,
      notes: notes + ["test: \(test.name)"]
    )
  }

  static func name(_ decider: Decider) -> String {
    switch decider {
    case .nothing: "nothing"
    case .posture: "'DefaultPosture'"
    case .rule: "'\(DeciderReference(decider).text)'"
    }
  }
}
