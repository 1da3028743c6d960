import Automata
import Backends
import Foundation
import IR
import Runtime
import Testing
import _PolicyTestSupport

/// What AppArmor does: the map of all events against the walk of one, and both against policies and differences.
@Suite struct EnforcedTests {
  private func events(_ table: DecisionTable, _ map: VerdictMap, _ random: inout RandomPolicy) -> [Event] {
    var events = (0..<300).map { _ in random.event() }
    // A path of every label, so that no corner of the automaton is missed.
    for (label, bytes) in map.paths.shortestWitnesses() where label != 0 {
      guard let path = BytePath(bytes) else { continue }
      for operation in PathOperation.allCases {
        for source in [nil] + table.sources.paths.dropFirst().map(\.first) {
          for isOwner in [false, true] {
            events.append(Event(source: source, access: .path(operation, path), isOwner: isOwner))
          }
        }
      }
    }
    return events
  }

  /// For random subjects the map says of every event what a walk through the profiles says, and differs from the policies
  /// only where the build declared it.
  @Test func theMapSaysWhatTheWalkSays() throws {
    var random = RandomPolicy(.fresh(ProcessInfo.processInfo.environment))
    var checked = 0
    var deviating = 0
    for index in 0..<60 {
      let subject = random.subject(maximumRules: 6)
      let floor: Floor = index % 3 == 0 ? .runtimeDefault : .none
      let build = try SubjectBuild(subject, BuildOptions(apparmor: AppArmorBackend.Options(floor: floor)))
      let enforced = try EnforcedSubject(build)
      let map = try enforced.verdicts()
      for event in events(build.table, map, &random) {
        guard let verdict = map.verdict(event) else { continue }
        if case .network(let socket) = event.access,
          !SocketKey(family: socket.family, type: socket.type).isOpenable
        {
          continue
        }
        checked += 1
        #expect(verdict == enforced.verdict(event), "\(event)")
        let answer = enforced.answer(event)
        #expect(answer.verdict == verdict && answer.policy == build.table.decide(event))
        #expect(answer.isExact == answer.reason.isEmpty, "\(answer)")
        if answer.isExact { continue }
        deviating += 1
        let isFloored = answer.reason.contains("the floor")
        #expect(isFloored || !build.differences.isEmpty, "\(answer)")
        #expect(isFloored || !answer.rules.isEmpty, "\(answer)")
      }
    }
    #expect(checked > 15_000 && deviating > 100, "\(checked) \(deviating)")
  }

