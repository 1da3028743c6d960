package import IR

/// What two states of the policies, or one, say of the lines of a stream.
package struct Replay: Sendable {
  let now: WorkloadRulings
  let before: WorkloadRulings?

  package init(_ now: WorkloadRulings, against before: WorkloadRulings? = nil) {
    self.now = now
    self.before = before
  }

  /// One state's word on a record.
  package struct Ruling: Sendable {
    package let workload: WorkloadRuling
    package let judgement: Judgement
  }

  package enum Line: Sendable {
    case judged(Record, now: Ruling, before: Ruling?)
    case noAccess(String)
    case companion
    case unparsed(String)
  }

  /// A function of the batch alone: batches can be replayed on many threads.
  package func replay(_ batch: LineBatch) -> [(line: Int, Line)] {
    var judge = ReplayJudge(self)
    return RecordReader.read(batch).map { line, reading in
      switch reading {
      case .record(let record): (line, judge.judge(record))
      case .noAccess(let why): (line, .noAccess(why))
      case .companion: (line, .companion)
      case .unparsed(let why): (line, .unparsed(why))
      }
    }
  }
}

extension Replay.Ruling {
  /// What the judgement is counted as.
  package var outcome: ReplayTally.Outcome {
    switch judgement {
    case .decided(.block, _): .block
    case .decided(.audit, _): .audit
    case .decided(.allow, _): .allow
    case .free: .free
    case .dependsOnOwner, .undetermined, .unclear: .open
    }
  }

  /// Who decided; nil where the verdict is not certain or no policy applies.
  package var decision: Decision? {
    guard case .decided(let verdict, let set) = judgement, let cell = set[verdict] else { return nil }
    return workload.decision(cell)
  }

  /// Why there is no one verdict, sorted; empty if there is one. `details` names what the record says instead.
  package func reasons(_ event: PartialEvent, details: Bool) -> [String] {
    switch judgement {
    case .decided, .free: []
    case .dependsOnOwner: ["it depends on the owner"]
    case .unclear(let why): [why]
    case .undetermined: details ? event.unknowns : event.unknownKinds
    }
  }
}

/// Whether two rulings say the same.
package enum VerdictChange: String, Hashable, Sendable, CaseIterable {
  case looser, tighter
  /// One of the two is not certain.
  case unclear

  /// Nil if the verdict stays; `old` and `new` may have no certain verdict.
  package init?(_ old: Replay.Ruling, _ new: Replay.Ruling) {
    switch (old.judgement, new.judgement) {
    case (.dependsOnOwner(let owner, let other), .dependsOnOwner(let newOwner, let newOther)):
      guard owner.verdict != newOwner.verdict || other.verdict != newOther.verdict else { return nil }
      self = .unclear
    case (.undetermined(let old), .undetermined(let new)):
      guard old.verdicts != new.verdicts else { return nil }
      self = .unclear
    case (.unclear, .unclear): return nil
    case (let old, let new):
      guard let before = old.verdict, let after = new.verdict else {
        self = .unclear
        return
      }
      guard before != after else { return nil }
      self = after.rawValue < before.rawValue ? .looser : .tighter
    }
  }
}
