import Foundation
import Glibc
import Testing

/// Files that are none, directories without end, and the like: an answer, never a hang, and nothing passed over in
/// silence.
@Suite struct InputTests {
  private func lint(_ scratch: Scratch, _ paths: String...) async throws -> Command.Outcome {
    try await Command.run(["lint"] + paths, in: scratch)
  }

  @Test func aPipeIsRefusedAtOnce() async throws {
    let scratch = try Scratch()
    try scratch.write("d/policy.yaml", Sample.clean)
    let made = unsafe mkfifo(scratch.path("d/pipe.yaml"), 0o600)
    try #require(made == 0)
    for path in ["d/pipe.yaml", "d"] {
      let outcome = try await lint(scratch, path)
      #expect(outcome.status == 3, "\(outcome.all)")
      #expect(outcome.errors.contains("pipe.yaml"), "\(outcome.all)")
    }
  }

  @Test func aLinkToNowhereIsAnError() async throws {
    let scratch = try Scratch()
    try scratch.write("d/policy.yaml", Sample.clean)
    try scratch.link("d/gone.yaml", to: "nowhere.yaml")
    try scratch.link("d/self.yaml", to: "self.yaml")
    for path in ["d/gone.yaml", "d/self.yaml", "d"] {
      let outcome = try await lint(scratch, path)
      #expect(outcome.status == 3, "\(path): \(outcome.all)")
    }
  }

  @Test func aFileThatCannotBeReadIsAnError() async throws {
    let scratch = try Scratch()
    try scratch.write("d/policy.yaml", Sample.clean)
    // A regular file by its type, but reading it fails, for root too.
    try scratch.link("d/unreadable.yaml", to: "/proc/self/mem")
    let outcome = try await lint(scratch, "d")
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.errors.contains("'d/unreadable.yaml'"), "\(outcome.all)")
    #expect(outcome.output.isEmpty)
  }

  @Test(.enabled(if: getuid() != 0))
  func aFileWithoutPermissionIsAnError() async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", Sample.clean)
    let changed = unsafe chmod(scratch.path("policy.yaml"), 0)
    try #require(changed == 0)
    #expect(try await lint(scratch, "policy.yaml").status == 3)
  }

  /// Two links upwards make 2^40 paths to the one file.
  @Test func loopsOfDirectoriesEnd() async throws {
    let scratch = try Scratch()
    try scratch.write("d/e/policy.yaml", Sample.clean)
    try scratch.link("d/up", to: "..")
    try scratch.link("d/e/a", to: ".")
    try scratch.link("d/e/b", to: "../e")
    for path in ["d", "."] {
      let outcome = try await lint(scratch, path)
      #expect(outcome.status == 0, "\(outcome.all)")
      #expect(outcome.output == "no findings in 1 file\n", "\(outcome.all)")
    }
  }

  /// 2^30 paths without any loop.
  @Test func diamondsOfDirectoriesEnd() async throws {
    let scratch = try Scratch()
    for level in 0..<30 {
      try scratch.write(
        "store/\(level)/policy-\(level).yaml",
        Sample.policy("p\(level)", "  action: Block\n  process:\n    matchPaths:\n      - path: /bin/p\(level)\n")
      )
      try scratch.link("store/\(level)/a", to: "../\(level + 1)")
      try scratch.link("store/\(level)/b", to: "../\(level + 1)")
    }
    try scratch.write("store/30/last.yaml", Sample.clean)
    let outcome = try await lint(scratch, "store/0")
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(outcome.output == "no findings in 31 files\n", "\(outcome.all)")
  }

  @Test func endlessDepthIsAnError() async throws {
    let scratch = try Scratch()
    try scratch.write("d" + String(repeating: "/d", count: 70) + "/policy.yaml", Sample.clean)
    let outcome = try await lint(scratch, "d")
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.errors.contains("64"))
  }

  @Test func hostileTextHasAnAnswer() async throws {
    let scratch = try Scratch()
    try scratch.write("deep.yaml", String(repeating: "[", count: 200_000))
    try scratch.write(
      "bomb.yaml",
      "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + (1..<12).map { level in
          let (name, below) = (
            String(repeating: "b", count: level), level == 1 ? "a" : String(repeating: "b", count: level - 1)
          )
          return "\(name): &\(name) [\((0..<9).map { _ in "*\(below)" }.joined(separator: ","))]\n"
        }.joined()
    )
    try Data([0x00, 0xFF, 0xFE, 0x0A]).write(to: scratch.url.appendingPathComponent("bytes.yaml"))
    try scratch.write("empty.yaml", "")
    let outcome = try await lint(scratch, ".")
    #expect(outcome.status == 1, "\(outcome.status) \(outcome.errors)")
    for name in ["deep.yaml", "bomb.yaml", "bytes.yaml"] { #expect(outcome.output.contains("/\(name):"), "\(name)") }
  }
}
