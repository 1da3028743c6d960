import Alerts
import Runtime

/// Reads the matcher's events until somebody says stop.
struct EventsRun {
  private let paths: NodePaths
  private let follows: Bool
  private var stream: AlertStream
  private let subjects: EventSubjects
  private let hostName = Node.hostName
  private var boot = Node.bootTime
  private var missed: MissedEvents
  private var malformed: UInt64 = 0
  private var total = MissedEvents.Count()

  init(_ command: EventsCommand) throws {
    paths = command.node.paths
    follows = !command.once
    stream = command.stream
    subjects = EventSubjects(paths)
    missed = try MissedEvents(paths)
  }

  mutating func run() throws {
    guard EventRing.isThere(paths) else {
      throw Failure("nothing is loaded on this node that reports events (armorc load, or --audit-log for AppArmor)")
    }
    let interruption = try Interruption()
    let output = EventOutput()
    // Kept in a loop of its own: a matcher that was unloaded and loaded again has another ring, and another lock.
    var goesOn = true
    while goesOn {
      let lock = try EventLock(paths)
      goesOn = try drain(interruption, output)
      extendLifetime(lock)
    }
    try finish(interruption, output)
  }

  /// Whether to go on with the ring that is there now.
  private mutating func drain(_ interruption: borrowing Interruption, _ output: borrowing EventOutput) throws -> Bool {
    let ring = try EventRing(paths)
    subjects.prepare()
    var batch = EventBatch()
    var hasNews = false
    var checked = ContinuousClock.now
    while !stream.isDone {
      try ring.read(into: &batch)
      if !batch.isEmpty {
        hasNews = true
        try show(batch, interruption, output)
      }
      // Also while events never cease.
      if checked.duration(to: .now) >= .seconds(1) {
        checked = .now
        boot = Node.bootTime
        if hasNews { try tellMissed(interruption, output) }
        hasNews = false
      }
      if !batch.isEmpty {
        if interruption.wait(for: -1, milliseconds: 0) == .interrupted { return false }
        continue
      }
      if !follows { return false }
      switch interruption.wait(for: ring.descriptor, milliseconds: 1000) {
      case .interrupted: return false
      case .ready: continue
      case .timeout: break
      }
      switch ring.state {
      case .current: continue
      case .replaced:
        missed = try MissedEvents(paths)
        return true
      case .gone:
        Terminal.note("what was loaded was unloaded: there are no more events")
        return false
      }
    }
    return false
  }

  private mutating func show(
    _ batch: EventBatch,
    _ interruption: borrowing Interruption,
    _ output: borrowing EventOutput
  ) throws {
    let subjects = subjects
    for index in 0..<batch.count {
      stream.add(batch[index], boot: boot, hostName: hostName) { event in
        subjects.subject(domain: event.domain, generation: event.generation)
      }
    }
    for note in subjects.takeNotes() { Terminal.note(note) }
    try output.write(stream.takeOutput(), unless: interruption)
  }

  /// A line of its own in the stream when events are missing from it.
  private mutating func tellMissed(_ interruption: borrowing Interruption, _ output: borrowing EventOutput) throws {
    let now = try MissedEvents(paths)
    let news = now.since(missed)
    missed = now
    let unread = stream.malformed - malformed
    malformed = stream.malformed
    guard news.lost > 0 || news.heldBack > 0 || unread > 0 else { return }
    total.lost &+= news.lost
    total.heldBack &+= news.heldBack
    stream.add(
      .missing(lost: news.lost, heldBack: news.heldBack, malformed: unread, time: Node.now, hostName: hostName)
    )
    try output.write(stream.takeOutput(), unless: interruption)
  }

  private mutating func finish(_ interruption: borrowing Interruption, _ output: borrowing EventOutput) throws {
    try tellMissed(interruption, output)
    if total.lost > 0 { Terminal.note("\(total.lost) events were lost: the ring buffer was full") }
    if total.heldBack > 0 {
      Terminal.note("\(total.heldBack) events were held back: over the rate of 'armorc load --rate'")
    }
    if let defect = stream.firstDefect {
      Terminal.note("\(stream.malformed) events were not understood, the first: \(defect)")
    }
  }
}
