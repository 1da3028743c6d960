import Bundle
import Foundation
import Testing

/// Bundles as sides of `diff`, and `diff --enforcer apparmor`.
@Suite struct EnforcerTests {
  private func diff(_ scratch: Scratch, _ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(["diff"] + arguments, in: scratch)
  }

  /// `old.yaml`, `new.yaml`, and the bundle `out` of the first.
  private func scratch(_ old: String, _ new: String, _ options: String...) async throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("old.yaml", old)
    try scratch.write("new.yaml", new)
    let outcome = try await Command.run(["build", "old.yaml", "-o", "out", "--inexact", "warn"] + options, in: scratch)
    try #require(outcome.status == 0, "\(outcome.all)")
    return scratch
  }

  /// The entries of a diff as JSON, of all subjects.
  private func entries(_ outcome: Command.Outcome) throws -> [[String: Any]] {
    let root = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let subjects = try #require(root?["subjects"] as? [[String: Any]])
    return subjects.flatMap { $0["entries"] as? [[String: Any]] ?? [] }
  }

  private func unfolded(_ outcome: Command.Outcome) -> String {
    outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private static let wider = Sample.looser.replacing("readOnly: true", with: "readOnly: false")

  @Test func aBundleIsASide() async throws {
    let scratch = try await scratch(Sample.looser, EnforcerTests.wider)
    #expect(try await diff(scratch, "out", "old.yaml").status == 0)
    let (direct, bundled) = (
      try await diff(scratch, "old.yaml", "new.yaml", "--format", "json"),
      try await diff(scratch, "out", "new.yaml", "--format", "json")
    )
    #expect(direct.status == 1 && bundled.status == 1, "\(bundled.all)")
    let pair = [try entries(direct), try entries(bundled)].map { NSArray(array: $0) }
    #expect(pair[0] == pair[1], "\(bundled.output)")
    #expect(pair[0].count > 0)
  }

  @Test func aBrokenBundleIsNoSide() async throws {
    let scratch = try await scratch(Sample.looser, EnforcerTests.wider)
    let file = "out/shop.vault/policy.json"
    let text = try scratch.text(file)
    try scratch.write(file, text.replacing("/etc/keys", with: "/etc/kays"))
    let touched = try await diff(scratch, "out", "new.yaml")
    #expect(touched.status == 3 && touched.errors.contains("SHA-256 differs"), "\(touched.all)")
    try scratch.remove(file)
    #expect(try await diff(scratch, "out", "new.yaml").status == 3)
    try scratch.editManifest { manifest in
      guard var subjects = manifest["subjects"] as? [[String: Any]] else { return }
      subjects[0]["record"] = nil
      manifest["subjects"] = subjects
    }
    let missing = try await diff(scratch, "out", "new.yaml")
    #expect(missing.status == 3 && missing.errors.contains("build it anew"), "\(missing.all)")
  }

  /// The first process has the rights of every source: it may write what only the agent was given.
  @Test func showsWhatChangesOnNodes() async throws {
    let scratch = try await scratch(Sample.looser, EnforcerTests.wider)
    for side in ["old.yaml", "out"] {
      let outcome = try await diff(scratch, side, "new.yaml", "--enforcer", "apparmor")
      #expect(outcome.status == 1, "\(outcome.all)")
      #expect(outcome.output.contains("from no source"), "\(outcome.all)")
      let words = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains("first process of the container"), "\(outcome.all)")
      #expect(outcome.errors.contains("OLD: ") == (side == "out"), "\(outcome.all)")
    }
    let policies = try await diff(scratch, "old.yaml", "new.yaml")
    #expect(policies.status == 1 && !policies.output.contains("from no source"), "\(policies.all)")
    #expect(try await diff(scratch, "out", "old.yaml", "--enforcer", "apparmor").status == 0)
  }

  @Test func sameBytesWithAnyNumberOfJobs() async throws {
    let scratch = try await scratch(Sample.looser, EnforcerTests.wider)
    let outputs = [
      try await diff(scratch, "old.yaml", "new.yaml", "--enforcer", "apparmor", "--format", "json", "--jobs", "1"),
      try await diff(scratch, "old.yaml", "new.yaml", "--enforcer", "apparmor", "--format", "json", "--jobs", "8"),
    ].map(\.output)
    #expect(outputs[0] == outputs[1] && outputs[0].contains("\"policies\""))
  }

  /// Images say what the policies say: the changes are the same ones.
  @Test func mapImagesAreProved() async throws {
    let scratch = try await scratch(Sample.looser, EnforcerTests.wider, "--target", "bpf")
    let policies = try entries(try await diff(scratch, "old.yaml", "new.yaml", "--format", "json"))
    #expect(!policies.isEmpty)
    for side in ["old.yaml", "out"] {
      let outcome = try await diff(scratch, side, "new.yaml", "--enforcer", "bpf", "--format", "json")
      #expect(outcome.status == 1 && outcome.errors.contains("NEW: map images"), "\(outcome.all)")
      #expect(NSArray(array: try entries(outcome)) == NSArray(array: policies), "\(outcome.output)")
    }
    // The image of other policies, as if they were what it was built from.
    let other = try await Command.run(
      ["build", "new.yaml", "-o", "other", "--inexact", "warn", "--target", "bpf"],
      in: scratch
    )
    try #require(other.status == 0, "\(other.all)")
    let file = "shop.vault/bpf.img"
    let bytes = try Data(contentsOf: scratch.url.appendingPathComponent("other/" + file))
    try bytes.write(to: scratch.url.appendingPathComponent("out/" + file))
    let touched = try await diff(scratch, "out", "old.yaml", "--enforcer", "bpf")
    #expect(touched.status == 1 && unfolded(touched).contains("SHA-256 differs"), "\(touched.all)")
    try scratch.editManifest { manifest in
      guard var subjects = manifest["subjects"] as? [[String: Any]],
        var artifacts = subjects[0]["artifacts"] as? [[String: Any]]
      else { return }
      artifacts[0]["bytes"] = bytes.count
      artifacts[0]["sha256"] = sha256(Array(bytes))
      subjects[0]["artifacts"] = artifacts
      manifest["subjects"] = subjects
    }
    let swapped = try await diff(scratch, "out", "old.yaml", "--enforcer", "bpf")
    #expect(swapped.status == 1 && unfolded(swapped).contains("by the policies"), "\(swapped.all)")
    try scratch.write("events", "write /etc/keys/a\n")
    let simulated = try await Command.run(
      ["simulate", "out", "--enforcer", "bpf", "--events", "events", "--subject", "shop.vault"],
      in: scratch
    )
    #expect(simulated.output.contains("no map image for it"), "\(simulated.all)")
    // A record's container is none of the bundle's subjects, and is asked of the image of what has its policies.
    try scratch.write(
      "events",
      #"{"event": "write /etc/keys/a", "subject": {"namespace": "shop", "labels": {"app": "vault"}, "container": "c"}}"#
        + "\n"
    )
    for (bundle, isSound) in [("out", false), ("other", true)] {
      let recorded = try await Command.run(
        ["simulate", bundle, "--enforcer", "bpf", "--events", "events"],
        in: scratch
      )
      #expect(recorded.output.contains("no map image for it") != isSound, "\(recorded.all)")
      #expect(recorded.output.contains("  block  write") == isSound, "\(recorded.all)")
    }
    let posture = try await Command.run(
      ["simulate", "other", "--posture", "file=block", "--events", "events"],
      in: scratch
    )
    #expect(posture.status == 3 && posture.errors.contains("is a bundle"), "\(posture.all)")
  }

  /// What the profiles of a bundle really do, whatever its policies say.
  @Test(.enabled(if: Command.hasParser)) func theBundlesOwnProfilesAreCompared() async throws {
    let scratch = try await scratch(Sample.clean, Sample.clean)
    let file = "out/shop.web/apparmor.profile"
    let weaker = try scratch.text(file).split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("audit deny \"/etc/shadow") }.joined(separator: "\n")
    try scratch.write(file, weaker)
    let touched = try await diff(scratch, "out", "new.yaml", "--enforcer", "apparmor")
    #expect(touched.status == 1 && touched.output.contains("SHA-256 differs"), "\(touched.all)")
    try scratch.editManifest { manifest in
      guard var subjects = manifest["subjects"] as? [[String: Any]],
        var artifacts = subjects[0]["artifacts"] as? [[String: Any]]
      else { return }
      artifacts[0]["bytes"] = weaker.utf8.count
      artifacts[0]["sha256"] = sha256(Array(weaker.utf8))
      subjects[0]["artifacts"] = artifacts
      manifest["subjects"] = subjects
    }
    let outcome = try await diff(scratch, "out", "new.yaml", "--enforcer", "apparmor", "--format", "json")
    #expect(outcome.status == 1, "\(outcome.all)")
    let found = try entries(outcome).map { [$0["class"], $0["old"], $0["new"]].compactMap { $0 as? String } }
    #expect(found == [["file", "allow", "block"]], "\(outcome.output)")
    #expect(try await diff(scratch, "out", "new.yaml").status == 0)
  }
}
