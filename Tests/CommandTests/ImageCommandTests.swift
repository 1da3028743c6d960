import Bundle
import Foundation
import Runtime
import Testing

/// Map images, from build to verify.
@Suite struct ImageCommandTests {
  private func policy(_ path: String) -> String {
    Sample.policy(
      "p",
      app: "web",
      """
        file:
          matchPaths:
            - path: \(path)
        action: Block

      """
    )
  }

  @Test func imagesAreBuiltAndProved() async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", policy("/etc/shadow"))
    let built = try await Command.run(
      ["build", "policy.yaml", "--target", "bpf,apparmor", "--no-check", "-o", "out"],
      in: scratch
    )
    #expect(built.status == 0, "\(built.all)")
    let tree = try scratch.tree()
    #expect(tree["out/shop.web/bpf.img"] != nil && tree["out/shop.web/apparmor.profile"] != nil)
    #expect(built.output.contains("apparmor: 1 exact") && built.output.contains("bpf: 1 exact"), "\(built.all)")
    let alone = try await Command.run(["build", "policy.yaml", "--target", "bpf", "-o", "alone"], in: scratch)
    #expect(alone.status == 0, "\(alone.all)")
    #expect(try scratch.tree()["alone/shop.web/apparmor.profile"] == nil)
    // No parser is needed.
    let proved = try await Command.run(["verify", "alone"], in: scratch)
    #expect(proved.status == 0 && proved.output.contains("1 proved, 0 not"), "\(proved.all)")
  }

  /// Presets are for the BPF matcher: exact there, left out by AppArmor, and proved from the bundle alone.
  @Test func presetsAreServedByImages() async throws {
    let scratch = try Scratch()
    func write(_ presets: String) throws {
      try scratch.write("policy.yaml", Sample.policy("p", app: "web", "  presets: [\(presets)]\n"))
    }
    try write("{name: filelessExec, action: Block}, {name: protectProc, action: Audit}")
    let built = try await Command.run(["build", "policy.yaml", "--target", "bpf", "-o", "out"], in: scratch)
    #expect(built.status == 0 && built.output.contains("1 subject, 2 rules: 2 exact"), "\(built.all)")
    let proved = try await Command.run(["verify", "out"], in: scratch)
    #expect(proved.status == 0 && proved.output.contains("1 proved, 0 not"), "\(proved.all)")
    let refused = try await Command.run(["build", "policy.yaml", "--no-check", "-o", "other"], in: scratch)
    #expect(refused.status == 1 && refused.all.contains("AppArmor decides by paths"), "\(refused.all)")
    let both = try await Command.run(
      [
        "build", "policy.yaml", "--target", "apparmor,bpf", "--no-check", "--inexact", "unsupported=allow", "-o",
        "both",
      ],
      in: scratch
    )
    #expect(both.status == 0, "\(both.all)")
    #expect(both.output.contains("apparmor: 2 left out") && both.output.contains("bpf: 2 exact"), "\(both.all)")
    // Other policies than those that were built: the image says something else.
    try write("{name: filelessExec, action: Audit}, {name: protectProc, action: Audit}")
    let differs = try await Command.run(["verify", "out", "--policies", "policy.yaml"], in: scratch)
    #expect(differs.status == 1 && differs.output.contains("preset 'filelessExec'"), "\(differs.all)")
    try write("{name: exec, action: Block}")
    let unsupported = try await Command.run(["build", "policy.yaml", "--target", "bpf", "-o", "none"], in: scratch)
    #expect(unsupported.status == 1 && unsupported.all.contains("ARM3003") && unsupported.all.contains("kubectl exec"))
  }

  @Test func anotherImageIsShownWithItsShortestEvent() async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", policy("/etc/shadow"))
    try scratch.write("other.yaml", policy("/etc/passwd"))
    for (name, out) in [("policy.yaml", "out"), ("other.yaml", "other")] {
      #expect(try await Command.run(["build", name, "--target", "bpf", "-o", out], in: scratch).status == 0)
    }
    // The image of another policy, and the manifest made to fit.
    let directory = scratch.url
    let image = "shop.web/bpf.img"
    let old = try Data(contentsOf: directory.appending(path: "out/" + image))
    let new = try Data(contentsOf: directory.appending(path: "other/" + image))
    try new.write(to: directory.appending(path: "out/" + image))
    let stale = try await Command.run(["verify", "out"], in: scratch)
    #expect(stale.status == 1 && stale.output.contains("its SHA-256 differs"), "\(stale.all)")
    let manifest = try scratch.text("out/manifest.json")
      .replacing(sha256(Array(old)), with: sha256(Array(new)))
      .replacing("\"bytes\" : \(old.count)", with: "\"bytes\" : \(new.count)")
    try scratch.write("out/manifest.json", manifest)
    let differs = try await Command.run(["verify", "out"], in: scratch)
    #expect(differs.status == 1, "\(differs.all)")
    #expect(
      differs.output.contains(
        "'read /etc/passwd as other' is allowed by no rule, blocked by a rule of 'shop/p' in the map image"
      ),
      "\(differs.all)"
    )
    #expect(
      differs.output.contains("'read /etc/shadow as other' is blocked by 'shop/p' spec.file.matchPaths[0]"),
      "\(differs.all)"
    )
  }

  /// Of a rule on a path argument the matcher may miss what is passed otherwise: an error, unless it is accepted.
  @Test func pathArgumentsAreLooser() async throws {
    let scratch = try Scratch()
    try scratch.write(
      "policy.yaml",
      Sample.policy(
        "p",
        app: "web",
        """
          syscalls:
            matchPaths:
              - path: /etc/shadow
                syscall: [open]

        """
      )
    )
    let refused = try await Command.run(["build", "policy.yaml", "--target", "bpf", "-o", "out"], in: scratch)
    #expect(refused.status == 1 && refused.all.contains("looser than written"), "\(refused.all)")
    let built = try await Command.run(
      ["build", "policy.yaml", "--target", "bpf", "--inexact", "looser=allow", "-o", "out"],
      in: scratch
    )
    #expect(built.status == 0, "\(built.all)")
    #expect(try await Command.run(["verify", "out"], in: scratch).status == 0)
  }

  /// The kernel answers where it may be asked; where not, the report says so, and `always` ends with 3.
  @Test func theCompiledMatcherIsRunOrTheReasonIsGiven() async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", policy("/etc/shadow"))
    #expect(try await Command.run(["build", "policy.yaml", "--target", "bpf", "-o", "out"], in: scratch).status == 0)
    func program(_ arguments: String...) async throws -> (outcome: Command.Outcome, program: [String: Any]) {
      let outcome = try await Command.run(["verify", "out", "--format", "json"] + arguments, in: scratch)
      let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
      let subject = (report?["subjects"] as? [[String: Any]])?.first
      return (outcome, try #require(subject?["program"] as? [String: Any], "\(outcome.all)"))
    }
    let never = try await program("--program", "never")
    #expect(never.outcome.status == 0)
    #expect(never.program["result"] as? String == "not run" && never.program["reason"] as? String == "not asked for")
    let text = try await Command.run(["verify", "out", "--program", "never"], in: scratch)
    #expect(text.output.contains("compiled matcher: not run: not asked for\n"), "\(text.all)")
    let auto = try await program("--events", "300", "--seed", "7")
    #expect(auto.outcome.status == 0, "\(auto.outcome.all)")
    let always = try await Command.run(["verify", "out", "--program", "always", "--events", "0"], in: scratch)
    if let obstacle = CompiledMatcher.obstacle {
      #expect(auto.program["reason"] as? String == obstacle)
      #expect(
        always.status == 3 && always.errors.contains("cannot run the compiled matcher: \(obstacle)"),
        "\(always.all)"
      )
      return
    }
    #expect(auto.program["result"] as? String == "agrees", "\(auto.outcome.all)")
    #expect(auto.program["generated"] as? Int == 300 && auto.program["seed"] as? Int == 7)
    #expect((auto.program["witnesses"] as? Int ?? 0) > 100)
    #expect(always.status == 0 && always.output.contains("all answered as the image says"), "\(always.all)")
    #expect(try await Command.run(["verify", "out", "--events", "-1"], in: scratch).status == 2)
  }
}
