import Analysis
import Automata
import Foundation
import IR
import Testing
import _PolicyTestSupport

/// The quick ways of deciding a stream against the reference evaluator, on many pairs of a subject and a record. Each
/// answer has to name exactly what the evaluator says of the events that the record stands for, deciders included.
@Suite struct VerdictPairsTests {
  /// What the evaluator says of a list of choices; of each all accesses take place.
  private struct Wanted {
    let evaluator: Evaluator
    func of(_ sources: [BytePath?], _ choices: [[Access]], isOwner: Bool) -> Set<Decision> {
      Set(
        sources.flatMap { source in
          choices.compactMap { accesses in
            var strictest: Decision?
            for access in accesses {
              let decision = evaluator.decide(Event(source: source, access: access, isOwner: isOwner))
              if let known = strictest, known.verdict.rawValue >= decision.verdict.rawValue { continue }
              strictest = decision
            }
            return strictest
          }
        }
      )
    }
  }

  /// Nil if `set` holds what is wanted, and names one of those that decide each verdict.
  private func complaint(_ set: VerdictSet, _ wanted: Set<Decision>, _ table: DecisionTable) -> String? {
    let verdicts = Set(wanted.map(\.verdict))
    guard Set(set.verdicts) == verdicts else { return "\(set.verdicts), expected \(verdicts)" }
    for verdict in verdicts {
      let deciders = wanted.filter { $0.verdict == verdict }
      guard let cell = set[verdict], deciders.contains(table.decision(cell)) else { return "\(verdict): wrong decider" }
      guard set.hasSeveralDeciders(verdict) == (deciders.count > 1) else {
        return "\(verdict): \(deciders.count) deciders"
      }
    }
    return nil
  }

