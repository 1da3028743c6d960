package import IR

/// What the policies say of one workload of a stream.
package final class WorkloadRuling: Sendable {
  package enum Standing: Sendable {
    case judged(SubjectVerdicts)
    /// No policy applies.
    case free
    /// It cannot be told which policies apply, and why.
    case unclear(String)
  }
  /// Of the subject of a build, or what the record says of the workload.
  package let name: String
  package let standing: Standing

  init(name: String, _ standing: Standing) {
    self.name = name
    self.standing = standing
  }

  package func judge(_ event: PartialEvent) -> Judgement {
    switch standing {
    case .free: return .free
    case .unclear(let why): return .unclear(why)
    case .judged(let verdicts):
      let (owner, other) = verdicts.decide(event)
      if let one = owner.verdict, one == other.verdict {
        var both = owner
        both.formUnion(other)
        if let matcher = verdicts.matcher, let exact = event.event, matcher(exact) != one {
          return .unclear("the enforcer's artifact says \(matcher(exact).name), the policies say \(one.name)")
        }
        return .decided(one, both)
      }
      if owner.verdict != nil, other.verdict != nil { return .dependsOnOwner(owner: owner, other: other) }
      var all = owner
      all.formUnion(other)
      return .undetermined(all)
    }
  }

  /// Who decided a verdict of one of this workload's judgements.
  package func decision(_ cell: Cell) -> Decision {
    if case .judged(let verdicts) = standing { return verdicts.table.decision(cell) }
    return Decision(cell.verdict, by: .nothing)
  }

  /// The rule behind a cell, if one decided.
  package func rule(_ cell: Cell) -> Rule? {
    guard case .judged(let verdicts) = standing, let index = cell.rule else { return nil }
    return verdicts.table.rules[index]
  }
}

/// What the policies say of one record.
package enum Judgement: Hashable, Sendable {
  /// Every event that the record stands for has this verdict.
  case decided(Verdict, VerdictSet)
  /// The owner of an object may do something else than others.
  case dependsOnOwner(owner: VerdictSet, other: VerdictSet)
  /// What the record does not say would decide.
  case undetermined(VerdictSet)
  /// No policy applies to the workload: allowed.
  case free
  /// It cannot be told which policies apply.
  case unclear(String)

  /// Nil where it is not certain.
  package var verdict: Verdict? {
    switch self {
    case .decided(let verdict, _): verdict
    case .free: .allow
    case .dependsOnOwner, .undetermined, .unclear: nil
    }
  }
}
