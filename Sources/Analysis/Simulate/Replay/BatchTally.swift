import IR

/// Counts the lines of one batch. Names are looked up once per batch and not once per line.
package struct BatchTally {
  /// What lines that are counted alike have in common.
  private struct Key: Hashable {
    let now: ObjectIdentifier
    let cell: Cell?
    let outcome: ReplayTally.Outcome
    let before: ObjectIdentifier?
    let oldCell: Cell?
    let oldOutcome: ReplayTally.Outcome?
    let change: VerdictChange?
    let recorded: Verdict?
  }
  private struct Group {
    let now: Replay.Ruling
    let before: Replay.Ruling?
    var examples = ReplayTally.Examples()
  }

  private var tally = ReplayTally()
  private var groups: [Key: Group] = [:]

  private let file: String?

  /// `file` is the name of the stream, where there are several.
  package init(file: String? = nil) { self.file = file }

  package mutating func add(_ number: Int, _ line: Replay.Line) {
    tally.lines += 1
    switch line {
    case .noAccess(let why): tally.noAccess[why, default: 0] += 1
    case .companion: tally.companions += 1
    case .unparsed(let why):
      tally.unparsed += 1
      if tally.firstUnparsed.count < ReplayTally.mostUnparsed { tally.firstUnparsed.append((file, number, why)) }
    case .judged(let record, let now, let before): add(number, record, now, before)
    }
  }

  private mutating func add(_ number: Int, _ record: Record, _ now: Replay.Ruling, _ before: Replay.Ruling?) {
    tally.forms[record.form, default: 0] += 1
    let key = Key(
      now: ObjectIdentifier(now.workload),
      cell: now.cell,
      outcome: now.outcome,
      before: before.map { ObjectIdentifier($0.workload) },
      oldCell: before?.cell,
      oldOutcome: before?.outcome,
      change: before.flatMap { VerdictChange($0, now) },
      recorded: record.outcome?.verdict
    )
    var group = groups[key] ?? Group(now: now, before: before)
    group.examples.count += 1
    if group.examples.first.count < ReplayTally.mostExamples {
      group.examples.first.append(
        ReplayTally.Example(file: file, line: number, subject: now.workload.name, event: record.event.description)
      )
    }
    groups[key] = group
    if now.outcome == .open {
      let reasons = now.reasons(record.event, details: false)
      tally.reasons[reasons.joined(separator: "; "), default: 0] += 1
    }
  }

  package consuming func finished() -> ReplayTally {
    var tally = tally
    for (key, group) in groups {
      let count = group.examples.count
      tally.outcomes[key.outcome] += count
      tally.subjects[group.now.workload.name, default: ReplayTally.Counts()][key.outcome] += count
      if let decision = group.now.decision { tally.deciders[decision, default: 0] += count }
      if let recorded = key.recorded {
        let difference = ReplayTally.Difference(recorded: recorded, outcome: key.outcome)
        tally.recorded[difference, default: ReplayTally.Examples()].merge(group.examples)
      }
      if let kind = key.change, let before = group.before {
        let change = ReplayTally.Change(
          kind: kind,
          old: before.outcome,
          new: key.outcome,
          oldDecision: before.decision,
          newDecision: group.now.decision
        )
        tally.changes[change, default: ReplayTally.Examples()].merge(group.examples)
      }
    }
    return tally
  }
}

extension Replay.Ruling {
  fileprivate var cell: Cell? {
    guard case .decided(let verdict, let set) = judgement else { return nil }
    return set[verdict]
  }
}
