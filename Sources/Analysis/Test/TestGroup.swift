package import IR

/// One subject under one set of postures, and everything that tests expect of it.
package struct TestGroup: Sendable {
  package let subject: SubjectPolicy
  /// The postures that the tests set themselves.
  package let fixed: PartialPostures
  package var expectations: [PolicyExpectation]

  package init(
    subject: SubjectPolicy,
    fixed: PartialPostures = PartialPostures(),
    expectations: [PolicyExpectation] = []
  ) {
    self.subject = subject
    self.fixed = fixed
    self.expectations = expectations
  }

  /// What becomes of every expectation, by evaluator and by table.
  package func judge() throws(TestFault) -> [ExpectationOutcome] {
    let evaluator = Evaluator(subject)
    let table: DecisionTable
    do throws(TableBudgetError) { table = try DecisionTable(subject) } catch { throw .tooLarge(error) }
    var outcomes: [ExpectationOutcome] = []
    for expectation in expectations {
      var found: [ExpectationOutcome.Found] = []
      for event in expectation.events {
        let decision = evaluator.decide(event)
        guard table.decide(event) == decision else { throw .disagreement(event) }
        found.append(
          ExpectationOutcome.Found(event: event, decision: decision, covering: evaluator.rulesCovering(event))
        )
      }
      outcomes.append(ExpectationOutcome(expectation: expectation, found: found))
    }
    return outcomes
  }
}

/// Why the expectations of a subject could not be judged.
package enum TestFault: Error, Hashable, Sendable {
  case tooLarge(TableBudgetError)
  /// Evaluator and table decide the event differently: a fault of armorc.
  case disagreement(Event)
  /// Two tables differ in their bytes and in no event: a fault of armorc.
  case unwitnessed
}

/// What became of one expectation.
package struct ExpectationOutcome: Sendable {
  package struct Found: Sendable {
    package let event: Event
    package let decision: Decision
    /// Every rule that covers the event, in order.
    package let covering: [Rule]
  }

  package let expectation: PolicyExpectation
  /// By event of the expectation.
  package let found: [Found]

  package init(expectation: PolicyExpectation, found: [Found]) {
    self.expectation = expectation
    self.found = found
  }

  package var isPass: Bool { failure == nil }

  /// The first event that came out otherwise.
  package var failure: Found? { found.first { !expectation.holds(for: $0.decision) } }
}

extension PolicyExpectation {
  package func holds(for decision: Decision) -> Bool {
    decision.verdict == verdict && (decider?.holds(for: decision.decider) ?? true)
  }
}

/// A rule wherever it applies: two loads of one file have the same rules.
package struct RuleKey: Hashable, Sendable, Comparable {
  package let policy: PolicyID
  package let position: Int
  package let file: String
  package let line: Int
  package let column: Int

  package init(_ origin: Origin) {
    policy = origin.policy
    position = origin.position
    (file, line, column) = (origin.location.file, origin.location.line, origin.location.column)
  }

  package static func < (a: RuleKey, b: RuleKey) -> Bool {
    (a.file, a.line, a.column, a.position, a.policy) < (b.file, b.line, b.column, b.position, b.policy)
  }
}
