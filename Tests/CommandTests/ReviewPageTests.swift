import Foundation
import Testing

/// docs/review.md: its examples are what armorc says, and the scripts of its workflow do what they promise.
@Suite struct ReviewPageTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The texts between fences, with the language of each.
  private static func blocks() throws -> [(language: String, text: String)] {
    let page = String(
      decoding: try Data(contentsOf: root.appendingPathComponent("docs/review.md")),
      as: UTF8.self
    )
    let pieces = ("\n" + page).components(separatedBy: "\n```")
    return stride(from: 1, to: pieces.count, by: 2).map { index in
      let lines = pieces[index].split(separator: "\n", omittingEmptySubsequences: false)
      return (String(lines.first ?? ""), lines.dropFirst().joined(separator: "\n"))
    }
  }

  /// `examples/` as a repository of one commit.
  private static func repository() async throws -> Scratch {
    let scratch = try Scratch()
    let script = """
      cp -r '\(root.path)/examples/.' . && git init -q -b main && git config user.email a@example.org
      git config user.name a && git add -A && git commit -q -m first
      """
    try #require(try await shell(script, in: scratch).status == 0)
    return scratch
  }

  /// Runs a script with `armorc` and whatever lies in `tools` on its path.
  private static func shell(
    _ script: String,
    in scratch: Scratch,
    tools: Scratch? = nil,
    environment: [String: String] = [:]
  ) async throws -> (status: Int32, output: String) {
    let streams = try Scratch()
    try streams.write("output", "")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-e", "-o", "pipefail", "-c", script]
    process.currentDirectoryURL = scratch.url
    let own = URL(fileURLWithPath: Command.path).deletingLastPathComponent().path
    var variables = ["PATH": "\(tools?.url.path ?? own):\(own):/usr/bin:/bin", "LC_ALL": "C", "HOME": scratch.url.path]
    variables.merge(environment) { $1 }
    process.environment = variables
    let output = FileHandle(forWritingAtPath: streams.path("output"))
    process.standardOutput = output
    process.standardError = output
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return (status, try streams.text("output"))
  }

  @Test func theExampleIsWhatItSays() async throws {
    let blocks = try Self.blocks()
    let console = try #require(blocks.first { $0.language == "console" })
    let repository = try await Self.repository()
    let lines = console.text.split(separator: "\n")
    let commands = lines.filter { $0.hasPrefix("$ ") }.map { $0.dropFirst(2) }
    let outcome = try await Self.shell(commands.joined(separator: "\n"), in: repository)
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.output.hasPrefix(lines.filter { !$0.hasPrefix("$ ") }.joined(separator: "\n") + "\n\n"))
    let excerpts = blocks.filter { $0.language.isEmpty }
    #expect(excerpts.count == 2)
    for excerpt in excerpts { #expect(outcome.output.contains(excerpt.text), "\(outcome.output)") }
  }

  /// The lines of a step's `run: |`, by the step's name.
  private static func script(_ name: String) throws -> String {
    let workflow = try #require(
      try blocks().first { $0.language == "yaml" && $0.text.hasPrefix("name: policy review") }
    )
    let lines = workflow.text.split(separator: "\n", omittingEmptySubsequences: false)
    let step = try #require(lines.firstIndex { $0.hasSuffix("name: " + name) })
    let run = try #require(lines[step...].firstIndex { $0.hasSuffix("run: |") })
    let depth = lines[run].prefix { $0 == " " }.count + 2
    let body = lines[(run + 1)...].prefix { $0.isEmpty || $0.prefix { $0 == " " }.count >= depth }
    return body.map { $0.dropFirst(depth) }.joined(separator: "\n")
  }

  /// As on GitHub: the scripts of the steps, a merge that is checked out, and a `gh` that writes down what it is asked.
  @Test func theWorkflowsScriptsWork() async throws {
    let repository = try await Self.repository()
    let branch = """
      git checkout -q -b change && sed -i 's|/usr/local/bin/health-\\*|/usr/local/bin/**|' policies/web.yaml
      git commit -q -am second && git checkout -q main && git merge -q --no-ff change -m merge && git rev-parse HEAD^1
      """
    let made = try await Self.shell(branch, in: repository)
    try #require(made.status == 0, "\(made.output)")
    let base = made.output.split(separator: "\n").last.map(String.init) ?? ""

    let runner = try Scratch()
    try FileManager.default.copyItem(atPath: Command.path, toPath: runner.path("armorc.bin"))
    try runner.write("summary", "")
    let environment = [
      "BASE": base, "RUNNER_TEMP": runner.url.path, "GITHUB_STEP_SUMMARY": runner.path("summary"),
      "GITHUB_REPOSITORY": "o/r", "NUMBER": "7",
    ]
    let compared = try await Self.shell(try Self.script("Compare"), in: repository, environment: environment)
    #expect(compared.status == 0, "\(compared.output)")
    #expect(
      try runner.text("diff.markdown").hasPrefix("<!-- armorc diff -->\n### armorc: 1 of 6 subjects changes: 1 looser")
    )
    #expect(try runner.text("summary") == runner.text("diff.markdown"))
    #expect(try runner.text("diff.sarif").contains("\"uri\":\"policies/web.yaml\""))
    #expect(try runner.text("diff.html").hasPrefix("<!doctype html>"))

    let gate = try await Self.shell(try Self.script("Gate"), in: repository, environment: environment)
    #expect(gate.status == 1 && gate.output.contains("▲1"), "\(gate.output)")
    let silent = try await Self.shell(
      try Self.script("Gate"),
      in: repository,
      environment: environment.merging(["BASE": "HEAD"]) { $1 }
    )
    #expect(silent.status == 0, "\(silent.output)")

    for (listed, asked) in [
      ("", "pr comment 7 --repo o/r --body-file \(runner.path("diff.markdown"))"),
      ("41\n43\n", "api -X PATCH repos/o/r/issues/comments/41 -F body=@\(runner.path("diff.markdown")) --silent"),
    ] {
      let tools = try Scratch()
      try tools.write("gh", "#!/bin/sh\nif [ \"$2\" = --paginate ]; then printf '\(listed)'; else echo \"$*\"; fi\n")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tools.path("gh"))
      let said = try await Self.shell(
        try Self.script("Comment"),
        in: repository,
        tools: tools,
        environment: environment
      )
      #expect(said.status == 0 && said.output == asked + "\n", "\(said.output)")
    }
  }
}
