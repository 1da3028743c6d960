import Bundle
import IR

/// Chooses the decisions to try for one subject. Deterministic: the same subject gives the same scenarios.
struct Planner {
  let subject: SubjectPolicy
  let table: DecisionTable
  let evaluator: Evaluator
  let domain: Domain
  let probes: Probes
  /// A program that no rule names as a source.
  let bystander: BytePath?
  private(set) var scenarios: [Scenario] = []
  /// Decisions that could not be set up in the guest, by reason.
  private(set) var skipped: [String: Int] = [:]
  /// Events on which the evaluator and the decision table differ: none, or nothing is worth asking.
  private(set) var disagreements: [Event] = []
  /// Turns through verbs, users and flags, so that every one meets every verdict.
  private var turn: [String: Int] = [:]

  static let users = [0, 1000]

  /// How processes get under the subject's policy.
  struct Domain: Sendable {
    /// The profile of a container's first process; on a host that of programs which are no source; nil: AppArmor is not
    /// asked.
    var profile: String?
    /// A host's profiles attach to what unconfined processes execute. They fail under no_new_privs.
    var attaches: Bool
    /// Rules on whose decisions AppArmor is not asked.
    var inexact: Set<Origin> = []
  }

  init(_ subject: SubjectPolicy, table: DecisionTable, domain: Domain) {
    self.subject = subject
    self.table = table
    self.domain = domain
    evaluator = Evaluator(subject)
    probes = Probes(subject, table)
    let evaluator = evaluator
    let named = Set(table.sources.paths.joined())
    let reserved = Guest.isReserved
    // Deep enough not to be the parent of anything that rules name.
    let candidates = ["/opt/bystander"].compactMap { BytePath($0) } + probes.paths
    bystander = candidates.first { path in
      !named.contains(path) && !reserved(path) && path.bytes.count > 4
        && ([nil] + named.sorted().map(Optional.some)).contains {
          evaluator.decide(Event(source: $0, access: .path(.exec, path))).verdict != .block
        }
    }
    plan()
  }

  mutating func takeTurn(_ what: String, of count: Int) -> Int {
    let now = turn[what, default: 0]
    turn[what] = now + 1
    return count > 0 ? now % count : 0
  }

  mutating func skip(_ reason: String) { skipped[reason, default: 0] += 1 }

  func verdict(_ source: BytePath?, _ access: Access, isOwner: Bool = true) -> Verdict {
    evaluator.decide(Event(source: source, access: access, isOwner: isOwner)).verdict
  }

  /// Whether the policy lets the actor get there; its programs belong to user 0.
  func isReachable(_ actor: Actor, uid: Int) -> Bool {
    var source: BytePath?
    for step in actor.chain {
      if verdict(source, .path(.exec, step.path), isOwner: uid == 0) == .block { return false }
      source = step.path
    }
    return true
  }

  private mutating func plan() {
    let named = (table.sources.paths.joined() + callers).filter { !Guest.isReserved($0) }
    let first = Actor(chain: [])
    var primary = [first]
    var secondary: [Actor] = []
    for source in named {
      // Straight to it, or through a program that may start it.
      let ways = ([nil, bystander] + named.map(Optional.some)).filter { $0 != source }
      let way = ways.map { Actor(chain: ($0.map { [.init(path: $0)] } ?? []) + [.init(path: source)]) }
        .first { isReachable($0, uid: 0) }
      guard let way else {
        skip("nothing may execute \(source)")
        continue
      }
      primary.append(way)
      var script = way
      script.chain[script.chain.count - 1].isScript = true
      secondary.append(script)
      for next in [bystander].compactMap({ $0 }) + named where next != source {
        secondary.append(Actor(chain: way.chain + [.init(path: next)]))
      }
    }
    if let bystander { secondary.append(Actor(chain: [.init(path: bystander)])) }
    // Everything as the first process; from a source what differs by source, and some of what does not.
    for (index, actor) in primary.enumerated() {
      for (number, path) in probes.paths.enumerated() {
        let isFirst = index == 0
        guard isFirst || dependsOnSource(path) || (number + index) % 3 == 0 else { continue }
        planPath(actor, path, tries: [.exec: 1, .read: 1, .write: isFirst ? 2 : 1])
      }
      planSockets(actor, onlyWhereSourcesDiffer: index > 1)
      planCapabilities(actor)
      planCalls(actor)
    }
    // The other ways to a source tell whether it is recognised by whichever way a process gets there.
    for actor in secondary where isReachable(actor, uid: 0) {
      for (number, path) in probes.paths.enumerated() where dependsOnSource(path) || number % 32 == 0 {
        planPath(actor, path, tries: [.exec: 1, .read: 1, .write: 1])
      }
      planSockets(actor, onlyWhereSourcesDiffer: true)
      planCapabilities(actor, onlyWhereSourcesDiffer: true)
      planCalls(actor)
    }
  }

