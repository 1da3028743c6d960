import Automata
package import IR

/// What became of a mutant that no expectation kills.
package enum Survival: Sendable {
  /// It means the same as the original for every subject that has expectations.
  case equivalent
  /// The expectation would kill it; `group` is where it belongs.
  case alive(PolicyExpectation, group: Int)
  /// Too large to compare.
  case unknown
}

extension MutationIndex {
  /// What becomes of a mutant that no expectation kills. `table` is that of a group, which callers keep; nil when it is
  /// over budget.
  package func survival(of mutant: Mutant, table: (Int) -> DecisionTable?) throws(TestFault) -> Survival {
    var isUnknown = false
    for number in groups(of: mutant) {
      let original = subject(number)
      guard let before = table(number), let after = try? DecisionTable(mutant.applied(to: original)) else {
        isUnknown = true
        continue
      }
      let found: Event?
      do throws(BudgetError) { found = try TableDifference.witness(before, after) } catch {
        isUnknown = true
        continue
      }
      guard let witness = found else {
        // That they mean the same is claimed by two ways alone.
        guard before.meaning == after.meaning else { throw .unwitnessed }
        continue
      }
      // Production replays what it prints: the evaluator must see the difference too.
      let expectation = PolicyExpectation.stating(witness, before)
      let changed = Evaluator(mutant.applied(to: original))
      guard expectation.events.contains(where: { changed.decide($0).verdict != expectation.verdict }),
        expectation.events.allSatisfy({ Evaluator(original).decide($0).verdict == expectation.verdict })
      else { throw .disagreement(witness) }
      return .alive(expectation, group: number)
    }
    return isUnknown ? .unknown : .equivalent
  }
}

extension PolicyExpectation {
  /// What the table says of an event, as a test would say it: of either owner, if it is the same for both.
  package static func stating(_ event: Event, _ table: DecisionTable) -> PolicyExpectation {
    let decision = table.decide(event)
    var events = [event]
    if case .path = event.access {
      var other = event
      other.isOwner.toggle()
      if table.decide(other) == decision { events = event.isOwner ? [event, other] : [other, event] }
    }
    return PolicyExpectation(
      verdict: decision.verdict,
      events: events,
      decider: DeciderReference(decision.decider),
      location: Location(file: "", line: 1, column: 1)
    )
  }
}

extension DeciderReference {
  package init(_ decider: Decider) {
    switch decider {
    case .nothing: self = .nothing
    case .posture: self = .posture
    case .rule(let origin): self = .rule(policy: origin.policy.description, path: origin.path)
    }
  }

  /// As it stands under `by`.
  package var text: String {
    switch self {
    case .posture: "DefaultPosture"
    case .nothing: "nothing"
    case .rule(let policy, let path): policy + (path.map { " " + $0 } ?? "")
    case .place(let file, let line): "\(file):\(line)"
    }
  }
}
