import Foundation
import Testing

/// `armorc explain` as people and programs run it.
@Suite struct ExplainTests {
  /// A subject with every kind of decision: block, yield, posture, flags.
  private static let policy = Sample.policy(
    "files",
    """
      file:
        matchPaths:
          - path: /etc/shadow
            action: Block
          - path: /etc/shadow
            action: Allow
            readOnly: true
            fromSource:
              - path: /usr/bin/login
        matchDirectories:
          - dir: /srv/
            recursive: true
            action: Allow
            ownerOnly: true
          - dir: /var/log/
            action: Audit
      process:
        matchPaths:
          - path: /usr/bin/curl
            action: Block
            severity: 7

    """
  )

  private func scratch() throws -> Scratch {
    let directory = try Scratch()
    try directory.write("web.yaml", ExplainTests.policy)
    try directory.write(
      "cart.yaml",
      Sample.policy("net", app: "cart", "  action: Block\n  network: {matchProtocols: [{protocol: udp}]}\n")
    )
    return directory
  }

  private func lines(_ outcome: Command.Outcome) throws -> [[String: Any]] {
    try outcome.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(outcome.all)")
    }
  }

  @Test func tellsWhoDecidedAndWhyOthersDidNot() async throws {
    let directory = try scratch()
    let outcome = try await Command.run(
      ["explain", "web.yaml", "--event", "read /etc/shadow from /usr/bin/login as other", "--subject", "shop.web"],
      in: directory
    )
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.all)")
    #expect(
      outcome.output
        == """
        allow read /etc/shadow from /usr/bin/login as other
              shop.web (pods with app=web in namespace shop)

          decided by 'shop/files': Allow read of /etc/shadow, no write from /usr/bin/login
              --> web.yaml:14:15
               |
            14 |       - path: /etc/shadow
               |               ^^^^^^^^^^^
          covered too by
            web.yaml:12 Block read and write of /etc/shadow
              yields: web.yaml:14 names the source and allows
          'file' is an allow-list by web.yaml:14: what no rule allows is audited (default posture)
          AppArmor and BPF decide the same

        """,
      "\(outcome.output)"
    )
  }

  @Test func jsonHoldsTheDecision() async throws {
    let directory = try scratch()
    func answer(_ event: String, _ more: String...) async throws -> [String: Any] {
      let outcome = try await Command.run(
        ["explain", "web.yaml", "--event", event, "--format", "json"] + more,
        in: directory
      )
      #expect(outcome.status == 0, "\(outcome.all)")
      return try #require(try lines(outcome).first)
    }
    let blocked = try await answer("exec /usr/bin/curl from /bin/sh")
    #expect(blocked["verdict"] as? String == "block" && blocked["policy"] as? String == "files")
    #expect(blocked["rule"] as? String == "spec.process.matchPaths[0]" && blocked["version"] as? Int == 1)
    let place = try #require(blocked["location"] as? [String: Any])
    #expect(place["file"] as? String == "web.yaml" && place["line"] as? Int == 28, "\(place)")
    let posture = try await answer("read /etc/passwd", "--posture", "file=block")
    #expect(posture["verdict"] as? String == "block" && posture["policy"] as? String == "DefaultPosture")
    #expect(posture["rule"] is NSNull && posture["location"] is NSNull)
    let free = try await answer("network tcp")
    #expect(free["verdict"] as? String == "allow" && free["policy"] is NSNull)
  }

  @Test func recordsHaveSubjectsAndPosturesOfTheirOwn() async throws {
    let directory = try scratch()
    try directory.write(
      "events.jsonl",
      """
      {"id": "one", "event": "write /srv/a as other", "subject": "shop/app=web:main"}
      {"id": "two", "event": {"op": "read", "path": "/x"}, "namespace": "shop", "labels": {"app": "web"}, "posture": {"file": "block"}}
      {"id": "three", "event": {"op": "read", "path": "/srv/a", "isOwner": null}, "subject": "shop.web"}
      {"id": "four", "event": "network udp", "subject": "shop.cart", "posture": "block"}
      {"id": "five", "event": "exec /a", "subject": "host:n1"}

      """
    )
    for input in [nil, try directory.text("events.jsonl")] {
      let outcome = try await Command.run(
        ["explain", "web.yaml", "cart.yaml", "--event-json", input == nil ? "events.jsonl" : "-", "--format", "json"],
        in: directory,
        input: input
      )
      #expect(outcome.status == 0, "\(outcome.all)")
      let answers = try lines(outcome)
      #expect(answers.compactMap { $0["id"] as? String } == ["one", "two", "three", "four", "five"])
      #expect(answers.compactMap { $0["verdict"] as? String } == ["block", "block", "allow", "block", "allow"])
      let other = try #require(answers[2]["asOther"] as? [String: Any])
      #expect(other["verdict"] as? String == "block")
      #expect(answers[0]["asOther"] == nil)
    }
    let inline = try await Command.run(
      ["explain", "web.yaml", "--event-json", #"{"event": "exec /usr/bin/curl"}"#, "--format", "json"],
      in: directory
    )
    #expect(try lines(inline).first?["verdict"] as? String == "block")
  }

  /// Arguments, exit status, and what standard error has to say; standard output stays empty.
  @Test(arguments: [
    (["--event", "raed /x"], 2, "did you mean 'read'?"), (["--event", "read x/y"], 2, "write '/x/y'"),
    (["--event", "exec /a", "--subject", "shop.wbe"], 2, "did you mean 'shop.web'?"),
    (["--event", "exec /a", "--subject", "nothing-like-it"], 2, "there are shop.web"),
    (["--event", "exec /a", "--subject", "a=b"], 2, "need a namespace"),
    (["--who-can", "write"], 2, "a path is missing"),
    (["--who-can", "write /a from /b"], 2, "all sources"), (["--who-can", "write /a[b"], 2, "["),
    (["--event", "exec /a", "--who-can", "write /a"], 2, "different things"),
    (["--event", "exec /a", "--class", "file"], 2, "--class"), (["--class", "fil"], 2, "fil"),
    (["--event-json", "missing.json"], 3, "missing.json"), (["--event-json", "{"], 2, "no JSON"),
    (["--event-json", "bad.json"], 3, "bad.json:2: event 'exec b'"), (["nowhere"], 3, "nowhere"),
    (["broken.yaml", "--event", "exec /a"], 3, "have errors"), (["-", "--event-json", "-"], 2, "standard input"),
    (["--event-json", #"{"event": "exec /a", "subject": "shop.wbe"}"#], 3, "did you mean 'shop.web'?"),
    (["twice.yaml", "--event", "exec /a"], 3, "defined twice"),
  ])
  func mistakesEndWithTheirStatus(_ arguments: [String], _ status: Int32, _ words: String) async throws {
    let directory = try Scratch()
    try directory.write("web.yaml", ExplainTests.policy)
    try directory.write("broken.yaml", Sample.broken)
    try directory.write("twice.yaml", ExplainTests.policy + "---\n" + ExplainTests.policy)
    try directory.write("bad.json", "{\"event\": \"exec /a\"}\n{\"event\": \"exec b\"}\n")
    let hasPath = ["nowhere", "broken.yaml", "twice.yaml", "-"].contains(arguments.first ?? "")
    let outcome = try await Command.run(
      ["explain"] + (hasPath ? [] : ["web.yaml"]) + arguments,
      in: directory,
      input: ""
    )
    #expect(outcome.status == status && outcome.errors.contains(words), "\(outcome.all)")
    #expect(outcome.output.isEmpty, "\(outcome.all)")
  }

  @Test func wholeSubjectsAreReadOffTheTable() async throws {
    let directory = try scratch()
    let outcome = try await Command.run(["explain", "web.yaml", "--posture", "file=block"], in: directory)
    #expect(
      outcome.output == """
        shop.web (pods with app=web in namespace shop)
          by shop/files

          execute: what is not listed is allowed
            block /usr/bin/curl (web.yaml:28)

          read: an allow-list: what is not listed is blocked (web.yaml:14, default posture)
            from any source, unless named below
              block /etc/shadow (web.yaml:12)
              block as other: /srv{,/**} (web.yaml:20)
              allow as owner: /srv{,/**} (web.yaml:20)
            from /usr/bin/login, else as any other source
              allow /etc/shadow (web.yaml:14)

          write: an allow-list: what is not listed is blocked (web.yaml:14, default posture)
            block /etc/shadow (web.yaml:12)
            block as other: /srv{,/**} (web.yaml:20)
            allow as owner: /srv{,/**} (web.yaml:20)

          connect: anything

          capabilities: anything

        """,
      "\(outcome.output)"
    )
    let json = try await Command.run(["explain", "web.yaml", "--class", "process", "--format", "json"], in: directory)
    let sections = try #require(try lines(json).first?["sections"] as? [[String: Any]])
    #expect(sections.compactMap { $0["class"] as? String } == ["process"])
  }

  @Test func whoCanNamesSubjectsAndSources() async throws {
    let directory = try scratch()
    let outcome = try await Command.run(
      ["explain", "web.yaml", "cart.yaml", "--posture", "file=block", "--who-can", "read /etc/shadow"],
      in: directory
    )
    #expect(
      outcome.output == """
        read /etc/shadow
          shop.cart
            allow from any source: nothing speaks of it
          shop.web
            allow from /usr/bin/login: Allow read of /etc/shadow, no write from /usr/bin/login (web.yaml:14)
        2 subjects can, none cannot

        """,
      "\(outcome.output)"
    )
    let json = try await Command.run(
      ["explain", "web.yaml", "cart.yaml", "--who-can", "network udp", "--format", "json"],
      in: directory
    )
    #expect(try lines(json).compactMap { $0["can"] as? Bool } == [false, true])
  }

  /// Where the profiles cannot do what the policy says, the very event tells.
  @Test func tellsWhatAppArmorDoesInstead() async throws {
    let directory = try Scratch()
    try directory.write("vault.yaml", Sample.looser)
    func enforcer(_ event: String) async throws -> [String: Any] {
      let outcome = try await Command.run(
        ["explain", "vault.yaml", "--event", event, "--format", "json"],
        in: directory
      )
      return try #require(try lines(outcome).first?["apparmor"] as? [String: Any], "\(outcome.all)")
    }
    let first = try await enforcer("read /etc/keys/a")
    #expect(first["verdict"] as? String == "allow" && first["exact"] as? Bool == false, "\(first)")
    let shell = try await enforcer("read /etc/keys/a from /bin/sh")
    #expect(shell["verdict"] as? String == "block" && shell["exact"] as? Bool == true, "\(shell)")
    let text = try await Command.run(["explain", "vault.yaml", "--event", "read /etc/keys/a"], in: directory)
    #expect(text.output.contains("AppArmor allows it: "), "\(text.all)")
  }

  private static let shared = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")

  /// Upstream's decisions, all in one run.
  @Test func everyRowOfTheOracle() async throws {
    let oracle = ExplainTests.shared.appendingPathComponent("oracle/upstream-scenarios.json")
    guard FileManager.default.fileExists(atPath: oracle.path) else {
      print("ExplainTests: no oracle beside the project; nothing was asked")
      return
    }
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: oracle)) as? [String: Any]
    let rows = try #require(object?["rows"] as? [[String: Any]])
    let corpus = ExplainTests.shared.appendingPathComponent("corpus/policies/KubeArmor").path
    let files = Set(rows.flatMap { $0["policies"] as? [String] ?? [] }).sorted().map { corpus + "/" + $0 }
    let outcome = try await Command.run(
      ["explain"] + files + ["--event-json", oracle.path, "--format", "json"],
      in: Scratch()
    )
    #expect(outcome.status == 0, "\(outcome.errors)")
    let answers = try lines(outcome)
    #expect(answers.count == rows.count && rows.count == 218)
    for (row, answer) in zip(rows, answers) where row["armorc"] as? String != "native" {
      let id = row["id"] as? String
      #expect(answer["id"] as? String == id)
      #expect(answer["verdict"] as? String == row["armorc"] as? String, "\(id ?? ""): \(answer)")
    }
  }
}