  @Test func pairs() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    var pairs = 0
    for _ in 0..<250 {
      var subject = random.subject(maximumRules: 16)
      // A source that is not known is any: without directories as sources these are all that rules tell apart.
      let anySource = RandomPolicy.sourcePaths.map { BytePath($0) } + [nil, BytePath("/zz/none")]
      let hasDirectories = subject.policies.contains { $0.rules.contains { $0.resourceClass == .syscalls } }
      let isOpen = !hasDirectories || random.generator.chance(50)
      if isOpen {
        subject.policies = subject.policies.map { policy in
          var policy = policy
          policy.rules.removeAll { $0.resourceClass == .syscalls }
          return policy
        }
      }
      let judge = try SubjectVerdicts(subject)
      let wanted = Wanted(evaluator: Evaluator(subject))
      for _ in 0..<220 {
        let (record, sources, choices) = draw(&random, anySource: isOpen ? anySource : nil)
        let found = judge.decide(record)
        for isOwner in [true, false] {
          let all = wanted.of(sources, choices, isOwner: record.isOwner ?? isOwner)
          let set = isOwner ? found.owner : found.other
          #expect(complaint(set, all, judge.table) == nil, "\(record), owner: \(isOwner)")
        }
        pairs += 1
      }
    }
    #expect(pairs >= 50_000)
  }

  /// A record with the sources and the choices of accesses that it stands for.
  private func draw(
    _ random: inout RandomPolicy,
    anySource: [BytePath?]?
  ) -> (PartialEvent, sources: [BytePath?], choices: [[Access]]) {
    let isOwner = random.generator.pick([nil, true, false])
    var sources: [BytePath?] = []
    for _ in 0..<random.generator.pick([1, 1, 2, 3]) { sources.append(random.event().source) }
    var source = PartialEvent.Source.oneOf(sources)
    if let anySource, random.generator.chance(25) { (source, sources) = (.unknown("cat"), anySource) }
    var accesses: [PartialEvent.Access] = []
    var choices: [[Access]] = [[]]
    for _ in 0..<random.generator.pick([1, 1, 1, 2]) {
      let (access, more) = draw(&random)
      accesses.append(access)
      choices = choices.flatMap { first in more.map { first + $0 } }
    }
    return (PartialEvent(source: source, accesses: accesses, isOwner: isOwner), sources, choices)
  }

  private func draw(_ random: inout RandomPolicy) -> (PartialEvent.Access, choices: [[Access]]) {
    let event = random.event()
    switch event.access {
    case .path(let operation, let path):
      var paths = [path]
      if random.generator.chance(30) { paths.append(random.path()) }
      let both: PathOperations = [.read, .write]
      let alternatives = random.generator.pick([
        [PathOperations(operation)], [PathOperations(operation)], [both], PathOperations.someOpen, [[.exec], [.read]],
        [[.exec, .read, .write]],
      ])
      let choices = paths.flatMap { path in
        alternatives.map { set in
          PathOperation.allCases.filter(set.contains).map { Access.path($0, path) }
        }
      }
      return (.path(alternatives, .oneOf(paths)), choices)
    case .network(let socket): return (.network(PartialSocket(socket)), [[event.access]])
    case .capability(let capability): return (.capability(capability), [[event.access]])
    case .syscall(let name, let path):
      guard let path, random.generator.chance(50) else {
        return (.syscall(name, path.map { .known($0) }), [[event.access]])
      }
      let other = random.path()
      return (.syscall(name, .oneOf([path, other])), [[event.access], [.syscall(name, other)]])
    }
  }

  /// Only the last component of a path, or nothing: against every path class by its shortest path, twice, as the second
  /// answer is a remembered one.
  @Test func openPaths() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    for _ in 0..<120 {
      let subject = random.subject(maximumRules: 16)
      let judge = try SubjectVerdicts(subject)
      let wanted = Wanted(evaluator: Evaluator(subject))
      let every = judge.table.paths.shortestWitnesses().values.compactMap { BytePath($0) }
      let name = random.generator.pick(["b", "a", "x.so", ".h"])
      let isOwner = random.generator.pick([nil, true, false])
      for _ in 0..<3 {
        let source = random.event().source
        let (set, sets) = random.generator.pick([
          (PathOperations.exec, [PathOperation.exec]), ([.read, .write], [.read, .write]),
        ])
        for _ in 0..<2 {
          let any = judge.decide(
            PartialEvent(source: .known(source), accesses: [.path([set], .unknown(""))], isOwner: isOwner)
          )
          let named = judge.decide(
            PartialEvent(source: .known(source), accesses: [.path([set], .named(Array(name.utf8)))], isOwner: isOwner)
          )
          for owner in [true, false] {
            let actual = isOwner ?? owner
            let all = wanted.of([source], every.map { path in sets.map { .path($0, path) } }, isOwner: actual)
            #expect(complaint(owner ? any.owner : any.other, all, judge.table) == nil)
            // Of every path with that name its verdict is there, and no other verdict than of some path.
            let found = Set((owner ? named.owner : named.other).verdicts)
            #expect(!found.isEmpty && found.isSubset(of: all.map(\.verdict)))
            for _ in 0..<10 {
              let parent = random.path()
              let bytes = (parent == .root ? [] : parent.bytes) + Array("/\(name)".utf8)
              guard let path = BytePath(bytes) else { continue }
              let one = wanted.of([source], [sets.map { .path($0, path) }], isOwner: actual)
              #expect(one.allSatisfy { found.contains($0.verdict) }, "\(path)")
            }
          }
        }
      }
    }
  }

  /// A walk that stops early finds the label that a whole one finds.
  @Test func walks() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    for _ in 0..<200 {
      let table = try DecisionTable(random.subject(maximumRules: 16))
      let walk = try #require(ClassifierWalk(table.paths, outside: 0))
      for path in table.paths.shortestWitnesses().values.compactMap({ BytePath($0) }) {
        #expect(walk.label(of: path.bytes) == table.paths.label(of: path.bytes))
      }
      for _ in 0..<200 {
        let path = random.path()
        #expect(walk.label(of: path.bytes) == table.paths.label(of: path.bytes), "\(path)")
      }
    }
  }

  /// Lines of our own and of AppArmor's form, of several workloads in batches of any size, against the evaluator.
  @Test func streams() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    var decided = 0
    for round in 0..<24 {
      let subject = random.subject(maximumRules: 16)
      let side = PolicySide(policies: subject.policies, context: ClusterContext())
      let identity = ContainerIdentity(namespace: "default", labels: [], container: "c")
      let evaluator = Evaluator(PolicyJoiner(side).subject(named: "w", container: identity, workload: ""))
      let standard = SubjectQuery.container(namespace: "default", labels: [], container: "c", pod: nil)
      var text = ""
      var events: [Event] = []
      for number in 0..<200 {
        let event = random.event()
        let audit = event.source == nil ? "" : RecordText.apparmor(event)
        if !audit.isEmpty, random.generator.chance(50) {
          text += audit.replacingOccurrences(of: ".123:45)", with: ".123:\(number))") + "\n"
        } else {
          let label = random.generator.pick(["a", "b", "c"])
          let subject =
            ",\"subject\":{\"namespace\":\"default\",\"labels\":{\"n\":\"\(label)\"},\"container\":\"c\"}}\n"
          text += RecordText.own(event).dropLast() + subject
        }
        events.append(event)
      }
      let replay = Replay(WorkloadRulings(side, standard: standard))
      var rest = events[...]
      for batch in Lines.batches(Array(text.utf8), size: round % 2 == 0 ? 1 << 20 : 700) {
        for (_, line) in replay.replay(batch) {
          if case .companion = line { continue }
          let next = rest.popFirst()
          let event = try #require(next)
          guard case .judged(_, let now, nil) = line, let found = now.decision else {
            Issue.record("\(event): \(line)")
            continue
          }
          #expect(found == evaluator.decide(event), "\(event)")
          decided += 1
        }
      }
      #expect(rest.isEmpty)
    }
    #expect(decided == 24 * 200)
  }
}
