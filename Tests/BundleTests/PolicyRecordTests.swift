import Automata
import Bundle
import Foundation
import IR
import Testing
import _PolicyTestSupport

@Suite struct PolicyRecordTests {
  private static let place = Location(file: "a \"b\"\n\u{7f}\u{2028}é.yaml", line: 7, column: 3)

  /// Every part of every type that a record can hold, bytes that are no text among them.
  private static var everything: SubjectPolicy {
    let id = PolicyID(kind: .cluster, namespace: "", name: "all\u{1F600}")
    var position = 0
    func origin() -> Origin {
      position += 1
      return Origin(policy: id, position: position * 2, path: "spec.file.matchPaths[\(position)]", location: place)
    }
    let odd = BytePath([0x2F, 0xFF, 0x22, 0x0A, 0x5C]) ?? .root
    let globs = ["/a/*", "/{a,b}[^c]**", "/\\x41"].compactMap { try? Glob(Array($0.utf8)) }
    let sets: [PathSet] =
      [
        .literal(odd), .literal(.root), .basename([0xFE, 0x20]), .directory(odd, recursive: true, includesSelf: false),
        .directory(.root, recursive: false, includesSelf: true),
      ] + globs.map(PathSet.glob) + [(try? Glob([0x2F, 0x80, 0x2A])).map(PathSet.glob) ?? .literal(.root)]
    var rules = sets.map { Rule(target: .file($0), action: .block, readOnly: true, origin: origin()) }
    rules += sets.map {
      Rule(
        target: .process($0),
        sources: [.literal(odd), .literal(.root)],
        action: .allow,
        ownerOnly: true,
        origin: origin()
      )
    }
    rules += NetworkProtocol.allCases.map { Rule(target: .network($0), action: .audit, severity: 10, origin: origin()) }
    rules += Capability.allCases.map {
      Rule(target: .capability($0), action: .allow, tags: ["t", ""], message: "m\t\u{0}\u{1f}", origin: origin())
    }
    rules += sets.map {
      Rule(target: .syscall(["open", "_sysctl"], path: $0), sources: [$0], action: .audit, origin: origin())
    }
    for condition in [
      Rule.Condition(pts: true, allowedArguments: []), Rule.Condition(pts: nil, allowedArguments: ["-l", "\\"]),
    ] {
      rules.append(Rule(target: .process(sets[0]), action: .block, condition: condition, origin: origin()))
    }
    let selector = Selector.pods(
      PodSelector(
        namespaces: NamespaceSet(excluded: ["kube-system", "a"]),
        labels: [LabelPair("app", "x=y"), LabelPair("app", "z"), LabelPair("", "")],
        expressions: [
          LabelExpression(.in, [LabelPair("a", "1"), LabelPair("b", "2")]),
          LabelExpression(.notIn, [LabelPair("c", "3")]),
          LabelExpression(.in, []),
        ],
        containers: ["one", "two"]
      )
    )
    let policies = [
      Policy(
        id: id,
        selector: selector,
        rules: rules,
        nativeAppArmor: NativeText(text: "  deny ptrace,\n\t\"x\"", location: place),
        notCompiled: ResourceClass.allCases.map {
          NotCompiled(resourceClass: $0, what: "what \($0)", reason: "why", origin: origin())
        },
        location: place
      ),
      Policy(
        id: PolicyID(kind: .host, namespace: "", name: "all"),
        selector: .nodes(NodeSelector(labels: [LabelPair("a", "b")], hostNames: ["n2", "n1"])),
        rules: [],
        location: place
      ),
      Policy(id: PolicyID(kind: .network, namespace: "n", name: ""), selector: .nothing, rules: [], location: place),
    ]
    return SubjectPolicy(
      name: "shop.web",
      subject: .selection(selector),
      policies: policies,
      postures: Postures(file: .allow, network: .audit, capabilities: .block),
      visibility: [.process, .network],
      base: .runtimeV1
    )
  }

