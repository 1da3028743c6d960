import Foundation
import Testing

@Suite struct BuildTests {
  private func build(_ scratch: Scratch, _ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(["build"] + arguments, in: scratch)
  }

  /// Policies of several subjects and shapes, one file each.
  private func fill(_ scratch: Scratch, order: [Int] = Array(0..<6)) throws {
    for number in order {
      try scratch.write(
        "policies/\(number).yaml",
        Sample.policy(
          "p\(number)",
          app: ["web", "cart", "db"][number % 3],
          """
            severity: \(number + 1)
            action: Block
            process:
              matchPaths:
                - path: /bin/tool\(number)
                  fromSource:
                    - path: /usr/bin/source\(number % 2)
            file:
              matchDirectories:
                - dir: /srv/\(number)/
                  recursive: true
                  readOnly: true
            capabilities:
              matchCapabilities:
                - capability: sys_admin

          """
        )
      )
    }
  }

  @Test func writesAManifestAndAProfilePerSubject() async throws {
    let scratch = try Scratch()
    try fill(scratch)
    let outcome = try await build(scratch, "policies", "-o", "out")
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(outcome.output.contains("3 subjects"), "\(outcome.all)")
    let tree = try scratch.tree(without: "policies")
    #expect(
      tree.keys.sorted() == [
        "out", "out/manifest.json", "out/shop.cart", "out/shop.cart/apparmor.profile", "out/shop.cart/policy.json",
        "out/shop.db", "out/shop.db/apparmor.profile", "out/shop.db/policy.json", "out/shop.web",
        "out/shop.web/apparmor.profile", "out/shop.web/policy.json",
      ]
    )
    let manifest = try #require(
      JSONSerialization.jsonObject(with: Data(try scratch.text("out/manifest.json").utf8)) as? [String: Any]
    )
    #expect(manifest["format"] as? Int == 1)
    #expect(
      (manifest["subjects"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == [
        "shop.cart", "shop.db", "shop.web",
      ]
    )
    #expect((manifest["sources"] as? [[String: Any]])?.first?["file"] as? String == "policies/0.yaml")
    #expect(try scratch.text("out/shop.web/apparmor.profile").contains("policies/0.yaml:"))
  }

  @Test func anOlderBundleIsReplacedAsAWhole() async throws {
    let scratch = try Scratch()
    try fill(scratch)
    #expect(try await build(scratch, "policies", "-o", "out").status == 0)
    try scratch.write("one.yaml", Sample.clean)
    let outcome = try await build(scratch, "one.yaml", "-o", "out/")
    #expect(outcome.status == 0, "\(outcome.all)")
    let names = try scratch.tree().keys.filter { $0.hasPrefix("out") }.sorted()
    #expect(
      names == [
        "out", "out/manifest.json", "out/shop.web", "out/shop.web/apparmor.profile", "out/shop.web/policy.json",
      ]
    )
  }

  @Test func anotherDirectoryIsRefusedUntouched() async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", Sample.clean)
    try scratch.write("home/letter.txt", "dear")
    try scratch.write("file", "text")
    try scratch.write("extension/manifest.json", #"{"manifest_version": 3, "name": "somebody else's"}"#)
    try scratch.write("extension/code.js", "dear")
    try scratch.write("pipe/manifest.json/letter.txt", "dear")
    let before = try scratch.tree()
    for target in ["home", "extension", "pipe", ".", "file", "..", "/", "home/..", "missing/out", ""] {
      let outcome = try await build(scratch, "policy.yaml", "-o", target)
      #expect(outcome.status == 3, "\(target): \(outcome.all)")
      #expect(outcome.errors.hasPrefix("armorc: "), "\(target): \(outcome.all)")
    }
    #expect(try scratch.tree() == before)
  }

  @Test func whatSomebodyPutIntoABundleIsNotLost() async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", Sample.clean)
    #expect(try await build(scratch, "policy.yaml", "-o", "out").status == 0)
    try scratch.write("out/notes.txt", "dear")
    let before = try scratch.tree()
    let outcome = try await build(scratch, "policy.yaml", "-o", "out")
    #expect(outcome.status == 3 && outcome.errors.contains("'notes.txt'"), "\(outcome.all)")
    #expect(try scratch.tree() == before)
  }

  @Test func anEmptyDirectoryIsFilled() async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", Sample.clean)
    try FileManager.default.createDirectory(atPath: scratch.path("out"), withIntermediateDirectories: false)
    #expect(try await build(scratch, "policy.yaml", "-o", "out").status == 0)
    #expect(try scratch.tree()["out/manifest.json"] != nil)
  }

  /// A link names the bundle, as `current` does in many set-ups: what it leads to is replaced, the link stays.
  @Test func aLinkToABundleIsFollowed() async throws {
    let scratch = try Scratch()
    try fill(scratch)
    try scratch.write("one.yaml", Sample.clean)
    #expect(try await build(scratch, "policies", "-o", "v1").status == 0)
    try scratch.link("current", to: "v1")
    let outcome = try await build(scratch, "one.yaml", "-o", "current")
    #expect(outcome.status == 0, "\(outcome.all)")
    let tree = try scratch.tree(without: "policies")
    #expect(tree["current"] == "link v1")
    #expect(tree["v1/shop.web"] == "directory")
    #expect(tree["v1/shop.cart"] == nil)
  }

  @Test(arguments: ["broken", "looser"])
  func aFailingBuildLeavesTheOldBundle(_ kind: String) async throws {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", Sample.clean)
    #expect(try await build(scratch, "policy.yaml", "-o", "out").status == 0)
    try scratch.write("more.yaml", kind == "broken" ? Sample.broken : Sample.looser)
    let before = try scratch.tree()
    let outcome = try await build(scratch, "policy.yaml", "more.yaml", "-o", "out")
    #expect(outcome.status == 1, "\(outcome.all)")
    #expect(outcome.errors.contains("nothing was written"), "\(outcome.all)")
    #expect(try scratch.tree() == before)
  }

  @Test func keepGoingLeavesOutWhatIsAtFaultAndSaysSo() async throws {
    let scratch = try Scratch()
    try scratch.write("good.yaml", Sample.clean)
    try scratch.write("bad.yaml", Sample.broken)
    try scratch.write("vault.yaml", Sample.looser)
    let outcome = try await build(scratch, "bad.yaml", "good.yaml", "vault.yaml", "-o", "out", "--keep-going")
    #expect(outcome.status == 1, "\(outcome.all)")
    #expect(outcome.output.contains("2 refused"), "\(outcome.all)")
    #expect(try scratch.tree()["out/shop.web/apparmor.profile"] != nil)
    #expect(try scratch.tree()["out/shop.vault"] == nil)
    #expect(!(try scratch.text("out/shop.web/apparmor.profile").contains("typo")))
  }

  @Test func inexactRulesAreErrorsOrWarningsAsAsked() async throws {
    let scratch = try Scratch()
    try scratch.write("vault.yaml", Sample.looser)
    let refused = try await build(scratch, "vault.yaml", "-o", "out")
    #expect(refused.status == 1, "\(refused.all)")
    #expect(refused.output.contains("error[ARM3002]"), "\(refused.all)")
    #expect(refused.output.contains("witness: 'read /etc/keys"), "\(refused.all)")
    let warned = try await build(scratch, "vault.yaml", "-o", "out", "--inexact", "looser=warn")
    #expect(warned.status == 0)
    #expect(warned.output.contains("warning[ARM3002]"), "\(warned.all)")
    let allowed = try await build(scratch, "vault.yaml", "-o", "out", "--inexact", "allow")
    #expect(allowed.status == 0)
    #expect(!allowed.output.contains("ARM3002"), "\(allowed.all)")
    #expect(allowed.output.contains("1 looser"), "the summary says it all the same")
    #expect(try scratch.text("out/manifest.json").contains("\"label\" : \"looser\""))
    let again = try await build(scratch, "vault.yaml", "-o", "out", "--inexact", "allow", "--inexact", "looser=error")
    #expect(again.status == 1)
  }

  @Test func nothingToBuildIsThree() async throws {
    let scratch = try Scratch()
    try scratch.write("namespace.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n")
    let outcome = try await build(scratch, "namespace.yaml", "-o", "out")
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(try scratch.tree().keys.sorted() == ["namespace.yaml"])
  }

  @Test func sameBytesForAnyOrderAndAnyJobs() async throws {
    let plain = try Scratch()
    try fill(plain)
    let reversed = try Scratch()
    try fill(reversed, order: [5, 2, 4, 0, 3, 1])
    #expect(try await build(plain, "policies", "-o", "out", "--jobs", "1").status == 0)
    let bundle = try plain.tree(without: "policies")
    let files = [3, 0, 5, 1, 4, 2].map { "policies/\($0).yaml" }
    let runs: [(Scratch, [String])] = [
      (plain, ["policies", "--jobs", "7"]), (plain, files + ["--no-check"]), (reversed, ["policies", "--jobs", "2"]),
      (reversed, files.reversed() + ["policies"]),
    ]
    for (scratch, arguments) in runs {
      let outcome = try await Command.run(["build", "-o", "out"] + arguments, in: scratch)
      #expect(outcome.status == 0, "\(outcome.all)")
      #expect(try scratch.tree(without: "policies") == bundle, "\(arguments)")
    }
    // The comparison can tell bundles apart.
    #expect(try await build(plain, "policies", "-o", "out", "--floor", "none").status == 0)
    #expect(try plain.tree(without: "policies") != bundle)
  }

  @Test func standardInputIsADash() async throws {
    let scratch = try Scratch()
    let outcome = try await Command.run(["build", "-", "-o", "out"], in: scratch, input: Sample.clean)
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(try scratch.text("out/manifest.json").contains("\"file\" : \"-\""))
  }

  @Test func jsonIsAllThatIsWritten() async throws {
    let scratch = try Scratch()
    try scratch.write("vault.yaml", Sample.looser)
    let outcome = try await build(scratch, "vault.yaml", "-o", "out", "--format", "json")
    #expect(outcome.status == 1)
    let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    #expect((report?["findings"] as? [[String: Any]])?.first?["code"] as? String == "ARM3002")
  }
}
