import Analysis
import Automata
import Backends
import Foundation
import Frontend
import IR
import Testing
import _PolicyTestSupport

/// `diff --enforcer apparmor`: what a change does on nodes.
@Suite struct EnforcerComparisonTests {
  private struct Sides {
    let pair: SubjectPair
    let builds: [SubjectBuild]
    let enforced: [EnforcedSubject]
    let maps: [VerdictMap]

    init(_ old: SubjectPolicy, _ new: SubjectPolicy, _ floor: Floor = .none) throws {
      pair = SubjectPair(name: new.name, presence: .both, old: old, new: new)
      builds = try [old, new].map {
        try SubjectBuild($0, BuildOptions(apparmor: AppArmorBackend.Options(floor: floor)))
      }
      enforced = try builds.map { try EnforcedSubject($0) }
      maps = try enforced.map { try $0.verdicts() }
    }

    func diff(_ policy: SubjectDiff? = nil) throws -> SubjectDiff {
      let sides = zip(enforced, maps).map { enforced, map in
        EnforcedSide(
          map: map,
          inexact: Set(enforced.exactness.filter { $0.label != .exact }.map(\.origin)),
          replay: { enforced.verdict($0) },
          reason: { enforced.answer($0).reason }
        )
      }
      let none = SubjectDiff(name: pair.name, description: "", presence: .both)
      return try EnforcerComparison().compare(pair, policy: policy ?? none, old: sides[0], new: sides[1])
    }

    /// Random events, and one for each corner of both automata.
    func events(_ random: inout RandomPolicy) -> [Event] {
      var events = (0..<200).map { _ in random.event() }
      let sources =
        [nil, BytePath("/bin/sh")] + maps.flatMap { $0.table.sources.paths.flatMap { $0 } }.map(Optional.some)
      for map in maps {
        for (label, bytes) in map.paths.shortestWitnesses() where label != 0 {
          guard let path = BytePath(bytes) else { continue }
          for operation in PathOperation.allCases {
            let source = random.generator.pick(sources)
            events.append(
              Event(source: source, access: .path(operation, path), isOwner: random.generator.chance(50))
            )
          }
        }
      }
      return events.filter { event in
        switch event.access {
        case .syscall: false
        // Only sockets that some kernel opens.
        case .network(let socket): maps[0].isOpenable[SocketCell(socket).index] && socket.family != 24
        default: true
        }
      }
    }
  }

  /// Every event lies in one region if its verdict changes, and in none if it does not. `verdict` is that of a side.
  /// Returns how many changed.
  private func check(_ diff: SubjectDiff, _ events: [Event], _ verdict: (Int, Event) -> Verdict) -> Int {
    let matchers = diff.entries.map { ($0, $0.regions.map(RegionMatcher.init)) }
    var changed = 0
    for event in events {
      let (old, new) = (verdict(0, event), verdict(1, event))
      let found = matchers.flatMap { entry, regions in regions.filter { $0.holds(event) }.map { _ in entry } }
        .filter { $0.resourceClass == event.access.resourceClass }
      if old == new {
        #expect(found.isEmpty, "\(event) is \(old) on both sides")
      } else {
        changed += 1
        #expect(found.count == 1, "\(event): \(old) to \(new), found \(found.count) times")
        #expect(found.first?.old == old && found.first?.new == new, "\(event)")
      }
    }
    return changed
  }

  private func isExact(_ diff: SubjectDiff) -> Bool {
    diff.entries.flatMap(\.regions).allSatisfy { region in
      if case .paths(_, let language) = region.objects { language.isExact } else { true }
    }
  }

  /// Two random subjects that have about half of their rules in common.
  private func subjects(_ random: inout RandomPolicy) -> (SubjectPolicy, SubjectPolicy) {
    let old = random.subject(maximumRules: 6)
    var new = random.subject(maximumRules: 6)
    for index in new.policies.indices where index < old.policies.count && random.generator.chance(60) {
      new.policies[index] = old.policies[index]
      if random.generator.chance(60) { new.policies[index].rules.removeFirst() }
    }
    return (old, new)
  }

  @Test func regionsAreTheWholeDifference() throws {
    var random = RandomPolicy(.fresh(ProcessInfo.processInfo.environment))
    var compared = 0
    var changed = 0
    for index in 0..<24 {
      let (old, new) = subjects(&random)
      let sides = try Sides(old, new, index % 2 == 0 ? .none : .runtimeDefault)
      let diff = try sides.diff()
      #expect(diff.problem == nil)
      guard isExact(diff) else { continue }
      compared += 1
      changed += check(diff, sides.events(&random)) { sides.enforced[$0].verdict($1) }
      for witness in diff.entries.flatMap(\.regions).flatMap(\.witnesses) {
        #expect(witness.enforced?.oldPolicy == sides.builds[0].table.decide(witness.event).verdict)
        #expect(witness.enforced?.newPolicy == sides.builds[1].table.decide(witness.event).verdict)
      }
    }
    #expect(compared > 15 && changed > 250, "\(compared) \(changed)")
  }