  private func dependsOnSource(_ path: BytePath) -> Bool {
    let row = table.pathClass(of: path)
    return PathOperation.allCases.contains { operation in
      [false, true].contains { isOwner in
        let verdicts = (0..<table.sources.count).map {
          table.cell(source: $0, path: row, operation, isOwner: isOwner).verdict
        }
        return Set(verdicts).count > 1
      }
    }
  }

  /// Adds a scenario.
  mutating func add(
    _ actor: Actor,
    uid: Int,
    places: [Scenario.Place],
    operation: [String],
    event: Event
  ) {
    let expected = evaluator.decide(event)
    if table.decide(event) != expected { disagreements.append(event) }
    let kind = event.access.resourceClass.rawValue
    let manner = "\(kind) \(expected.verdict) \(actor.chain.count)"
    let hasNoNewPrivileges = !domain.attaches && takeTurn("nnp " + manner, of: 2) == 0
    let isAttached = domain.attaches && !actor.chain.isEmpty && takeTurn("attached " + manner, of: 2) == 0
    var entry: BytePath?
    if !domain.attaches, takeTurn("entry " + manner, of: 3) == 0 {
      entry = entryProgram(
        avoiding: places.map(\.path),
        namesSource: takeTurn("entry is a source " + manner, of: 2) == 0
      )
    }
    let programs = actor.chain.map {
      Scenario.Place(object: $0.isScript ? .script : .actor, uid: 0, path: $0.path)
    }
    let chain = Set(actor.chain.map(\.path))
    var all = places.filter { !chain.contains($0.path) } + programs
    if let entry, !chain.contains(entry) { all.append(Scenario.Place(object: .actor, uid: 0, path: entry)) }
    scenarios.append(
      Scenario(
        subject: subject.name,
        profile: isExact(expected) ? domain.profile.map { isAttached ? .attaches : .enter($0) } : nil,
        actor: actor,
        uid: uid,
        hasNoNewPrivileges: hasNoNewPrivileges,
        entry: entry,
        places: all,
        operation: operation,
        event: event,
        expected: expected,
        reason: reason(of: expected),
        isVisible: subject.visibility.contains(event.access.resourceClass)
      )
    )
  }

  private func isExact(_ decision: Decision) -> Bool {
    if case .rule(let origin) = decision.decider { !domain.inexact.contains(origin) } else { true }
  }

  private func reason(of decision: Decision) -> String {
    switch decision.decider {
    case .nothing: Reason.nobody
    case .posture(let resourceClass): Reason.posture(resourceClass)
    case .rule(let origin):
      subject.rules.first { $0.origin == origin }.map { Reason.rule(ImageRecord($0)) } ?? "a rule of no policy"
    }
  }

  /// What a container's runtime executes. AppArmor reads it in the container's name, and the matcher decides its
  /// execution as one by the first process.
  private func entryProgram(avoiding paths: [BytePath], namesSource: Bool) -> BytePath? {
    let named = table.sources.paths.joined()
    let others = [bystander].compactMap { $0 }
    // What a container starts with is no source, whatever rules say of that path.
    let candidates = namesSource ? named + others : others + named
    return candidates.first { program in
      !Guest.isReserved(program) && !paths.contains { $0 == program || $0.isBelow(program) || program.isBelow($0) }
        && verdict(nil, .path(.read, program)) == .allow
        && [true, false].allSatisfy { verdict(nil, .path(.exec, program), isOwner: $0) != .block }
    }
  }
}
