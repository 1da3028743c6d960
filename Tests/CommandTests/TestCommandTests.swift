import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// `armorc test`, run as people run it.
@Suite struct TestCommandTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static let good = """
    tests:
    - name: nobody reads the passwords
      subject: shop/app=web
      expect:
          - block: read /etc/shadow
            by: shop/no-shadow spec.file.matchPaths[0]
          - allow: read /etc/hosts
            by: nothing

    """

  private func scratch(_ tests: String = good, policy: String = Sample.clean) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("p/policy.yaml", policy)
    try scratch.write("p/policy.test.yaml", tests)
    return scratch
  }

  /// The whole of examples/, in a place where nothing is overwritten.
  private func shop() throws -> Scratch {
    let scratch = try Scratch()
    try FileManager.default.copyItem(
      atPath: TestCommandTests.root.appendingPathComponent("examples").path,
      toPath: scratch.path("examples")
    )
    return scratch
  }

  // MARK: Outcomes

  @Test func passing() async throws {
    let outcome = try await Command.run(["test", "p"], in: scratch())
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(
      outcome.output == """
        ok    p/policy.test.yaml  1 test, 2 expectations
        2 expectations of 1 test in 1 file: 2 passed, 0 failed

        """
    )
    #expect(outcome.errors.isEmpty)
  }

  @Test func aFailureExplainsItself() async throws {
    let tests = TestCommandTests.good.replacing("block: read /etc/shadow", with: "allow: read /etc/shadow")
    let outcome = try await Command.run(["test", "p"], in: scratch(tests))
    #expect(outcome.status == 1, "\(outcome.all)")
    #expect(outcome.output.contains("error[ARM4110]: expected allow, got block\n"), "\(outcome.all)")
    #expect(outcome.output.contains(" --> p/policy.test.yaml:5:16\n"), "\(outcome.all)")
    #expect(outcome.output.contains("::: p/policy.yaml:13:15\n"), "\(outcome.all)")
    #expect(outcome.output.contains("decides: Block read and write of /etc/shadow\n"), "\(outcome.all)")
    #expect(outcome.output.contains("= note: test: nobody reads the passwords\n"), "\(outcome.all)")
    #expect(outcome.output.hasSuffix("2 expectations of 1 test in 1 file: 1 passed, 1 failed\n"), "\(outcome.all)")
  }

  @Test func theWrongDeciderFails() async throws {
    let tests = TestCommandTests.good.replacing(
      "by: shop/no-shadow spec.file.matchPaths[0]",
      with: "by: DefaultPosture"
    )
    let outcome = try await Command.run(["test", "p"], in: scratch(tests))
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains(
        "error[ARM4110]: block as expected, but decided by 'shop/no-shadow spec.file.matchPaths[0]'"
      ),
      "\(outcome.all)"
    )
  }

  /// An expectation without `as` speaks of both owners, and says which one it fails for.
  @Test func bothOwners() async throws {
    let policy = Sample.clean.replacing("- path: /etc/shadow", with: "- path: /etc/shadow\n        ownerOnly: true")
    let outcome = try await Command.run(["test", "p"], in: scratch(policy: policy))
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("it fails for 'read /etc/shadow as owner' alone"), "\(outcome.all)")
  }

  @Test(arguments: [
    ("subject: shop/app=web", "subject: shop.wbe", "ARM4102"), ("by: nothing", "by: shop/no-shdow", "ARM4103"),
    ("by: nothing", "by: shop/no-shadow spec.file.matchPaths[7]", "ARM4103"),
    ("by: nothing", "by: policy.yaml:1", "ARM4103"), ("allow: read", "allow: raed", "ARM4006"),
    ("tests:", "policies: [nowhere]\ntests:", "ARM4101"), ("allow:", "deny:", "ARM1104"),
  ])
  func mistakesKeepAFileFromBeingRun(_ old: String, _ new: String, _ code: String) async throws {
    let outcome = try await Command.run(["test", "p"], in: scratch(TestCommandTests.good.replacing(old, with: new)))
    #expect(outcome.status == 1, "\(outcome.all)")
    #expect(outcome.output.contains("[\(code)]"), "\(outcome.all)")
    #expect(outcome.output.contains("FAIL  p/policy.test.yaml  not run: see above\n"), "\(outcome.all)")
  }

  @Test func policiesWithErrorsKeepAFileFromBeingRun() async throws {
    let outcome = try await Command.run(["test", "p"], in: scratch(policy: Sample.broken))
    #expect(outcome.status == 1 && outcome.output.contains("[ARM1104]"), "\(outcome.all)")
    #expect(outcome.output.contains("not run: its policies have errors\n"), "\(outcome.all)")
    for format in ["junit", "tap", "json"] {
      let outcome = try await Command.run(["test", "p", "--format", format], in: scratch(policy: Sample.broken))
      #expect(outcome.status == 1, "\(outcome.all)")
      #expect((outcome.output + outcome.errors).contains("matchPath"), "\(outcome.all)")
    }
  }

  @Test func aSubjectWithoutPoliciesIsWorthANote() async throws {
    let tests = "tests: [{name: a, subject: shop/app=wbe, expect: [{allow: read /etc/shadow}]}]\n"
    let outcome = try await Command.run(["test", "p"], in: scratch(tests))
    #expect(outcome.status == 0 && outcome.output.contains("note[ARM4104]"), "\(outcome.all)")
  }

  /// The same file means the same wherever the command is started and however it is named.
  @Test func theResultDoesNotDependOnThePath() async throws {
    let scratch = try scratch("policies: [../q/policy.yaml]\n" + TestCommandTests.good)
    try scratch.write("q/policy.yaml", Sample.clean)
    try scratch.write("p/policy.yaml", Sample.broken)
    for path in [".", "p", "p/policy.test.yaml", scratch.path("p")] {
      let outcome = try await Command.run(["test", path], in: scratch)
      #expect(outcome.status == 0, "\(path): \(outcome.all)")
    }
    let input = try await Command.run(["test", "-"], in: scratch, input: "policies: [q]\n" + TestCommandTests.good)
    #expect(input.status == 0, "\(input.all)")
  }

  @Test func filterAndNone() async throws {
    let scratch = try scratch()
    #expect(try await Command.run(["test", "p", "--filter", "PASSWORDS"], in: scratch).status == 0)
    let none = try await Command.run(["test", "p", "--filter", "shadows"], in: scratch)
    #expect(none.status == 3 && none.errors.contains("no test matches --filter 'shadows'"), "\(none.all)")
    try scratch.remove("p/policy.test.yaml")
    let empty = try await Command.run(["test", "p"], in: scratch)
    #expect(empty.status == 3 && empty.errors.contains("no test file"), "\(empty.all)")
    #expect(try await Command.run(["test", "p", "--allow-none"], in: scratch).status == 0)
    #expect(try await Command.run(["test", "nowhere"], in: scratch).status == 3)
  }

  @Test(arguments: [
    ["--require-coverage", "101"], ["--require-killed", "-1"], ["--format", "xml"], ["-o", "a.test.yaml"], ["--force"],
    ["--generate", "--mutate"], ["--generate", "-o", "a.yaml"], ["--generate", "--filter", "a"],
  ])
  func wrongUsage(_ arguments: [String]) async throws {
    let outcome = try await Command.run(["test", "p"] + arguments, in: scratch())
    #expect(outcome.status == 2 && outcome.output.isEmpty, "\(outcome.all)")
  }

  // MARK: Other commands

  /// They pass over files of tests, but not over policies that hide under such a name.
  @Test func otherCommands() async throws {
    let scratch = try scratch()
    #expect(try await Command.run(["lint", "p"], in: scratch).status == 0)
    #expect(try await Command.run(["build", "p", "-o", "out", "--no-check"], in: scratch).status == 0)
    let manifest = try scratch.text("out/manifest.json")
    #expect(!manifest.contains("policy.test.yaml"))
    try scratch.write("p/policy.test.yaml", "tests: [{nmae: a}]\n")
    let lint = try await Command.run(["lint", "p"], in: scratch)
    #expect(lint.status == 1 && lint.output.contains("p/policy.test.yaml:1:10"), "\(lint.all)")
    #expect(try await Command.run(["build", "p", "-o", "out", "--no-check"], in: scratch).status == 0)
    try scratch.write("p/policy.test.yaml", Sample.policy("hidden", "  file: {matchPaths: [{path: /a}]}\n"))
    for arguments in [["lint", "p"], ["build", "p", "-o", "out", "--no-check"], ["test", "p"]] {
      let outcome = try await Command.run(arguments, in: scratch)
      #expect(outcome.status == 1 && outcome.output.contains("[ARM4001]"), "\(outcome.all)")
    }
  }

  // MARK: Formats

  private final class Elements: NSObject, XMLParserDelegate {
    var names: [String: Int] = [:]
    func parser(
      _ parser: XMLParser,
      didStartElement name: String,
      namespaceURI: String?,
      qualifiedName: String?,
      attributes: [String: String]
    ) {
      names[name, default: 0] += 1
    }
  }

  /// Names that would break out of every format.
  private static let hostile = """
    tests:
    - name: "<a> & \\"b\\" # not ok ]]> \\e[31m \\x07 \\uFFFE \\u202E \\n1..9"
      subject: shop/app=web
      expect:
      - allow: read "/a<b>&'#\\001"
      - block: read /etc/hosts
      - allow: read /etc/shadow

    """

  @Test func junit() async throws {
    let outcome = try await Command.run(["test", "p", "--format", "junit"], in: scratch(TestCommandTests.hostile))
    #expect(outcome.status == 1)
    let elements = Elements()
    let parser = XMLParser(data: Data(outcome.output.utf8))
    parser.delegate = elements
    #expect(parser.parse(), "\(outcome.all)")
    #expect(elements.names == ["testsuites": 1, "testsuite": 1, "testcase": 3, "failure": 2], "\(outcome.all)")
    #expect(outcome.output.contains("tests=\"3\" failures=\"2\" errors=\"0\""))
    #expect(!outcome.output.utf8.contains { $0 < 0x20 && $0 != 0x0A }, "\(outcome.all)")
  }

  @Test func tap() async throws {
    let outcome = try await Command.run(
      ["test", "p", "--format", "tap", "--coverage"],
      in: scratch(TestCommandTests.hostile)
    )
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.prefix(2) == ["TAP version 14", "1..3"], "\(outcome.all)")
    let points = lines.filter { $0.hasPrefix("ok ") || $0.hasPrefix("not ok ") }
    #expect(points.map { $0.prefix { $0 != "-" } } == ["ok 1 ", "not ok 2 ", "not ok 3 "], "\(outcome.all)")
    // An unescaped '#' would begin a directive.
    for point in points { #expect(!point.contains(/[^\\]#/), "\(point)") }
    #expect(lines.count { $0 == "  ---" } == 2 && lines.count { $0 == "  ..." } == 2)
    #expect(lines.contains { $0.hasPrefix("# coverage: 1 of 1 ") }, "\(outcome.all)")
    #expect(!outcome.output.utf8.contains { $0 < 0x20 && $0 != 0x0A })
  }

  @Test func json() async throws {
    let outcome = try await Command.run(
      ["test", "p", "--format", "json", "--coverage"],
      in: scratch(TestCommandTests.hostile)
    )
    let object = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(object["version"] as? Int == 1)
    let summary = try #require(object["summary"] as? [String: Int])
    #expect(summary == ["files": 1, "notRun": 0, "tests": 1, "expectations": 3, "failed": 2])
    let files = try #require(object["files"] as? [[String: Any]])
    let tests = try #require(files.first?["tests"] as? [[String: Any]])
    let expectations = try #require(tests.first?["expectations"] as? [[String: Any]])
    #expect(expectations.map { $0["result"] as? String } == ["pass", "fail", "fail"])
    #expect(expectations.map { $0["expected"] as? String } == ["allow", "block", "allow"])
    #expect((object["coverage"] as? [String: Any])?["percent"] as? Int == 100)
  }

  // MARK: Coverage and mutants

  @Test func coverage() async throws {
    let tests = "tests: [{name: a, subject: shop/app=web, expect: [{allow: read /etc/hosts}]}]\n"
    let scratch = try scratch(tests)
    let outcome = try await Command.run(["test", "p", "--coverage"], in: scratch)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("coverage: 0 of 1 rules and default postures"), "\(outcome.all)")
    #expect(
      outcome.output.contains("decided by no expectation:\n  p/policy.yaml:13: Block read and write of /etc/shadow\n")
    )
    #expect(try await Command.run(["test", "p", "--require-coverage", "0"], in: scratch).status == 0)
    let below = try await Command.run(["test", "p", "--require-coverage", "1"], in: scratch)
    #expect(below.status == 1 && below.errors.contains("--require-coverage asks for 1 %"), "\(below.all)")
    try scratch.write("p/policy.test.yaml", TestCommandTests.good)
    #expect(try await Command.run(["test", "p", "--require-coverage", "100"], in: scratch).status == 0)
  }

  /// A survivor comes with a line that kills it when it is pasted.
  @Test func survivorsAreReadyToPaste() async throws {
    let first = TestCommandTests.good.replacing("      - allow: read /etc/hosts\n        by: nothing\n", with: "")
    var tests = first
    let scratch = try scratch(tests)
    for _ in 0..<20 {
      let outcome = try await Command.run(["test", "p", "--mutate"], in: scratch)
      #expect(outcome.status == 0, "\(outcome.all)")
      let lines = outcome.output.split(separator: "\n").map(String.init)
      guard let alive = lines.firstIndex(where: { $0.hasPrefix("alive: ") }) else {
        #expect(tests != first, "something was alive at first")
        #expect(outcome.output.contains(", 0 alive, "))
        #expect(try await Command.run(["test", "p", "--require-killed", "100"], in: scratch).status == 0)
        return
      }
      #expect(try await Command.run(["test", "p", "--require-killed", "100"], in: scratch).status == 1)
      #expect(
        lines[alive].hasPrefix("alive: p/policy.yaml:13: Block read and write of /etc/shadow: "),
        "\(outcome.all)"
      )
      tests += lines[(alive + 2)...].prefix { $0.hasPrefix("      ") }.map { $0 + "\n" }.joined()
      try scratch.write("p/policy.test.yaml", tests)
    }
    Issue.record("mutants keep living: \(tests)")
  }

  @Test func mutantsWaitForPassingTests() async throws {
    let tests = TestCommandTests.good.replacing("block: read", with: "allow: read")
    let outcome = try await Command.run(["test", "p", "--mutate"], in: scratch(tests))
    #expect(outcome.status == 1 && outcome.errors.contains("no mutants were tried"), "\(outcome.all)")
    #expect(!outcome.output.contains("mutants:"))
  }

  // MARK: The shop

  @Test func theShopIsCovered() async throws {
    let outcome = try await Command.run(
      ["test", "examples", "--require-coverage", "100", "--require-killed", "90"],
      in: shop()
    )
    #expect(outcome.status == 0, "\(outcome.all)")
  }

  @Test func theSameBytesAtAnyNumberOfJobs() async throws {
    let scratch = try shop()
    for format in ["text", "json"] {
      let arguments = [
        "test", "examples/policies/web.test.yaml", "examples/policies/shop.test.yaml", "--format", format, "--coverage",
        "--mutate",
      ]
      let one = try await Command.run(arguments + ["-j", "1"], in: scratch)
      let many = try await Command.run(arguments + ["-j", "7"], in: scratch)
      #expect(one.output == many.output && one.errors == many.errors && one.status == 0, "\(format)")
    }
  }

  @Test func generating() async throws {
    let scratch = try shop()
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch.path("examples/policies"))
    where name.hasSuffix(".test.yaml") {
      try scratch.remove("examples/policies/" + name)
    }
    let path = "examples/all.test.yaml"
    let inputs = ["examples/policies/web.yaml", "examples/cluster"]
    let first = try await Command.run(
      ["test", "--generate"] + inputs + ["-o", path, "--base", "runtime-v1"],
      in: scratch
    )
    #expect(first.status == 0, "\(first.all)")
    let text = try scratch.text(path)
    let again = try await Command.run(["test", "--generate"] + inputs + ["-o", path], in: scratch)
    #expect(again.status == 3 && again.errors.contains("is there already"), "\(again.all)")
    #expect(try scratch.text(path) == text)
    let run = try await Command.run(
      ["test", "examples", "--require-coverage", "100", "--require-killed", "100"],
      in: scratch
    )
    #expect(run.status == 0, "\(run.all)")
    // Into standard output, named from the current directory.
    let shown = try await Command.run(["test", "--generate"] + inputs + ["--base", "runtime-v1"], in: scratch)
    #expect(shown.output.contains("policies: [examples/cluster, examples/policies/web.yaml]\n"))
    try scratch.write(
      "elsewhere/all.test.yaml",
      shown.output.replacing("[examples/cluster, examples", with: "[../examples/cluster, ../examples")
    )
    #expect(try await Command.run(["test", "elsewhere"], in: scratch).status == 0)
    // With postures of the command line every test says its own.
    let forced = try await Command.run(
      ["test", "--generate"] + inputs + ["-o", path, "--force", "--posture", "file=audit"],
      in: scratch
    )
    #expect(forced.status == 0, "\(forced.all)")
    #expect(try scratch.text(path).contains("    posture: {file: "))
    #expect(try await Command.run(["test", path], in: scratch).status == 0)
  }

  @Test func generatingWritesNothingForBrokenPolicies() async throws {
    let scratch = try scratch(policy: Sample.broken)
    let outcome = try await Command.run(["test", "--generate", "p", "-o", "p/new.test.yaml"], in: scratch)
    #expect(outcome.status == 1 && outcome.output.contains("[ARM1104]"), "\(outcome.all)")
    try scratch.link("link.test.yaml", to: "p/policy.yaml")
    try scratch.write("p/policy.yaml", Sample.clean)
    let link = try await Command.run(["test", "--generate", "p", "-o", "link.test.yaml", "--force"], in: scratch)
    #expect(link.status == 3, "\(link.all)")
    #expect(try scratch.text("p/policy.yaml") == Sample.clean)
    let nothing = try await Command.run(["test", "--generate", "-", "-o", "p/new.test.yaml"], in: scratch, input: "")
    #expect(nothing.status == 3, "\(nothing.all)")
    #expect(!FileManager.default.fileExists(atPath: scratch.path("p/new.test.yaml")))
  }
}
