package import IR

/// What AppArmor does with one event, beside what the policies ask for.
package struct EnforcedAnswer: Hashable, Sendable {
  package let event: Event
  package let verdict: Verdict
  package let policy: Decision
  /// The profiles in force for the source; empty if no process can have it.
  package let label: [String]
  /// Why the two differ; empty when they do not. Lower case, no final period.
  package let reason: String
  /// The rules that the difference is due to, as a build labels them; empty when there is none.
  package let rules: [RuleExactness]
  /// What else there is to know, such as that nothing confined may execute the source.
  package let notes: [String]

  package var isExact: Bool { verdict == policy.verdict }
}

extension EnforcedSubject {
  /// What AppArmor does with an event, and why where that is not what the policies say.
  package func answer(_ event: Event) -> EnforcedAnswer {
    let policy = table.decide(event)
    guard let (outcome, label) = outcome(event) else {
      let isCall = if case .syscall = event.access { true } else { false }
      let isMissed = isCall && policy.verdict != .allow
      return EnforcedAnswer(
        event: event,
        verdict: isCall ? .allow : policy.verdict,
        policy: policy,
        label: [],
        reason: isMissed ? "AppArmor mediates no system calls" : "",
        rules: isMissed ? exactness(of: policy) : [],
        notes: isCall ? [] : ["no process gets here: nothing confined may execute such a source"]
      )
    }
    var notes: [String] = []
    if outcome.isPartial { notes.append("only a part of what '\(operation(event))' comprises is decided so") }
    if case .path(let operation, let path) = event.access, operation != .exec, path != .root {
      let asDirectory = walk.verdict(operation, ofDirectory: path, isOwner: event.isOwner, in: label)
      if asDirectory != outcome.verdict { notes.append("a directory of that name: \(asDirectory.name)") }
    }
    var reason = ""
    var rules: [RuleExactness] = []
    if outcome.verdict != policy.verdict {
      if outcome.verdict == .block, isBelowFloor(event) {
        reason = floorWords
      } else {
        let difference = difference(event, outcome, label)
        let behind = ProfileExactness.rulesBehind(difference, table)
        if let first = behind.first { reason = ProfileExactness.reason(difference, first, table) }
        let origins = Set(behind.map(\.origin))
        rules = exactness.filter { origins.contains($0.origin) && $0.label != .exact }
      }
    }
    return EnforcedAnswer(
      event: event,
      verdict: outcome.verdict,
      policy: policy,
      label: label,
      reason: reason,
      rules: rules,
      notes: notes
    )
  }

  private func operation(_ event: Event) -> String {
    if case .path(let operation, _) = event.access { operation.name } else { "the access" }
  }

  private func exactness(of decision: Decision) -> [RuleExactness] {
    guard case .rule(let origin) = decision.decider, decision.verdict != .allow else { return [] }
    return exactness.filter { $0.origin == origin }
  }

  private func difference(_ event: Event, _ outcome: ProfileWalk.Outcome, _ label: [String]) -> ProfileDifference {
    let cell = table.cell(for: event)
    let kind: ProfileDifference.Kind =
      switch (cell.verdict, outcome.verdict) {
      case _ where outcome.killer != nil: .kills
      case (.block, _): .permits
      case (_, .block): .blocks
      case (.allow, _): .reports
      default: .conceals
      }
    return ProfileDifference(
      kind: kind,
      witness: event,
      expected: cell,
      actual: outcome.verdict,
      label: label,
      detail: outcome.killer.map { "profile '\($0)', which the exec adds, may not read the program" } ?? ""
    )
  }
}
