import Testing

@Suite struct UsageTests {
  @Test func versionIsOneLine() async throws {
    let outcome = try await Command.run(["--version"], in: Scratch())
    #expect(outcome.status == 0)
    #expect(outcome.output.wholeMatch(of: /armorc [0-9]+\.[0-9]+\.[0-9]+\n/) != nil, "\(outcome.all)")
    #expect(outcome.errors.isEmpty)
  }

  @Test(arguments: [[], ["lint"], ["build"], ["verify"], ["diff"], ["rule"]])
  func helpGoesToStandardOutput(_ subcommand: [String]) async throws {
    let outcome = try await Command.run(subcommand + ["--help"], in: Scratch())
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("USAGE: " + (["armorc"] + subcommand).joined(separator: " ")))
    #expect(outcome.errors.isEmpty)
    // The column of the option names is 24 wide, so 80 leaves room; nothing may be longer but the usage line.
    let long = outcome.output.split(separator: "\n").filter { $0.count > 80 && !$0.hasPrefix("USAGE") }
    #expect(long.isEmpty)
  }

  @Test func helpOfBuildNamesEveryOption() async throws {
    let output = try await Command.run(["build", "--help"], in: Scratch()).output
    for option in [
      "--output", "--target", "--floor", "--inexact", "--keep-going", "--no-check", "--format", "--posture", "--base",
      "--jobs", "runtime-v1", "runtime-default",
    ] {
      #expect(output.contains(option), "\(option)")
    }
  }

  @Test(
    arguments: [
      ["--no-such-option"], ["no-such-command"], ["lint", "--format", "yaml"], ["lint", "--fail-on", "info"],
      ["lint", "--posture", "file=deny"], ["lint", "--posture", "disk=block"], ["lint", "--base", "runtime-v0"],
      ["lint", "--posture", "file=block", "--posture", "file=audit"], ["lint", "--jobs", "0"],
      ["lint", "--jobs", "257"],
      ["lint", "--jobs", "99999999999999999999"], ["build", "policy.yaml"], ["build", "policy.yaml", "-o"],
      ["build", "policy.yaml", "-o", "out", "--target", "selinux"],
      ["build", "policy.yaml", "-o", "out", "--inexact", "exact=warn"],
      ["build", "policy.yaml", "-o", "out", "--floor", "docker"], ["verify"], ["verify", "out", "more"],
      ["verify", "out", "--jobs", "-1"],
    ]
  )
  func wrongUsageEndsWithTwo(_ arguments: [String]) async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", Sample.clean)
    let outcome = try await Command.run(arguments, in: scratch)
    #expect(outcome.status == 2, "\(outcome.all)")
    #expect(outcome.output.isEmpty, "\(outcome.all)")
    #expect(!outcome.errors.isEmpty)
    #expect(try scratch.tree().keys.sorted() == ["policy.yaml"])
  }

  @Test(arguments: [["lint", "gone.yaml"], ["build", "gone.yaml", "-o", "out"], ["lint", "there.yaml", "gone.yaml"]])
  func aMissingFileEndsWithThree(_ arguments: [String]) async throws {
    let scratch = try Scratch()
    try scratch.write("there.yaml", Sample.clean)
    let outcome = try await Command.run(arguments, in: scratch)
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.errors.contains("armorc: cannot") && outcome.errors.contains("'gone.yaml'"), "\(outcome.all)")
    #expect(try scratch.tree().keys.sorted() == ["there.yaml"])
  }

  @Test func namesOfFilesCommandNoTerminal() async throws {
    let scratch = try Scratch()
    let name = "\u{1B}[31mred\u{9B}2J.yaml"
    let missing = try await Command.run(["lint", name], in: scratch)
    #expect(missing.status == 3 && missing.errors.contains("red"), "\(missing.all)")
    try scratch.write(name, Sample.broken)
    let found = try await Command.run(["lint", "."], in: scratch)
    #expect(found.status == 1 && found.output.contains("red"))
    for text in [missing.errors, found.output] {
      #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    }
  }
}
