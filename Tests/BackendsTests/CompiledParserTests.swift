import Backends
import Foundation
import Runtime
import Testing

/// Running the parser: results, messages, limits.
@Suite struct CompiledParserTests {
  private func refusal(_ text: String) throws -> [ParserMessage] {
    let parser = try #require(installedParser)
    do throws(ParserFailure) {
      _ = try parser.compile(Array(text.utf8))
    } catch {
      guard case .refused(let messages) = error else { throw error }
      return messages
    }
    return []
  }

  @Test(.enabled(if: installedParser != nil, "apparmor_parser is not installed"))
  func messagesName() throws {
    #expect(
      try refusal("profile x {\n\n  /a zz,\n}\n") == [
        ParserMessage(line: 3, text: "syntax error, unexpected TOK_ID, expecting TOK_MODE")
      ]
    )
    #expect(
      try refusal("profile x {\n network frob,\n}\n").first?.line != nil
    )
    #expect(
      try refusal("profile ok { /a r, }\nprofile x {\n/** px -> a,\n/*a px -> b,\n}\n") == [
        ParserMessage(profile: "x", text: "profile has merged rule with conflicting x modifiers")
      ]
    )
    let targets = (0..<15).map { "/bin/e\($0) px -> t\($0),\n" }.joined()
    #expect(
      try refusal("profile x {\n\(targets)}\n") == [
        ParserMessage(profile: "x", text: "Profile x has too many specified profile transitions")
      ]
    )
    #expect(try refusal("profile x { \"/[\" r, }\n").last?.profile == "x")
    #expect(!(try refusal("profile x { \"/" + String(repeating: "a", count: 20_000) + "\" r, }")).isEmpty)
    #expect(try refusal("profile x { }\nprofile x { }").first?.profile == "x")
  }

  @Test(.enabled(if: installedParser != nil, "apparmor_parser is not installed"))
  func compilesAlikeAtOnce() async throws {
    let parser = try #require(installedParser)
    let text = Array(GoldenPolicy.text.utf8)
    let one = try parser.compile(text)
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<8 { group.addTask { try parser.compile(text) } }
      for try await other in group { #expect(other == one) }
    }
    // The empty text is a valid policy of no profiles.
    #expect(try parser.compile([]) == [])
    #expect(try CompiledPolicy.decode([]).isEmpty)
  }

  @Test(.enabled(if: installedParser != nil, "apparmor_parser is not installed"))
  func timeLimit() throws {
    let parser = try #require(installedParser)
    let rules = (0..<14).map { "deny /**\($0)**y\($0)**/** w,\n" }.joined()
    let start = ContinuousClock.now
    #expect(throws: ParserFailure.timedOut(.milliseconds(300))) {
      try parser.compile(Array("profile x {\n\(rules)}\n".utf8), timeout: .milliseconds(300))
    }
    #expect(ContinuousClock.now - start < .seconds(120))
  }

  @Test func otherPrograms() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "armorc-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    var count = 0
    func run(_ script: String, timeout: Duration = .seconds(20)) throws -> [UInt8] {
      count += 1
      let file = directory.appending(path: "program\(count)")
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
      return try AppArmorParser(path: file.path, features: "features").compile(Array("text".utf8), timeout: timeout)
    }
    #expect(try run("cat; cat /dev/fd/3") == Array("textfeatures".utf8))
    // More than a pipe holds, on both.
    let long = try run("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; head -c 1000 /dev/zero")
    #expect(long.count == 3_001_000)
    #expect(throws: ParserFailure.refused([ParserMessage(text: "apparmor_parser gave no reason")])) {
      try run("exit 3")
    }
    #expect(throws: ParserFailure.refused([ParserMessage(text: "oh")])) { try run("echo oh >&2; exit 1") }
    #expect(throws: ParserFailure.crashed(signal: 9)) { try run("kill -9 $$") }
    #expect(throws: ParserFailure.timedOut(.milliseconds(100))) {
      try run("exec sleep 30", timeout: .milliseconds(100))
    }
    // Closes what we wait for, then goes on.
    #expect(throws: ParserFailure.timedOut(.milliseconds(100))) {
      try run("exec sleep 30 >&- 2>&-", timeout: .milliseconds(100))
    }
    // Only what it is meant to have: its environment, and four descriptors (3 is kept open by nobody else).
    #expect(try run("printenv | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort | head -1") == Array("LC_ALL=C\n".utf8))
    #expect(try run("readlink /proc/$$/fd/1 | cut -c1-4") == Array("pipe\n".utf8))
    #expect(throws: ParserFailure.self) {
      try AppArmorParser(path: "/nonexistent", features: "").compile([])
    }
  }

  @Test func messageForms() {
    let lines = """
      AppArmor parser error for /tmp/x in profile /tmp/x at line 12: Invalid capability foo.
      apparmor_parser: Regex grouping error: Unclosed grouping
      apparmor_parser: Unable to parse input line '/['
      ERROR processing regexs for profile ok, failed to load
      ERROR processing regexs for profile alone, failed to load
      AppArmor parser error at line 99999999999999999999: no number
      """
    #expect(
      AppArmorParser.messages(in: Array(lines.utf8)) == [
        ParserMessage(line: 12, text: "Invalid capability foo"),
        ParserMessage(profile: "ok", text: "Regex grouping error: Unclosed grouping"),
        ParserMessage(profile: "ok", text: "Unable to parse input line '/['"),
        ParserMessage(profile: "alone", text: "cannot process its rules"),
        ParserMessage(text: "at line 99999999999999999999: no number"),
      ]
    )
    #expect(AppArmorParser.messages(in: [0xff, 0x0a, 0x00]).count == 2)
  }

  @Test func featuresAreWellFormed() {
    let text = KernelFeatures.text
    #expect(text.filter { $0 == "{" }.count == text.filter { $0 == "}" }.count)
    #expect(text.contains("network_v8 {af_mask {unspec unix inet "))
    #expect(!text.contains("v9 {") && !text.contains("dbus"))
  }
}