  private static var subjects: [SubjectPolicy] {
    let identity = ContainerIdentity(namespace: "shop", labels: [LabelPair("k", "v")], container: "c")
    let empty = PodSelector(namespaces: .one("shop"))
    return [
      everything,
      SubjectPolicy(
        name: "a",
        subject: .container(workload: "CronJob/a/b", identity),
        policies: [],
        postures: Postures()
      ),
      SubjectPolicy(
        name: "b",
        subject: .host(HostIdentity(name: "n", labels: [])),
        policies: [],
        postures: Postures()
      ),
      SubjectPolicy(name: "c", subject: .selection(.pods(empty)), policies: [], postures: Postures()),
      SubjectPolicy(name: "d", subject: .selection(.nodes(NodeSelector())), policies: [], postures: Postures()),
      SubjectPolicy(name: "e", subject: .selection(.nothing), policies: [], postures: Postures()),
    ]
  }

  private func check(_ subject: SubjectPolicy, _ comment: Comment? = nil) throws {
    let text = PolicyRecord.json(subject)
    let again = try PolicyRecord.subject(json: text)
    #expect(again == subject, comment)
    // Locations are equal to each other, so equal subjects are not all: their texts must be equal too.
    #expect(PolicyRecord.json(again) == text, comment)
  }

  @Test func readsBackWhatItWrote() throws {
    for subject in PolicyRecordTests.subjects { try check(subject) }
  }

  @Test func isJSONForOthersToo() throws {
    for subject in PolicyRecordTests.subjects {
      let value = try JSONSerialization.jsonObject(with: Data(PolicyRecord.json(subject))) as? [String: Any]
      #expect(value?["name"] as? String == subject.name)
    }
  }

  @Test func readsBackRandomSubjects() throws {
    var random = RandomPolicy(.fresh(ProcessInfo.processInfo.environment))
    for _ in 0..<500 { try check(random.subject(maximumRules: 12)) }
  }

