import Diagnostics
import Frontend
import IR
import Testing

/// Files of tests: what they mean, and every mistake in its place.
@Suite struct TestFileTests {
  /// Reads a source with markers and compares all its findings.
  @discardableResult
  private func check(
    _ source: String,
    _ expected: [Expected] = [],
    at location: SourceLocation = #_sourceLocation
  ) -> FileResult {
    let (bytes, offsets) = unmarked(source)
    let result = Frontend.readTests(name: "a.test.yaml", bytes: bytes, index: 0)
    let found = result.diagnostics.map {
      "\($0.severity.rawValue) \($0.code) at \($0.span.map { Int($0.start) } ?? -1)"
    }
    let wanted = expected.map { "\($0.severity.rawValue) \($0.code.rawValue) at \(offsets[$0.marker] ?? -1)" }
    #expect(
      found.sorted() == wanted.sorted(),
      "\(TextRenderer().render(result.diagnostics, SourceMap([result.file])))",
      sourceLocation: location
    )
    return result
  }

  /// One test with these entries under `expect`.
  private func file(_ entries: String, top: String = "") -> String {
    top + "subject: shop/app=web:nginx\ntests:\n- name: a test\n  expect:\n"
      + entries.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n")
      + "\n"
  }

  private func expectations(_ source: String) throws -> [PolicyExpectation] {
    try #require(check(source).tests.first?.suite.tests.first).expectations
  }

  private func path(_ text: String) throws -> BytePath { try #require(BytePath(text)) }

  @Test func theWholeFormat() throws {
    let result = check(
      """
      policies: [web.yaml, ../cluster]
      posture: {file: block, network: allow}
      base: runtime-v1
      subject: shop/app=web,tier=front:nginx
      tests:
        - name: nobody reads the key
          expect:
            - block: read /etc/shadow from /bin/cat as other
              by: shop/web spec.file.matchPaths[0]
            - allow: network inet stream tcp
              by: web.yaml:17
        - name: another
          subject: host:worker-1/pool=a
          posture: {file: audit}
          base: none
          expect: [{audit: exec /bin/sh, by: DefaultPosture}, {allow: capability kill, by: nothing}]
      """
    )
    let suite = try #require(result.tests.first?.suite)
    #expect(suite.policies == ["web.yaml", "../cluster"])
    #expect(suite.tests.map(\.name) == ["nobody reads the key", "another"])
    #expect(suite.tests.map(\.subject.description) == ["shop/app=web,tier=front:nginx", "host:worker-1/pool=a"])
    #expect(
      suite.tests[0].settings
        == PolicyTestSettings(postures: PartialPostures(file: .block, network: .allow), base: .list(.runtimeV1))
    )
    #expect(
      suite.tests[1].settings
        == PolicyTestSettings(postures: PartialPostures(file: .audit, network: .allow), base: .none)
    )
    let first = suite.tests[0].expectations
    #expect(first.map(\.verdict) == [.block, .allow])
    #expect(
      first[0].events == [
        Event(source: try path("/bin/cat"), access: .path(.read, try path("/etc/shadow")), isOwner: false)
      ]
    )
    #expect(first[0].decider == .rule(policy: "shop/web", path: "spec.file.matchPaths[0]"))
    #expect(first[1].decider == .place(file: "web.yaml", line: 17))
    #expect(first[0].location.line == 8)
    #expect(suite.tests[1].expectations.map(\.decider) == [.posture, .nothing])
    #expect(result.tests.first?.isIncomplete == false)
  }

  /// Without `as` an expectation speaks of either owner; sockets and capabilities have none.
  @Test func whoseTheObjectIs() throws {
    let found = try expectations(
      file("- allow: read /a\n- allow: read /a as owner\n- allow: read /a from /b as other\n- allow: network tcp")
    )
    #expect(found.map { $0.events.map(\.isOwner) } == [[true, false], [true], [false], [true]])
    #expect(
      found.map(\.eventText) == ["read /a", "read /a as owner", "read /a from /b as other", "network inet stream tcp"]
    )
  }

  /// Recorded events are taken as they are; null does not matter.
  @Test func eventsFieldByField() throws {
    let found = try expectations(
      file(
        """
        - allow: {op: exec, path: /bin/a b, source: null, isOwner: null, args: [-r], tty: false}
        - block: {op: write, path: /, source: /bin/sh, isOwner: false}
        - audit: {op: network, network: {family: inet, type: dgram, protocol: icmp}, source: /bin/ping}
        - audit: {op: network, network: {family: 40, type: 1, protocol: null}, path: null}
        - block: {op: capability, capability: net_raw, source: null}
        - audit: {op: syscall, syscall: unlink, path: /etc}
        """
      )
    )
    let texts = [
      "exec \"/bin/a b\"", "write / from /bin/sh as other", "network inet dgram icmp from /bin/ping",
      "network vsock stream", "capability net_raw", "syscall unlink /etc",
    ]
    #expect(found.map(\.eventText) == texts)
    #expect(found.map(\.events.count) == [2, 1, 1, 1, 1, 1])
  }

  @Test(arguments: [
    ("- allow: 1️⃣raed /a", FrontendCode.badEvent), ("- allow: read 1️⃣a", .badEvent),
    ("- allow: \"read 1️⃣a\"", .badEvent), ("- allow: 'read /a as 1️⃣me'", .badEvent),
    ("- allow: read /a as owner 1️⃣as other", .badEvent), ("- allow: capability 1️⃣net_row", .badEvent),
    ("- allow: network 1️⃣inot stream", .badEvent), ("- allow: read /a 1️⃣frm /b", .badEvent),
    ("- allow: 1️⃣\"read\\x20a\"", .badEvent), ("- allow: 1️⃣|\n    raed /a", .badEvent),
    ("- allow: {op: 1️⃣raed, path: /a}", .badEvent), ("- allow: {op: 1️⃣read, source: /a}", .missingField),
    ("- allow: {op: read, path: 1️⃣a}", .badPath), ("- allow: {op: read, path: 1️⃣/a/}", .pathWithSlash),
    ("- allow: {op: read, path: /a, isOwner: 1️⃣maybe}", .wrongType),
    ("- allow: {op: network, network: {family: 1️⃣inot, type: stream}}", .badEvent),
    ("- allow: {op: network, network: {family: 1️⃣99999999, type: stream}}", .outOfRange),
    ("- allow: {op: read, path: /a, 1️⃣pth: /b}", .unknownField),
    ("- 1️⃣deny: read /a", .unknownField), ("- 1️⃣by: nothing", .noVerdict), ("- 1️⃣read /a", .noVerdict),
    ("- allow: read /a\n  1️⃣block: read /b", .noVerdict), ("- 1️⃣allow:", .emptyValue),
    ("- allow: 1️⃣[read /a, read /b]", .wrongType), ("- allow: 1️⃣7", .wrongType),
    ("- allow: read /a\n  by: 1️⃣a b c", .badDecider), ("- allow: read /a\n  1️⃣rule: a", .unknownField),
    ("- 1️⃣[]", .wrongType),
  ])
  func mistakesInExpectations(_ entry: String, _ code: FrontendCode) {
    let result = check(file(entry), [Expected("1️⃣", code)])
    #expect(!result.tests.contains { !$0.isIncomplete })
  }

  @Test(arguments: [
    ("1️⃣tests: []x", FrontendCode.brokenFlow), ("1️⃣policies: [a]", .missingField), ("tests: 1️⃣[]", .emptyTest),
    ("tests:\n- name: a\n  subject: a\n  expect: 1️⃣[]", .emptyTest), ("tests:\n- 1️⃣name: a\n  subject: b", .missingField),
    ("tests:\n- name: 1️⃣a\n  expect: [{allow: read /a}]", .missingField),
    ("tests:\n- 1️⃣subject: a\n  expect: [{allow: read /a}]", .missingField),
    ("kind: 1️⃣KubeArmorPolicy\napiVersion: security.kubearmor.com/v1", .objectInTestFile),
    ("kind: 1️⃣Pod", .objectInTestFile), ("1️⃣- name: a\n  subject: b", .wrongType), ("1️⃣hello", .wrongType),
    ("policies: 1️⃣[]\ntests:\n- {name: a, subject: b, expect: [{allow: read /a}]}", .emptyList),
    ("policies: 1️⃣web.yaml\ntests:\n- {name: a, subject: b, expect: [{allow: read /a}]}", .wrongType),
    ("posture: {file: 1️⃣Block}\ntests:\n- {name: a, subject: b, expect: [{allow: read /a}]}", .badTestPosture),
    ("posture: {1️⃣process: block}\ntests:\n- {name: a, subject: b, expect: [{allow: read /a}]}", .unknownField),
    ("base: 1️⃣runtime\ntests:\n- {name: a, subject: b, expect: [{allow: read /a}]}", .unknownBase),
    ("1️⃣expect: []\ntests:\n- {name: a, subject: b, expect: [{allow: read /a}]}", .misplacedField),
    ("tests:\n- {name: a, subject: 1️⃣app=b, expect: [{allow: read /a}]}", .badSubject),
    ("tests:\n- {name: a, subject: 1️⃣shop/app, expect: [{allow: read /a}]}", .badSubject),
    ("tests:\n- {name: a, subject: \"1️⃣\", expect: [{allow: read /a}]}", .badSubject),
  ])
  func mistakesAround(_ source: String, _ code: FrontendCode) {
    guard code != .brokenFlow else {
      let result = Frontend.readTests(name: "a.test.yaml", bytes: unmarked(source).bytes, index: 0)
      #expect(!result.diagnostics.isEmpty && !result.tests.contains { !$0.isIncomplete })
      return
    }
    // The empty scalar begins at its quote.
    let offset = source.contains("\"1️⃣\"") ? source.replacing("\"1️⃣\"", with: "1️⃣\"\"") : source
    let result = check(offset, [Expected("1️⃣", code)])
    #expect(!result.tests.contains { !$0.isIncomplete })
  }

  @Test func twoTestsOfOneNameAreWarnedOf() {
    let one = "{name: a, subject: b, expect: [{allow: read /a}]}"
    let result = check(
      "tests:\n- \(one)\n- \(one.replacing("name: a", with: "name: 1️⃣a"))",
      [Expected("1️⃣", .duplicateTest, .warning)]
    )
    #expect(result.tests.first?.isIncomplete == false && result.tests.first?.suite.tests.count == 2)
  }

  /// Everything wrong is said at once.
  @Test func allMistakesOfAFile() {
    check(
      """
      posture: {file: 1️⃣blok}
      tests:
      - name: a
        subject: 2️⃣a=b
        expect:
        - allow: 3️⃣raed /a
        - 4️⃣deny: read /a
      - name: b
        5️⃣expct: [{allow: read /a}]
      """.replacing("name: b", with: "name: 6️⃣b"),
      [
        Expected("1️⃣", .badTestPosture), Expected("2️⃣", .badSubject), Expected("3️⃣", .badEvent),
        Expected("4️⃣", .unknownField), Expected("5️⃣", .unknownField), Expected("6️⃣", .missingField),
      ]
    )
  }

  @Test func aFileWithoutATest() {
    #expect(
      Frontend.readTests(name: "a.test.yaml", bytes: Array("# nothing\n".utf8), index: 0).diagnostics.map(\.code) == [
        "ARM4002"
      ]
    )
    #expect(Frontend.readTests(name: "a.test.yaml", bytes: [], index: 0).diagnostics.map(\.code) == ["ARM4002"])
  }

  /// Other commands pass over files of tests, but not over what would be lost in them.
  @Test func passingOver() {
    let tests = Array("tests: [{broken".utf8)
    let policy = Array(FrontendTestsSample.policy.utf8)
    for name in ["a.test.yaml", "b/c.test.yml"] {
      #expect(Frontend.load(sources: [(name, tests)]).diagnostics.isEmpty)
      let lost = Frontend.load(sources: [(name, policy)])
      #expect(lost.diagnostics.map(\.code) == ["ARM4001"] && lost.policies.isEmpty)
    }
    #expect(Frontend.load(sources: [("test.yaml", policy)]).policies.count == 1)
    #expect(!Frontend.holdsObjects(tests) && Frontend.holdsObjects(policy))
    let read = Frontend.read(name: "a.test.yaml", bytes: tests, index: 0, tests: .read)
    #expect(!read.diagnostics.isEmpty)
  }

  /// What a named decider stands for.
  @Test func deciders() {
    let id = PolicyID(kind: .pod, namespace: "shop", name: "web")
    let origin = Origin(
      policy: id,
      position: 3,
      path: "spec.file.matchPaths[1]",
      location: Location(file: "a/web.yaml", line: 9, column: 5)
    )
    let names = [
      "web", "shop/web", "shop/web spec.file.matchPaths[1]", "web spec.file.matchPaths[1]", "web.yaml:9",
      "a/web.yaml:9",
      "./web.yaml:9", "../a/web.yaml:9",
    ]
    for name in names { #expect(DeciderReference(name)?.holds(for: .rule(origin)) == true, "\(name)") }
    let others = [
      "shop", "other/web", "shop/web spec.file.matchPaths[0]", "web.yaml:8", "eb.yaml:9", "b/web.yaml:9", "nothing",
      "DefaultPosture",
    ]
    for name in others { #expect(DeciderReference(name)?.holds(for: .rule(origin)) == false, "\(name)") }
    #expect(DeciderReference("DefaultPosture")?.holds(for: .posture(.file)) == true)
    #expect(DeciderReference("nothing")?.holds(for: .nothing) == true)
    #expect(DeciderReference("nothing")?.holds(for: .posture(.file)) == false)
    #expect(DeciderReference("") == nil && DeciderReference("a b c") == nil)
  }
}

private enum FrontendTestsSample {
  static let policy = """
    apiVersion: security.kubearmor.com/v1
    kind: KubeArmorPolicy
    metadata: {name: a}
    spec: {file: {matchPaths: [{path: /a}]}}
    """
}
