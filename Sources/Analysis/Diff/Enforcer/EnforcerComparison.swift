package import Automata
package import IR

/// Compares what an enforcer does for one subject on two sides, instead of what the policies say.
package struct EnforcerComparison: Sendable {
  private let budget: StateBudget
  package init(budget: StateBudget = StateBudget()) { self.budget = budget }

  /// - Parameters:
  ///   - pair: the subject.
  ///   - policy: the comparison of its policies, which gives settings, causes, and what was not judged.
  ///   - old: what the enforcer does on the old side; `new` on the new one.
  ///   - new: see `old`.
  /// - Returns: like a comparison of policies, with the enforcer's verdicts. System calls are left out: the changes of
  ///   their rules are named as not judged.
  /// - Throws: `ReplayError` when a witness does not replay: a fault of armorc, never of its input.
  package func compare(
    _ pair: SubjectPair,
    policy: SubjectDiff,
    old: EnforcedSide,
    new: EnforcedSide
  ) throws(ReplayError) -> SubjectDiff {
    var result = policy
    result.entries = []
    result.unjudged += EnforcerComparison.calls(policy)
    let changes: EnforcerChanges
    do throws(BudgetError) {
      changes = try EnforcerChanges(pair, policy: policy, old: old, new: new, budget: budget)
    } catch {
      result.problem = "comparing the profiles needs more than \(error.limit) automaton states"
      return result
    }
    for entry in changes.entries {
      for region in entry.regions {
        for witness in region.witnesses {
          guard old.replay(witness.event) == witness.old.verdict, new.replay(witness.event) == witness.new.verdict
          else { throw ReplayError(subject: pair.name, witness: witness) }
        }
      }
    }
    result.entries = changes.entries
    return result
  }

  /// Changed rules of system calls, of which the enforcer knows nothing.
  private static func calls(_ policy: SubjectDiff) -> [UnjudgedChange] {
    var seen: Set<Origin> = []
    return policy.entries.filter { $0.resourceClass == .syscalls }.compactMap { entry in
      guard let rule = entry.cause.new ?? entry.cause.old, seen.insert(rule.origin).inserted else { return nil }
      return UnjudgedChange(
        what: "rules of system calls, which AppArmor does not see",
        kind: entry.cause.old == nil ? .added : entry.cause.new == nil ? .removed : .changed,
        policy: rule.origin.policy,
        location: rule.origin.location
      )
    }
  }
}

/// The changes themselves: cells of both maps side by side, sorted into entries and regions.
struct EnforcerChanges {
  private(set) var entries: [ChangeEntry] = []

  private let actors: JointActors
  private let old: EnforcedSide
  private let new: EnforcedSide
  private var causes: EnforcerCauses
  private var drafts: [Key: [Slot: [Int]]] = [:]

  private struct Key: Hashable {
    let resourceClass: ResourceClass
    let old: Verdict
    let new: Verdict
    let cause: Int
  }

  /// What of an event is neither its object nor the actor's name; objects are numbers.
  private struct Slot: Hashable {
    let actor: Int
    let operation: PathOperation?
    let isOwner: Bool
  }

  /// Regions before they have words: objects × operations × owner × actors.
  private struct Box {
    let objects: [Int]
    let operations: [PathOperation]
    let owner: OwnerCondition
    let actors: Set<Int>
  }

  init(
    _ pair: SubjectPair,
    policy: SubjectDiff,
    old: EnforcedSide,
    new: EnforcedSide,
    budget: StateBudget
  ) throws(BudgetError) {
    self.old = old
    self.new = new
    actors = JointActors(old.map, new.map)
    causes = EnforcerCauses(pair, policy: policy, old: old, new: new)
    let paths = try JointLabels(old.map, new.map, budget: budget)
    collectPaths(paths)
    collectSockets()
    collectCapabilities()
    let hints =
      (policy.entries.flatMap { [$0.cause.new, $0.cause.old] }.compactMap { $0 }
      + new.map.table.rules.filter { new.inexact.contains($0.origin) }).compactMap { rule -> PathSet? in
        switch rule.target {
        case .process(let set), .file(let set): set
        default: nil
        }
      }
    let describer = PathDescriber(paths.classifier, isPath: { $0 != 0 }, hints: hints)
    var known: [[Int]: PathLanguage] = [:]
    for (key, slots) in drafts {
      var regions: [ChangeRegion] = []
      for box in EnforcerChanges.boxes(slots) {
        let objects: ChangeRegion.Objects
        switch key.resourceClass {
        case .network:
          let cells = box.objects.map { SocketCell(index: $0) }
          if !cells.contains(where: { old.map.isOpenable[$0.index] }) { continue }
          objects = .sockets(cells, words: SocketWords.text(Set(cells)))
        case .capabilities:
          objects = .capabilities(box.objects.compactMap { Capability(rawValue: UInt8(truncatingIfNeeded: $0)) })
        default:
          let labels = Set(box.objects.map { UInt32($0) })
          guard let language = known[box.objects] ?? describer.describe(where: labels.contains) else { continue }
          known[box.objects] = language
          objects = .paths(box.operations, language)
        }
        for (set, members) in actors.sources(box.actors) {
          let witnesses = witnesses(key, box, members, paths)
          if witnesses.isEmpty { continue }
          regions.append(ChangeRegion(objects: objects, sources: set, owner: box.owner, witnesses: witnesses))
        }
      }
      if regions.isEmpty { continue }
      regions.sort { $0.place.lexicographicallyPrecedes($1.place) }
      entries.append(
        ChangeEntry(
          resourceClass: key.resourceClass,
          old: key.old,
          new: key.new,
          cause: causes.causes[key.cause],
          regions: regions
        )
      )
    }
    entries.sort { $0.place.lexicographicallyPrecedes($1.place) }
  }

