import Foundation
import Testing

@Suite struct LintTests {
  private func lint(_ text: String, _ arguments: String...) async throws -> Command.Outcome {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", text)
    return try await Command.run(["lint", "policy.yaml"] + arguments, in: scratch)
  }

  @Test func nothingFoundIsZero() async throws {
    let outcome = try await lint(Sample.clean)
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(outcome.output == "no findings in 1 file\n")
  }

  @Test func warningsAndErrorsAreOne() async throws {
    let warned = try await lint(Sample.warned)
    #expect(warned.status == 1, "\(warned.all)")
    #expect(warned.output.contains("warning["))
    #expect(!warned.output.contains("error["))
    let broken = try await lint(Sample.broken)
    #expect(broken.status == 1)
    #expect(broken.output.contains("--> policy.yaml:12:5"), "\(broken.all)")
    #expect(broken.output.contains("matchPaths"), "the spelling that was meant")
  }

  @Test func failOnSetsTheLevel() async throws {
    #expect(try await lint(Sample.warned, "--fail-on", "error").status == 0)
    #expect(try await lint(Sample.warned, "--fail-on", "note").status == 1)
    #expect(try await lint(Sample.broken, "--fail-on", "error").status == 1)
    #expect(try await lint(Sample.broken, "--fail-on", "never").status == 0)
  }

  @Test func conciseIsOneLineEach() async throws {
    let outcome = try await lint(Sample.broken, "--format", "concise")
    #expect(outcome.output.hasPrefix("policy.yaml:12:5: error["), "\(outcome.all)")
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  @Test func jsonParsesAndHasPositions() async throws {
    let outcome = try await lint(Sample.broken, "--format", "json")
    #expect(outcome.status == 1)
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let report = try #require(object as? [String: Any])
    #expect(report["version"] as? Int == 1)
    let findings = try #require(report["findings"] as? [[String: Any]])
    let finding = try #require(findings.first)
    let span = try #require(finding["span"] as? [String: Any])
    #expect(span["file"] as? String == "policy.yaml")
    #expect(span["line"] as? Int == 12)
    #expect(span["column"] as? Int == 5)
    // Byte offsets point at the very word.
    let start = try #require(span["start"] as? Int)
    let end = try #require(span["end"] as? Int)
    #expect(String(decoding: Array(Sample.broken.utf8)[start..<end], as: UTF8.self) == "matchPath")
    #expect((report["summary"] as? [String: Any])?["errors"] as? Int == 1)
  }

  @Test func jsonOfNothingParses() async throws {
    let outcome = try await lint(Sample.clean, "--format", "json")
    #expect(outcome.status == 0)
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    #expect(((object as? [String: Any])?["findings"] as? [Any])?.isEmpty == true)
  }

  @Test func standardInputIsADash() async throws {
    let scratch = try Scratch()
    let outcome = try await Command.run(["lint", "-", "--format", "concise"], in: scratch, input: Sample.broken)
    #expect(outcome.status == 1)
    #expect(outcome.output.hasPrefix("-:12:5: error["), "\(outcome.all)")
    #expect(try await Command.run(["lint", "-"], in: scratch, input: Sample.clean).status == 0)
    #expect(try await Command.run(["lint", "-"], in: scratch, input: "").status == 0)
  }

  @Test func directoriesAreSearched() async throws {
    let scratch = try Scratch()
    try scratch.write("a/one.yaml", Sample.clean)
    try scratch.write("a/b/two.yml", Sample.broken)
    try scratch.write("a/notes.txt", "matchPath: [")
    try scratch.write("a/.hidden/three.yaml", Sample.broken)
    let outcome = try await Command.run(["lint", "a"], in: scratch)
    #expect(outcome.output.contains("--> a/b/two.yml:12:5"), "\(outcome.all)")
    #expect(outcome.output.contains(" in 2 files"), "\(outcome.all)")
  }

  @Test func outputDependsOnNeitherOrderNorJobs() async throws {
    let scratch = try Scratch()
    for number in 0..<20 {
      try scratch.write("d/\(number).yaml", Sample.broken.replacing("name: typo", with: "name: typo-\(number)"))
    }
    let first = try await Command.run(["lint", "d", "--jobs", "1"], in: scratch)
    let second = try await Command.run(
      ["lint", "--jobs", "13", "d/7.yaml", "d/3.yaml", "d", "d/7.yaml"],
      in: scratch
    )
    #expect(first.output == second.output)
    #expect(first.output.contains("20 errors"), "\(first.all)")
  }

  @Test(.enabled(if: Command.hasTerminal))
  func colourOnATerminalOnly() async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", Sample.broken)
    let arguments = "lint policy.yaml"
    let coloured = try await Command.runOnTerminal(arguments, in: scratch, environment: ["TERM": "xterm"])
    #expect(coloured.status == 1)
    #expect(coloured.output.contains("\u{1B}["), "\(coloured.all)")
    for environment in [["TERM": "xterm", "NO_COLOR": "1"], ["TERM": "dumb"]] {
      let plain = try await Command.runOnTerminal(arguments, in: scratch, environment: environment)
      #expect(plain.output.contains("error["), "\(plain.all)")
      #expect(!plain.output.contains("\u{1B}"), "\(plain.all)")
    }
    let piped = try await Command.run(["lint", "policy.yaml"], in: scratch, environment: ["TERM": "xterm"])
    #expect(!piped.output.contains("\u{1B}"))
  }
}
