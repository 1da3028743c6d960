import Foundation
import Testing

@Suite struct SimulateTests {
  private static let policy = Sample.policy(
    "programs",
    """
      action: Block
      process:
        matchPaths:
          - path: /bin/sh
          - path: /usr/bin/curl
            action: Audit
          - path: /opt/tool
            ownerOnly: true

    """
  )

  private static func alert(_ path: String, _ app: String = "web", _ more: String = "") -> String {
    #"{"Type":"ContainerLog","NamespaceName":"shop","Labels":"app=\#(app)","ContainerName":"nginx","#
      + #""ParentProcessName":"/usr/sbin/nginx","Operation":"Process","Resource":"\#(path)","Result":"Passed"\#(more)}"#
      + "\n"
  }

  private static let stream =
    alert("/bin/sh") + alert("/usr/bin/curl") + alert("/bin/true") + alert("/opt/tool") + alert("/bin/sh", "other")
    + "what is this\n" + #"{"Type":"SystemEvent","Operation":"AlertThreshold"}"# + "\n"

  private func scratch(_ stream: String = SimulateTests.stream) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("policies/policy.yaml", SimulateTests.policy)
    try scratch.write("events.jsonl", stream)
    return scratch
  }

  private func simulate(_ scratch: Scratch, _ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(["simulate", "policies", "--events", "events.jsonl"] + arguments, in: scratch)
  }

  @Test func aLineForEachEvent() async throws {
    let outcome = try await simulate(scratch())
    #expect(outcome.status == 0, "\(outcome.all)")
    let rule = "shop/programs spec.process.matchPaths"
    #expect(
      outcome.output
        == """
             1  block  exec /bin/sh from /usr/sbin/nginx  (shop.web; \(rule)[0] (policies/policy.yaml:13); recorded: allow)
             2  audit  exec /usr/bin/curl from /usr/sbin/nginx  (shop.web; \(rule)[1] (policies/policy.yaml:14); recorded: allow)
             3  allow  exec /bin/true from /usr/sbin/nginx  (shop.web; no rule)
             4  ?      exec /opt/tool from /usr/sbin/nginx  (shop.web; allow as owner, block as other)
             5  allow  exec /bin/sh from /usr/sbin/nginx  (shop/app=other:nginx; no policy applies)
             6  !      not understood: expected a JSON object, an audit record or an event such as 'read /etc/shadow from /bin/cat'
             7  -      a notice of KubeArmor's own (alerts are throttled)

        """.replacing("(shop.web;", with: "(shop/app=web:nginx;"),
      "\(outcome.all)"
    )
    #expect(outcome.errors.contains("7 lines: 5 events (5 of KubeArmor), 1 block, 1 audit"), "\(outcome.all)")
  }

  @Test func jsonLines() async throws {
    let outcome = try await simulate(scratch(), "--format", "json")
    let lines = try outcome.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
    }
    #expect(lines.count == 8)
    #expect(lines[0]["verdict"] as? String == "block" && lines[0]["policy"] as? String == "shop/programs")
    #expect((lines[0]["location"] as? [String: Any])?["line"] as? Int == 13)
    #expect((lines[0]["recorded"] as? [String: Any])?["verdict"] as? String == "allow")
    #expect(lines[3]["verdict"] is NSNull && lines[3]["asOther"] as? String == "block")
    #expect(lines[5]["unparsed"] is String && lines[6]["noAccess"] is String)
    let summary = try #require(lines[7]["summary"] as? [String: Any])
    #expect(summary["events"] as? Int == 5 && summary["unparsed"] as? Int == 1)
  }

  @Test func summary() async throws {
    let outcome = try await simulate(scratch(), "--summary")
    for text in [
      "7 lines: 5 events", "shop/programs spec.process.matchPaths[0] (policies/policy.yaml:13)",
      "it depends on the owner",
      "recorded allow, would be block: line 1, exec /bin/sh from /usr/sbin/nginx", "line 6: expected a JSON object",
    ] {
      #expect(outcome.output.contains(text), "\(text)\n\(outcome.all)")
    }
    #expect(!outcome.output.contains("     1  block"))
  }

  /// The same bytes, however many threads.
  @Test func jobsDoNotMatter() async throws {
    let scratch = try scratch(String(repeating: SimulateTests.stream, count: 3000))
    for options in [["--summary"], [], ["--format", "json"]] {
      let one = try await Command.run(
        ["simulate", "policies", "--events", "events.jsonl", "-j", "1"] + options,
        in: scratch
      )
      let many = try await Command.run(
        ["simulate", "policies", "--events", "events.jsonl", "-j", "7"] + options,
        in: scratch
      )
      #expect(one.output.utf8.count > 500)
      let isSame = one.output == many.output && one.errors == many.errors
      #expect(isSame)
    }
  }

  @Test func against() async throws {
    let scratch = try scratch()
    try scratch.write("old/policy.yaml", SimulateTests.policy.replacing("/bin/sh", with: "/bin/true"))
    let outcome = try await simulate(scratch, "--against", "old")
    #expect(outcome.status == 0, "\(outcome.all)")
    for text in [
      "     1  allow → block  exec /bin/sh", "     3  block → allow  exec /bin/true",
      "2 events changed: 1 looser, 1 tighter", "was: shop/programs spec.process.matchPaths[0] (old/policy.yaml:13)",
      "now: shop/programs spec.process.matchPaths[0] (policies/policy.yaml:13)",
    ] {
      #expect(outcome.output.contains(text), "\(text)\n\(outcome.all)")
    }
    #expect(!outcome.output.contains("curl"))
    for (finding, status) in [("changed", 1), ("looser", 1), ("tighter", 1)] {
      let failing = try await simulate(scratch, "--against", "old", "--fail-on", finding)
      #expect(failing.status == status, "\(finding) \(failing.all)")
    }
    let same = try await simulate(scratch, "--against", "policies", "--fail-on", "changed")
    #expect(same.status == 0 && same.output.contains("no event changes its verdict"), "\(same.all)")
  }

  @Test(arguments: [
    ("blocked", "/bin/sh"), ("audited", "/usr/bin/curl"), ("undetermined", "/opt/tool"), ("differs", "/bin/sh"),
  ])
  func failOn(_ finding: String, _ path: String) async throws {
    let found = try await simulate(scratch(SimulateTests.alert(path)), "--fail-on", finding)
    #expect(found.status == 1, "\(found.all)")
    let clean = try await simulate(scratch(SimulateTests.alert("/bin/true")), "--fail-on", finding)
    #expect(clean.status == 0, "\(clean.all)")
  }

  @Test func failOnUnparsed() async throws {
    #expect(try await simulate(scratch(), "--fail-on", "unparsed").status == 1)
    #expect(try await simulate(scratch(SimulateTests.alert("/bin/sh")), "--fail-on", "unparsed").status == 0)
  }

  @Test func unparsedLinesAreCounted() async throws {
    let scratch = try scratch(String(repeating: "x\n", count: 25))
    let few = try await simulate(scratch, "--summary")
    #expect(few.output.contains("line 10:") && !few.output.contains("line 11:"), "\(few.all)")
    #expect(few.output.contains("and 15 more (--show-unparsed)"), "\(few.all)")
    let all = try await simulate(scratch, "--summary", "--show-unparsed")
    #expect(all.output.contains("    25  !      not understood"), "\(all.all)")
  }

  @Test func wrongUsage() async throws {
    let scratch = try scratch()
    for (arguments, text) in [
      (["policies"], "--events is missing"), (["-", "--events", "-"], "only once"),
      (["policies", "--events", "events.jsonl", "--fail-on", "changed"], "needs --against"),
      (["policies", "--events", "events.jsonl", "--subject", "a=b"], "--subject"),
    ] {
      let outcome = try await Command.run(["simulate"] + arguments, in: scratch)
      #expect(outcome.status == 2 && outcome.errors.contains(text), "\(outcome.all)")
    }
    for (arguments, text) in [
      (["policies", "--events", "nowhere"], "cannot open 'nowhere'"),
      (["policies", "--events", "policies"], "it is a directory"),
      (["policies", "--events", "events.jsonl", "--subject", "shop.we"], "no subject is called 'shop.we'"),
    ] {
      let outcome = try await Command.run(["simulate"] + arguments, in: scratch)
      #expect(outcome.status == 3 && outcome.errors.contains(text), "\(outcome.all)")
    }
    try scratch.write("policies/broken.yaml", Sample.broken)
    let broken = try await simulate(scratch)
    #expect(broken.status == 3 && broken.errors.contains("broken.yaml:12"), "\(broken.all)")
    #expect(broken.output.isEmpty)
  }

  @Test func eventsWithoutWorkload() async throws {
    let scratch = try scratch("exec /bin/sh from /a\n")
    let none = try await simulate(scratch)
    #expect(none.output.contains("the record names no workload (give --subject)"), "\(none.all)")
    for subject in ["shop.web", "shop/app=web:nginx"] {
      let some = try await simulate(scratch, "--subject", subject)
      #expect(some.output.contains("block  exec /bin/sh from /a"), "\(some.all)")
    }
  }

  /// A terminal obeys nothing that stands in an event.
  @Test func namesAreMadeSafe() async throws {
    let outcome = try await simulate(scratch(SimulateTests.alert(#"/a\u001b[31mb"#, #"x\u001b[2J"#)))
    #expect(!outcome.output.contains("\u{1B}"), "\(outcome.all)")
  }

  /// From a pipe that stays open, each event is answered when it comes.
  @Test func aPipeIsAnsweredAtOnce() throws {
    let scratch = try scratch()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = ["--signal=KILL", "900", Command.path, "simulate", "policies", "--events", "-"]
    process.currentDirectoryURL = scratch.url
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    for path in ["/bin/sh", "/bin/true", "/usr/bin/curl"] {
      try input.fileHandleForWriting.write(contentsOf: Data(SimulateTests.alert(path).utf8))
      var line = Data()
      while line.last != UInt8(ascii: "\n") {
        let more = try #require(try output.fileHandleForReading.read(upToCount: 1))
        guard !more.isEmpty else { break }
        line += more
      }
      #expect(String(decoding: line, as: UTF8.self).contains("exec \(path) from"))
    }
    try input.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  /// The night in the shop: what the guide shows.
  @Test func theExample() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let scratch = try Scratch()
    try scratch.link("examples", to: root + "/examples")
    let outcome = try await Command.run(
      [
        "simulate", "examples", "--base", "runtime-v1", "--events", "examples/events/night.jsonl", "--events",
        "examples/events/audit.log",
      ],
      in: scratch
    )
    #expect(outcome.errors.contains("23 lines: 18 events"), "\(outcome.all)")
    #expect(outcome.errors.contains("8 block, 2 audit, 3 allow, 5 undetermined, 1 no access"), "\(outcome.all)")
  }
}