  // MARK: Cells

  private mutating func note(
    _ event: Event,
    _ slot: Slot,
    _ object: Int,
    _ verdicts: (Verdict, Verdict),
    _ cells: (Cell, Cell)
  ) {
    let key = Key(
      resourceClass: event.access.resourceClass,
      old: verdicts.0,
      new: verdicts.1,
      cause: causes.cause(event, cells.0, cells.1)
    )
    drafts[key, default: [:]][slot, default: []].append(object)
  }

  private func cells(_ actor: JointActors.Actor, _ cell: (VerdictMap, Int) -> Cell) -> (Cell, Cell) {
    (
      cell(old.map, old.map.sourceClass(ofActor: actor.old)), cell(new.map, new.map.sourceClass(ofActor: actor.new))
    )
  }

  private mutating func collectPaths(_ paths: JointLabels) {
    for (number, pair) in paths.pairs.enumerated() {
      guard number > 0, let witness = paths.witnesses[number] else { continue }
      for (index, actor) in actors.all.enumerated() {
        for operation in PathOperation.allCases {
          for isOwner in [false, true] {
            let before = old.map.verdict(actor: actor.old, label: pair.old, operation, isOwner: isOwner)
            let after = new.map.verdict(actor: actor.new, label: pair.new, operation, isOwner: isOwner)
            if before == after { continue }
            note(
              Event(source: actor.source, access: .path(operation, witness), isOwner: isOwner),
              Slot(actor: index, operation: operation, isOwner: isOwner),
              number,
              (before, after),
              (
                old.map.cell(actor: actor.old, label: pair.old, operation, isOwner: isOwner),
                new.map.cell(actor: actor.new, label: pair.new, operation, isOwner: isOwner)
              )
            )
          }
        }
      }
    }
  }

  private mutating func collectSockets() {
    for (index, actor) in actors.all.enumerated() {
      for cell in SocketCell.all {
        let (before, after) = (old.map.verdict(actor: actor.old, cell), new.map.verdict(actor: actor.new, cell))
        if before == after { continue }
        note(
          Event(source: actor.source, access: .network(cell.representative)),
          Slot(actor: index, operation: nil, isOwner: true),
          cell.index,
          (before, after),
          cells(actor) { $0.table.cell(source: $1, cell) }
        )
      }
    }
  }

  private mutating func collectCapabilities() {
    for (index, actor) in actors.all.enumerated() {
      for capability in Capability.allCases {
        let before = old.map.verdict(actor: actor.old, capability)
        let after = new.map.verdict(actor: actor.new, capability)
        if before == after { continue }
        note(
          Event(source: actor.source, access: .capability(capability)),
          Slot(actor: index, operation: nil, isOwner: true),
          Int(capability.rawValue),
          (before, after),
          cells(actor) { $0.table.cell(source: $1, capability) }
        )
      }
    }
  }

  // MARK: Regions

  /// Slots with the same objects, as rectangles of operations, owner and actors. Disjoint.
  private static func boxes(_ slots: [Slot: [Int]]) -> [Box] {
    var byObjects: [[Int]: [Slot]] = [:]
    for (slot, objects) in slots { byObjects[objects, default: []].append(slot) }
    struct Side: Hashable {
      let owner: OwnerCondition
      let operations: [PathOperation]
    }
    var result: [Box] = []
    for (objects, slots) in byObjects {
      var actorsOf: [Side: Set<Int>] = [:]
      for (actor, mine) in Dictionary(grouping: slots, by: \.actor) {
        var operations: [OwnerCondition: [PathOperation]] = [:]
        for operation in PathOperation.allCases {
          let owners = Set(mine.filter { $0.operation == operation }.map(\.isOwner))
          if owners.isEmpty { continue }
          let condition: OwnerCondition = owners.count == 2 ? .any : owners.contains(true) ? .owner : .other
          operations[condition, default: []].append(operation)
        }
        if operations.isEmpty { operations[.any] = [] }
        for (owner, operations) in operations {
          actorsOf[Side(owner: owner, operations: operations), default: []].insert(actor)
        }
      }
      for (side, actors) in actorsOf {
        result.append(Box(objects: objects, operations: side.operations, owner: side.owner, actors: actors))
      }
    }
    return result
  }