  /// Where both sides are enforced as written, the enforcer changes what the policies change.
  @Test func exactSidesChangeAsThePoliciesDo() throws {
    var random = RandomPolicy(.fresh(ProcessInfo.processInfo.environment))
    var compared = 0
    var changed = 0
    for _ in 0..<40 {
      let (old, new) = subjects(&random)
      let sides = try Sides(old, new)
      guard sides.builds.allSatisfy(\.differences.isEmpty) else { continue }
      let diff = try sides.diff()
      guard isExact(diff) else { continue }
      compared += 1
      let evaluators = [Evaluator(old), Evaluator(new)]
      changed += check(diff, sides.events(&random)) { evaluators[$0].decide($1).verdict }
    }
    #expect(compared > 8 && changed > 60, "\(compared) \(changed)")
  }

  @Test func nothingChangesAgainstItself() throws {
    var random = RandomPolicy(.fresh(ProcessInfo.processInfo.environment))
    for _ in 0..<10 {
      let (old, _) = subjects(&random)
      var shuffled = old
      for index in shuffled.policies.indices { shuffled.policies[index].rules.reverse() }
      #expect(try Sides(old, shuffled).diff().entries.isEmpty)
    }
  }

  // MARK: Policies that are not exact

  private static let inexact = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "docs/inexact")

  private func subject(_ text: String, _ postures: PartialPostures = PartialPostures()) throws -> SubjectPolicy {
    let loaded = Frontend.load(sources: [("policy.yaml", Array(text.utf8))])
    try #require(!loaded.hasErrors)
    return try #require(
      Resolution(policies: loaded.policies.map(\.policy), context: loaded.clusterContext(postures: postures)).subjects
        .first
    )
  }

  /// A change of a policy and what it does: by the policies, and on nodes.
  struct Case: Sendable {
    let file: String
    let edits: [(String, String)]
    var posture: Posture?
    /// Event, enforced before and after, policies before and after.
    let expected: [(Event, [Verdict])]
  }

  private static func network(_ family: UInt16, _ type: UInt8, _ number: UInt16) -> Event {
    Event(source: nil, access: .network(Socket(family: family, type: type, protocolNumber: number)))
  }

  private static func path(_ operation: PathOperation, _ path: String, _ source: String? = nil) -> Event {
    Event(
      source: source.flatMap { BytePath($0) },
      access: .path(operation, BytePath(path) ?? .root),
      isOwner: false
    )
  }

  private static let tcp = network(2, 1, 6)
  private static let udp = network(2, 2, 17)
  private static let ping = network(2, 3, 1)
  private static let sctp = network(2, 1, 132)
  private static let dccp = network(2, 6, 0)
  private static let key = "/etc/vault/keys/a"
  private static let agent = "/usr/bin/vault-agent"

  static let cases: [Case] = [
    // SCTP alone blocks every IP socket already: that ICMP is no longer blocked changes nothing on nodes.
    Case(
      file: "protocols",
      edits: [("      - protocol: icmp\n", "")],
      expected: [(ping, [.block, .block, .block, .allow]), (udp, [.block, .block, .allow, .allow])]
    ),
    // Without SCTP, TCP comes back, which no policy ever blocked.
    Case(
      file: "protocols",
      edits: [("      - protocol: sctp\n", "")],
      expected: [
        (tcp, [.block, .allow, .allow, .allow]), (sctp, [.block, .allow, .block, .allow]),
        (udp, [.block, .block, .allow, .allow]), (ping, [.block, .block, .block, .block]),
      ]
    ),
    Case(
      file: "protocols",
      edits: [("action: Block", "action: Audit")],
      expected: [(tcp, [.block, .audit, .allow, .allow]), (ping, [.block, .audit, .block, .audit])]
    ),
    // What is written exactly stays so: TCP is exchanged for UDP.
    Case(
      file: "audited-network",
      edits: [("protocol: tcp", "protocol: udp")],
      expected: [
        (tcp, [.allow, .audit, .allow, .audit]), (udp, [.audit, .allow, .audit, .allow]),
        (dccp, [.block, .block, .audit, .audit]),
      ]
    ),
    // DCCP is refused under posture 'audit' too.
    Case(
      file: "audited-network",
      edits: [],
      posture: .block,
      expected: [
        (dccp, [.block, .block, .audit, .block]), (udp, [.audit, .block, .audit, .block]),
        (tcp, [.allow, .allow, .allow, .allow]),
      ]
    ),
    // The first process has the rights of all sources: what only the agent is given, it gets.
    Case(
      file: "only-one-reader",
      edits: [("readOnly: true", "readOnly: false")],
      expected: [
        (path(.write, key), [.block, .allow, .block, .block]), (path(.read, key), [.allow, .allow, .block, .block]),
        (path(.write, key, agent), [.block, .allow, .block, .allow]),
        (path(.write, key, "/bin/sh"), [.block, .block, .block, .block]),
      ]
    ),
    // A second reader changes nothing for the first process, which reads already.
    Case(
      file: "only-one-reader",
      edits: [
        (
          "          - path: /usr/bin/vault-agent\n",
          "          - path: /usr/bin/vault-agent\n          - path: /bin/cat\n"
        )
      ],
      expected: [
        (path(.read, key), [.allow, .allow, .block, .block]),
        (path(.read, key, "/bin/cat"), [.block, .allow, .block, .allow]),
      ]
    ),
    // Nobody reads: now the first process cannot either.
    Case(
      file: "only-one-reader",
      edits: [
        (
          """
                - dir: /etc/vault/keys/
                  readOnly: true
                  action: Allow
                  fromSource:
                    - path: /usr/bin/vault-agent

          """, ""
        )
      ],
      expected: [
        (path(.read, key), [.allow, .block, .block, .block]),
        (path(.read, key, agent), [.allow, .block, .allow, .block]),
      ]
    ),
    // The other way round: to open the directory to everybody changes nothing for the first process.
    Case(
      file: "only-one-reader",
      edits: [("      - dir: /etc/vault/keys/\n        action: Block\n", "")],
      expected: [
        (path(.read, key), [.allow, .allow, .block, .allow]),
        (path(.read, key, "/bin/sh"), [.block, .allow, .block, .allow]),
        (path(.write, key, "/bin/sh"), [.block, .allow, .block, .allow]),
        (path(.write, key), [.block, .allow, .block, .allow]),
      ]
    ),
  ]

  @Test(arguments: cases.indices) func showsTheTrueEffect(_ number: Int) throws {
    let one = EnforcerComparisonTests.cases[number]
    let file = EnforcerComparisonTests.inexact.appending(path: one.file + ".yaml")
    let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    var edited = text
    for (old, new) in one.edits { edited = edited.replacing(old, with: new) }
    try #require(edited != text || one.posture != nil)
    let postures = PartialPostures(file: one.posture, network: one.posture, capabilities: one.posture)
    let sides = try Sides(try subject(text), try subject(edited, postures), .runtimeDefault)
    let diff = try sides.diff()
    let matchers = diff.entries.flatMap { entry in entry.regions.map { (entry, RegionMatcher($0)) } }
    for (event, verdicts) in one.expected {
      let policies = [sides.pair.old, sides.pair.new].map { Evaluator($0).decide(event).verdict }
      #expect(policies == Array(verdicts[2...]), "\(event)")
      let entries = matchers.filter { $0.1.holds(event) }.map(\.0)
        .filter { $0.resourceClass == event.access.resourceClass }
      #expect(
        entries.map { [$0.old, $0.new] } == (verdicts[0] == verdicts[1] ? [] : [Array(verdicts[..<2])]),
        "\(event)"
      )
    }
  }

  /// A program that may not be read any more is killed as it starts, where the exec adds a profile.
  @Test func killedProgramsShow() throws {
    func subject(_ rules: [Rule]) -> SubjectPolicy {
      let id = PolicyID(kind: .host, namespace: "", name: "rules")
      let place = Location(file: "rules.yaml", line: 1, column: 1)
      let selector = Selector.nodes(NodeSelector(labels: [LabelPair("pool", "a")]))
      let numbered = rules.enumerated().map { index, rule in
        var rule = rule
        rule.origin = Origin(policy: id, position: index, path: "spec[\(index)]", location: place)
        return rule
      }
      return SubjectPolicy(
        name: "host.a",
        subject: .selection(selector),
        policies: [Policy(id: id, selector: selector, rules: numbered, location: place)],
        postures: Postures()
      )
    }
    let place = Location(file: "rules.yaml", line: 1, column: 1)
    let origin = Origin(
      policy: PolicyID(kind: .host, namespace: "", name: "rules"),
      position: 0,
      path: "",
      location: place
    )
    let (tool, shell) = (try #require(BytePath("/usr/bin/t")), try #require(BytePath("/usr/bin/s")))
    let audit = Rule(target: .file(.literal(shell)), sources: [.literal(shell)], action: .audit, origin: origin)
    let block = Rule(target: .file(.literal(tool)), action: .block, origin: origin)
    let diff = try Sides(subject([audit]), subject([audit, block])).diff()
    let process = try #require(diff.entries.first { $0.resourceClass == .process })
    #expect(process.old == .allow && process.new == .block && process.cause.kind == .enforcer)
    #expect(process.cause.new?.target == block.target)
    let witness = try #require(process.regions.first?.witnesses.first)
    #expect(witness.event.source == shell && witness.event.access == .path(.exec, tool), "\(witness.event)")
    #expect(witness.enforced?.newPolicy == .allow)
    #expect(witness.enforced?.newReason.contains("killed as it starts") == true, "\(witness)")
    #expect(diff.entries.contains { $0.resourceClass == .file && $0.old == .allow && $0.new == .block })
  }
}
