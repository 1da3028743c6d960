import IR

/// Judges the records of a replay on one thread. It remembers the last workloads that it met by their objects: threads
/// do not wait for each other.
package struct ReplayJudge: ~Copyable {
  private final class Slot {
    let workload: WorkloadReference?
    let postures: PartialPostures
    let now: WorkloadRuling
    let before: WorkloadRuling?

    init(_ record: Record, now: WorkloadRuling, before: WorkloadRuling?) {
      workload = record.reference
      postures = record.postures
      self.now = now
      self.before = before
    }
  }

  private static let slotBits = 6

  private let replay: Replay
  private var slots: [Slot?]
  private var generations: (now: Int, before: Int)

  package init(_ replay: Replay) {
    self.replay = replay
    slots = Array(repeating: nil, count: 1 << ReplayJudge.slotBits)
    generations = ReplayJudge.generations(replay)
  }

  private static func generations(_ replay: Replay) -> (now: Int, before: Int) {
    (replay.now.generation, replay.before?.generation ?? 0)
  }

  package mutating func judge(_ record: Record) -> Replay.Line {
    let slot = slot(record)
    return .judged(
      record,
      now: Replay.Ruling(workload: slot.now, judgement: slot.now.judge(record.event)),
      before: slot.before.map { Replay.Ruling(workload: $0, judgement: $0.judge(record.event)) }
    )
  }

  private mutating func slot(_ record: Record) -> Slot {
    let current = ReplayJudge.generations(replay)
    if current != generations {
      generations = current
      for index in slots.indices { slots[index] = nil }
    }
    let place = ReplayJudge.place(record.reference)
    // A slot keeps its object alive: no other can have its address.
    if let known = slots[place], known.workload === record.reference, known.postures == record.postures { return known }
    let made = Slot(record, now: replay.now.ruling(record), before: replay.before?.ruling(record))
    slots[place] = made
    return made
  }

  /// Addresses differ least in their lowest bits.
  private static func place(_ workload: WorkloadReference?) -> Int {
    let address = workload.map { UInt64(UInt(bitPattern: ObjectIdentifier($0))) } ?? 0
    return Int(truncatingIfNeeded: (address &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - slotBits))
  }
}