  /// A shortest one for every pair of deciders.
  private func witnesses(_ key: Key, _ box: Box, _ members: [Int], _ paths: JointLabels) -> [ChangeWitness] {
    struct Deciders: Hashable {
      let old: Decider
      let new: Decider
    }
    var best: [Deciders: (rank: [Int], event: Event, policy: (Decision, Decision))] = [:]
    for object in box.objects {
      for event in events(key, box, object, members, paths) {
        let policy = (old.map.table.decide(event), new.map.table.decide(event))
        let deciders = Deciders(old: policy.0.decider, new: policy.1.decider)
        let rank = [event.source?.bytes.count ?? 0, event.commonness, event.description.utf8.count]
        if let known = best[deciders], known.rank.lexicographicallyPrecedes(rank) || known.rank == rank { continue }
        best[deciders] = (rank, event, policy)
      }
    }
    return best.values.sorted {
      $0.rank != $1.rank ? $0.rank.lexicographicallyPrecedes($1.rank) : $0.event.description < $1.event.description
    }.prefix(EnforcerChanges.mostWitnesses).map { found in
      ChangeWitness(
        event: found.event,
        old: Decision(key.old, by: found.policy.0.decider),
        new: Decision(key.new, by: found.policy.1.decider),
        enforced: EnforcedWitness(
          oldPolicy: found.policy.0.verdict,
          newPolicy: found.policy.1.verdict,
          oldReason: old.reason(found.event),
          newReason: new.reason(found.event)
        )
      )
    }
  }

  private static let mostWitnesses = 8

  private func events(_ key: Key, _ box: Box, _ object: Int, _ members: [Int], _ paths: JointLabels) -> [Event] {
    members.flatMap { member -> [Event] in
      let source = actors.all[member].source
      switch key.resourceClass {
      case .network:
        let cell = SocketCell(index: object)
        return old.map.isOpenable[object] ? [Event(source: source, access: .network(cell.representative))] : []
      case .capabilities:
        let capability = Capability(rawValue: UInt8(truncatingIfNeeded: object))
        return capability.map { [Event(source: source, access: .capability($0))] } ?? []
      default:
        guard let path = paths.witnesses[object] else { return [] }
        let owners = [true, false].filter { box.owner.holds(isOwner: $0) }
        return box.operations.flatMap { operation in
          owners.map { Event(source: source, access: .path(operation, path), isOwner: $0) }
        }
      }
    }
  }
}

/// The labels of two maps' automata side by side.
struct JointLabels {
  struct Pair: Hashable {
    let old: UInt32
    let new: UInt32
  }
  /// Label 0 is no path.
  let classifier: Classifier
  /// By label; a label has one pair, a pair one label.
  let pairs: [Pair]
  /// A shortest path of every label that has one.
  let witnesses: [Int: BytePath]

  init(_ old: VerdictMap, _ new: VerdictMap, budget: StateBudget) throws(BudgetError) {
    var pairs = [Pair(old: 0, new: 0)]
    var numbers: [Pair: UInt32] = [:]
    classifier = try old.paths.product(new.paths, budget: budget) { before, after in
      if before == 0 || after == 0 { return 0 }
      let pair = Pair(old: before, new: after)
      if let known = numbers[pair] { return known }
      let number = UInt32(pairs.count)
      numbers[pair] = number
      pairs.append(pair)
      return number
    }
    self.pairs = pairs
    var witnesses: [Int: BytePath] = [:]
    for (label, bytes) in classifier.shortestWitnesses() where label != 0 {
      witnesses[Int(label)] = BytePath(bytes)
    }
    self.witnesses = witnesses
  }
}

extension VerdictMap {
  /// What the policies say.
  fileprivate func cell(actor: Int, label: UInt32, _ operation: PathOperation, isOwner: Bool) -> Cell {
    table.cell(source: sourceClass(ofActor: actor), path: pathClasses[Int(label)], operation, isOwner: isOwner)
  }
}

extension Event {
  /// How far it is from what people meet every day; smaller is plainer.
  fileprivate var commonness: Int {
    guard case .network(let socket) = access else { return 0 }
    let families = [SocketNumber.inet, SocketNumber.inet6, SocketNumber.unix, SocketNumber.packet]
    let types = [SocketNumber.stream, SocketNumber.dgram, SocketNumber.raw]
    let known: [UInt16] = [SocketNumber.tcp, SocketNumber.udp]
    return (families.firstIndex(of: socket.family) ?? 9) + (types.firstIndex(of: socket.type) ?? 9)
      + (known.contains(socket.protocolNumber) ? 0 : 1)
  }
}

extension ChangeRegion {
  /// By the first witness's length, then text.
  fileprivate var place: [Int] {
    let text = witnesses.first?.event.description ?? ""
    return [text.utf8.count] + text.utf8.map { Int($0) }
  }
}

extension ChangeEntry {
  /// Looser first, then by class, cause and place.
  fileprivate var place: [Int] {
    let rule = cause.new ?? cause.old
    return [
      direction == .looser ? 0 : 1, ResourceClass.allCases.firstIndex(of: resourceClass) ?? 0,
      Cause.Kind.allCases.firstIndex(of: cause.kind) ?? 0, rule?.origin.position ?? -1, Int(old.rawValue),
      Int(new.rawValue),
    ] + (regions.first?.place ?? [])
  }
}
