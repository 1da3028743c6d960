import Analysis
import Foundation
import IR
import Testing
import _PolicyTestSupport

/// What is said of a record against the reference evaluator, over all events that the record stands for.
@Suite struct SubjectVerdictsTests {
  private static let families: [UInt16] = [2, 10, 17, 1]
  private static let types: [UInt8] = [1, 2, 3, 4, 5, 6, 10]
  private static let protocols: [UInt16] = [0, 1, 58, 132]

  private func verdicts(_ set: VerdictSet) -> Set<Verdict> { Set(set.verdicts) }

  @Test func knownEvents() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    for _ in 0..<60 {
      let subject = random.subject()
      let (judge, evaluator) = (try SubjectVerdicts(subject), Evaluator(subject))
      for _ in 0..<60 {
        var event = random.event()
        let (one, same) = judge.decide(PartialEvent(event))
        let wanted = evaluator.decide(event)
        #expect(one == same && verdicts(one) == [wanted.verdict])
        #expect(one[wanted.verdict].map(judge.table.decision) == wanted, "\(event)")
        // Without the owner: both.
        let (owner, other) = judge.decide(PartialEvent(event, isOwnerKnown: false))
        event.isOwner = true
        #expect(verdicts(owner) == [evaluator.decide(event).verdict])
        event.isOwner = false
        #expect(verdicts(other) == [evaluator.decide(event).verdict])
      }
    }
  }

  /// A source, an operation, a socket's parts that are not known, several accesses at once: exactly the verdicts of the
  /// events that fit.
  @Test func partialEvents() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    let sources = RandomPolicy.sourcePaths.map { BytePath($0) } + [nil, BytePath("/zz/none")]
    for _ in 0..<60 {
      // Sources of system calls may be directories, of which this list of sources knows nothing.
      var subject = random.subject()
      subject.policies = subject.policies.map { policy in
        var policy = policy
        policy.rules.removeAll { $0.resourceClass == .syscalls }
        return policy
      }
      let (judge, evaluator) = (try SubjectVerdicts(subject), Evaluator(subject))
      func wanted(_ sources: [BytePath?], _ accesses: [[Access]], isOwner: Bool) -> Set<Verdict> {
        Set(
          sources.flatMap { source in
            accesses.map { all in
              all.map { evaluator.decide(Event(source: source, access: $0, isOwner: isOwner)).verdict }
                .max { $0.rawValue < $1.rawValue } ?? .allow
            }
          }
        )
      }
      for _ in 0..<20 {
        let path = random.path()
        let partial = PartialEvent(
          source: .unknown(""),
          accesses: [.path(PathOperations.someOpen, .known(path))],
          isOwner: false
        )
        let alternatives: [[Access]] = [
          [.path(.read, path)], [.path(.write, path)], [.path(.read, path), .path(.write, path)],
        ]
        #expect(verdicts(judge.decide(partial).other) == wanted(sources, alternatives, isOwner: false))

        let (a, b) = (random.path(), random.path())
        let two = PartialEvent(
          source: .oneOf([nil, BytePath("/bin/s")]),
          accesses: [.path([.exec], .oneOf([a, b])), .network(PartialSocket(families: [1], type: 1, protocols: [0]))]
        )
        let socket = Access.network(Socket(family: 1, type: 1, protocolNumber: 0))
        #expect(
          verdicts(judge.decide(two).owner)
            == wanted(
              [nil, BytePath("/bin/s")],
              [[.path(.exec, a), socket], [.path(.exec, b), socket]],
              isOwner: true
            )
        )
      }
      let open = PartialSocket(families: nil, type: 3, protocols: nil)
      let all = SubjectVerdictsTests.families.flatMap { family in
        SubjectVerdictsTests.protocols.map { number -> [Access] in
          [.network(Socket(family: family, type: 3, protocolNumber: number))]
        }
      }
      let partial = PartialEvent(source: .known(nil), accesses: [.network(open)])
      #expect(verdicts(judge.decide(partial).owner) == wanted([nil], all, isOwner: true))
    }
  }

  /// Of a path only its last component: every path that ends so has a verdict that is in the set, and each verdict in it
  /// has such a path.
  @Test func namedPaths() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    for _ in 0..<60 {
      let subject = random.subject()
      let (judge, evaluator) = (try SubjectVerdicts(subject), Evaluator(subject))
      let name = Array("b".utf8)
      let partial = PartialEvent(source: .known(nil), accesses: [.path([.write], .named(name))], isOwner: true)
      let found = verdicts(judge.decide(partial).owner)
      #expect(!found.isEmpty)
      for _ in 0..<60 {
        let parent = random.path()
        let bytes = (parent == .root ? [] : parent.bytes) + [UInt8(ascii: "/")] + name
        guard let path = BytePath(bytes) else { continue }
        #expect(found.contains(evaluator.decide(Event(source: nil, access: .path(.write, path))).verdict), "\(path)")
      }
    }
  }

  /// Batches in any cut come to the same totals, in any order of the threads.
  @Test func talliesAddUp() throws {
    var random = RandomPolicy(SeededGenerator.fresh(ProcessInfo.processInfo.environment))
    let subject = random.subject()
    let side = PolicySide(policies: subject.policies, context: ClusterContext())
    let old = PolicySide(policies: Array(subject.policies.prefix(1)), context: ClusterContext())
    let query = SubjectQuery.container(namespace: "default", labels: [], container: "c", pod: nil)
    var text = ""
    for _ in 0..<400 {
      text += random.generator.chance(50) ? random.event().description : RecordText.alert(random.event(), .camel)
      text += "\n"
    }
    func total(_ size: Int) -> ReplayTally {
      let replay = Replay(WorkloadRulings(side, standard: query), against: WorkloadRulings(old, standard: query))
      var tally = ReplayTally()
      for batch in Lines.batches(Array(text.utf8), size: size) {
        var part = BatchTally()
        for (number, line) in replay.replay(batch) { part.add(number, line) }
        tally.add(part.finished())
      }
      return tally
    }
    let (one, many) = (total(1 << 20), total(100))
    #expect(one.lines == 400 && one.events > 300)
    #expect(one.outcomes == many.outcomes && one.subjects == many.subjects && one.deciders == many.deciders)
    #expect(one.changes == many.changes && one.recorded == many.recorded && one.reasons == many.reasons)
    #expect(one.noAccess == many.noAccess && one.unparsed == many.unparsed && one.forms == many.forms)
  }
}