  /// Whatever bytes are changed, dropped or doubled: it reads, or says what is wrong and where; and what it reads has one
  /// text.
  @Test func mutatedTextsNeverTrap() throws {
    var random = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    let texts = PolicyRecordTests.subjects.map { PolicyRecord.json($0) }
    let pieces = [
      "\"", "{", "}", "[", "]", ",", ":", "\\", "\\u", "\\ud83d", "0", "-", "null", "true", "1e9", "\u{0}", "/",
    ]
    var refused = 0
    for _ in 0..<3_000 {
      var bytes = random.pick(texts)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: random.pick(pieces).utf8, at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
        }
        if bytes.isEmpty { bytes = [0x7B] }
      }
      do throws(PolicyRecordError) {
        let subject = try PolicyRecord.subject(json: bytes)
        let text = PolicyRecord.json(subject)
        #expect(try PolicyRecord.json(PolicyRecord.subject(json: text)) == text)
      } catch {
        refused += 1
        #expect(!error.problems.isEmpty && error.problems.allSatisfy { !$0.message.isEmpty && $0.line >= 0 })
      }
    }
    #expect(refused > 1_000)
  }

  private static let sound = """
    {"format": 1, "name": "a", "subject": {"kind": "host", "name": "n", "labels": []},
    "postures": {"file": "audit", "network": "audit", "capabilities": "audit"},
    "policies": [{"kind": "KubeArmorHostPolicy", "name": "p", "location": ["f", 1, 1],
    "selector": {"kind": "nodes", "labels": []}, "rules": [
    {"position": 0, "path": "x", "location": ["f", 2, 3], "action": "Block", "file": {"path": "/a"}}
    ]}]}
    """

  @Test(
    arguments: [
      ("\"/a\"", "\"a\""), ("\"/a\"", "\"/a/../b\""), ("\"/a\"", "\"/a\\u0000\""), ("\"/a\"", "{\"hex\": \"2f6\"}"),
      ("\"/a\"", "{\"hex\": \"zz\"}"), ("\"/a\"", "7"), ("{\"path\": \"/a\"}", "{\"pattern\": \"/[a\"}"),
      ("{\"path\": \"/a\"}", "{\"name\": \"a/b\"}"), ("{\"path\": \"/a\"}", "{\"dir\": \"/a\"}"),
      ("{\"path\": \"/a\"}", "{}"), ("{\"path\": \"/a\"}", "{\"path\": \"/a\", \"more\": 1}"),
      ("\"file\": {\"path\": \"/a\"}", "\"capability\": \"CAP_NET_RAW\""),
      ("\"file\": {\"path\": \"/a\"}", "\"network\": \"TCP\""),
      ("\"file\": {\"path\": \"/a\"}", "\"syscalls\": [\"open\"]"),
      ("\"file\": {\"path\": \"/a\"}", "\"severity\": 1"),
      ("\"file\":", "\"process\": {\"path\": \"/b\"}, \"file\":"), ("\"file\":", "\"severity\": 11, \"file\":"),
      ("\"file\":", "\"sources\": [{\"name\": \"b\"}], \"file\":"), ("\"file\":", "\"unknown\": 1, \"file\":"),
      ("\"file\":", "\"action\": \"Allow\", \"file\":"), ("\"Block\"", "\"block\""),
      ("\"position\": 0", "\"position\": -1"),
      ("\"position\": 0", "\"position\": 1.5"), ("\"position\": 0", "\"position\": 99999999999999999999"),
      ("[\"f\", 2, 3]", "[\"f\", 2]"), ("[\"f\", 2, 3]", "[\"f\", 0, 3]"), ("\"format\": 1", "\"format\": 2"),
      ("\"format\": 1, ", ""), ("\"name\": \"a\"", "\"name\": \"../a\""), ("\"file\": \"audit\"", "\"file\": \"deny\""),
      ("KubeArmorHostPolicy", "base list"), ("\"kind\": \"nodes\"", "\"kind\": \"pods\""),
      ("\"labels\": []}, \"rules\"", "\"labels\": [[\"a\"]]}, \"rules\""),
      ("\"policies\"", "\"base\": \"no-v9\", \"policies\""),
      ("\"kind\": \"host\"", "\"kind\": \"container\""), ("]}]}", "]}]} x"), ("]}]}", "]}]"),
    ]
  )
  func refusesWhatItDoesNotKnow(_ old: String, _ new: String) throws {
    #expect(try PolicyRecord.subject(json: Array(PolicyRecordTests.sound.utf8)).policies.count == 1)
    let text = PolicyRecordTests.sound.replacing(old, with: new)
    try #require(text != PolicyRecordTests.sound)
    #expect(throws: PolicyRecordError.self) { try PolicyRecord.subject(json: Array(text.utf8)) }
  }

  @Test func reportsAllProblemsWithTheirPlaces() throws {
    let text = PolicyRecordTests.sound.replacing("\"/a\"", with: "\"a\"").replacing("\"Block\"", with: "\"Deny\"")
      .replacing("\"file\": \"audit\"", with: "\"file\": \"deny\"")
    do throws(PolicyRecordError) {
      _ = try PolicyRecord.subject(json: Array(text.utf8))
      Issue.record("nothing was refused")
    } catch {
      #expect(error.problems.map(\.line) == [2, 5, 5])
      #expect(error.problems.map(\.column) == [22, 65, 90])
      #expect(!error.hasMore)
    }
  }

  @Test func deepAndLongTextsAreRefused() throws {
    for text in [String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000)] {
      #expect(throws: PolicyRecordError.self) { try PolicyRecord.subject(json: Array(text.utf8)) }
    }
    let rule =
      "{\"position\": 0, \"path\": \"x\", \"location\": [\"f\", 2, 3], \"action\": \"Block\", \"file\": {\"path\": \"a\"}},"
    let many = PolicyRecordTests.sound.replacing(
      "{\"position\"",
      with: String(repeating: rule, count: 300) + "{\"position\""
    )
    do throws(PolicyRecordError) {
      _ = try PolicyRecord.subject(json: Array(many.utf8))
      Issue.record("nothing was refused")
    } catch {
      #expect(error.hasMore && error.problems.count == PolicyRecord.maximumProblems)
    }
  }
}