  /// Where nothing differs, AppArmor does what the policies say, on every label of the map.
  @Test func exactSubjectsAreEnforcedAsWritten() throws {
    var random = RandomPolicy(.fresh(ProcessInfo.processInfo.environment))
    var exact = 0
    for _ in 0..<60 {
      let subject = random.subject(maximumRules: 6)
      let build = try SubjectBuild(subject, BuildOptions(apparmor: AppArmorBackend.Options(floor: .none)))
      guard build.differences.isEmpty else { continue }
      exact += 1
      let map = try EnforcedSubject(build).verdicts()
      for actor in 0..<map.actorCount {
        let source = map.sourceClass(ofActor: actor)
        for (label, pathClass) in map.pathClasses.enumerated() where label != 0 {
          for operation in PathOperation.allCases {
            for isOwner in [false, true] {
              #expect(
                map.verdict(actor: actor, label: UInt32(label), operation, isOwner: isOwner)
                  == build.table.cell(source: source, path: pathClass, operation, isOwner: isOwner).verdict
              )
            }
          }
        }
        for cell in SocketCell.all where map.isOpenable[cell.index] {
          #expect(map.verdict(actor: actor, cell) == build.table.cell(source: source, cell).verdict)
        }
        for capability in Capability.allCases {
          #expect(map.verdict(actor: actor, capability) == build.table.cell(source: source, capability).verdict)
        }
      }
    }
    #expect(exact > 20)
  }

  /// The parser's binary gives the same map as our model.
  @Test func compiledProfilesGiveTheSameMap() throws {
    guard let parser = AppArmorParser.locate(features: KernelFeatures.text) else { return }
    var random = RandomPolicy(.fresh(ProcessInfo.processInfo.environment))
    for _ in 0..<15 {
      let subject = random.subject(maximumRules: 6)
      let build = try SubjectBuild(subject)
      let model = try EnforcedSubject(build)
      let binary = try EnforcedSubject(
        build,
        compiled: parser.compile(build.apparmor.textWithoutNative.bytes),
        enter: build.apparmor.entryLabel
      )
      let (mine, theirs) = (try model.verdicts(), try binary.verdicts())
      for event in events(build.table, mine, &random) {
        #expect(mine.verdict(event) == theirs.verdict(event), "\(event)")
      }
    }
  }

  private func enforced(_ rules: [Rule], host: Bool = false, _ floor: Floor = .runtimeDefault) throws -> EnforcedSubject
  {
    let build = try SubjectBuild(
      profileSubject("x", rules, host: host),
      BuildOptions(apparmor: AppArmorBackend.Options(floor: floor))
    )
    return try EnforcedSubject(build)
  }

  private func event(_ access: Access, from source: String? = nil, owner: Bool = false) -> Event {
    Event(source: source.flatMap { BytePath($0) }, access: access, isOwner: owner)
  }

  @Test func reasonsAreGiven() throws {
    let udp = Access.network(
      Socket(family: SocketNumber.inet, type: SocketNumber.dgram, protocolNumber: SocketNumber.udp)
    )
    let ping = try enforced([profileRule(.network(.icmp), .block)]).answer(event(udp))
    #expect(ping.verdict == .block && ping.policy.verdict == .allow && !ping.isExact)
    #expect(ping.reason.contains("by family and type"), "\(ping)")
    #expect(ping.rules.map(\.label) == [.stricter])

    let secret = Access.path(.read, try #require(BytePath("/k/a")))
    let reader = try enforced([
      profileRule(.file(directory("/k")), .block),
      profileRule(.file(directory("/k")), .allow, from: ["/bin/agent"]),
      profileRule(.file(directory("/", recursive: true)), .allow),
    ])
    let first = reader.answer(event(secret))
    #expect(first.verdict == .allow && first.policy.verdict == .block, "\(first)")
    #expect(first.reason.contains("first process"), "\(first)")
    for (source, verdict) in [("/bin/agent", Verdict.allow), ("/bin/sh", .block)] {
      let answer = reader.answer(event(secret, from: source))
      #expect(answer.isExact && answer.verdict == verdict, "\(answer)")
    }

    let floored = try enforced([]).answer(event(.path(.write, try #require(BytePath("/proc/sysrq-trigger")))))
    #expect(floored.verdict == .block && floored.policy.verdict == .allow)
    #expect(floored.reason.contains("'runtime-default'"), "\(floored)")
    #expect(try enforced([], .none).answer(floored.event).isExact)

    let call = try enforced([profileRule(.syscall(["open"], path: nil), .audit)]).answer(event(.syscall("open", nil)))
    #expect(call.verdict == .allow && call.policy.verdict == .audit && call.rules.map(\.label) == [.unsupported])

    // The program may be executed, and the profile that the exec adds may not read it.
    let killed = try enforced(
      [
        profileRule(.file(literal("/bin/t")), .block, from: ["/bin/t"]),
        profileRule(.file(literal("/bin/u")), .block),
      ],
      host: false
    ).answer(event(.path(.exec, try #require(BytePath("/bin/u"))), from: "/bin/t"))
    #expect(killed.policy.verdict == .allow, "\(killed)")

    let unreachable = try enforced([
      profileRule(.process(literal("/bin/a")), .allow), profileRule(.file(literal("/x")), .block, from: ["/bin/b"]),
    ]).answer(event(.path(.read, try #require(BytePath("/x"))), from: "/bin/b"))
    #expect(unreachable.notes.contains { $0.contains("nothing confined may execute") }, "\(unreachable)")
  }
}
