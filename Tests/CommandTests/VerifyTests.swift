import Bundle
import Foundation
import Testing

@Suite(.enabled(if: Command.hasParser)) struct VerifyTests {
  private static let profile = "out/shop.web/apparmor.profile"

  /// A bundle in `out`, built from `policy.yaml`.
  private func bundle(_ policy: String = Sample.clean, _ options: String...) async throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("policy.yaml", policy)
    let outcome = try await Command.run(["build", "policy.yaml", "-o", "out"] + options, in: scratch)
    try #require(outcome.status == 0, "\(outcome.all)")
    return scratch
  }

  private func verify(_ scratch: Scratch, _ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(["verify", "out"] + arguments, in: scratch)
  }

  /// Edits the profile of the only subject, and makes the manifest agree with it.
  private func editProfile(_ scratch: Scratch, _ file: String = profile, _ edit: (String) -> String) throws {
    let old = try scratch.text(file)
    let new = edit(old)
    try #require(new != old, "the edit changes something")
    try scratch.write(file, new)
    try scratch.editManifest { manifest in
      VerifyTests.editSubject(&manifest) { subject in
        guard var artifacts = subject["artifacts"] as? [[String: Any]] else { return }
        artifacts[0]["bytes"] = new.utf8.count
        artifacts[0]["sha256"] = sha256(Array(new.utf8))
        subject["artifacts"] = artifacts
      }
    }
  }

  private static func editSubject(_ manifest: inout [String: Any], _ edit: (inout [String: Any]) -> Void) {
    guard var subjects = manifest["subjects"] as? [[String: Any]], !subjects.isEmpty else { return }
    edit(&subjects[0])
    manifest["subjects"] = subjects
  }

  @Test func aGoodBundleIsProved() async throws {
    let scratch = try await bundle()
    let outcome = try await verify(scratch)
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(outcome.output.contains("1 subject: 1 proved, 0 not"))
    let json = try await verify(scratch, "--format", "json")
    let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect((report?["subjects"] as? [[String: Any]])?.first?["result"] as? String == "proved")
  }

  @Test func policiesMayLieElsewhere() async throws {
    let scratch = try await bundle()
    try FileManager.default.moveItem(atPath: scratch.path("policy.yaml"), toPath: scratch.path("moved.yaml"))
    let lost = try await verify(scratch)
    #expect(lost.status == 3, "\(lost.all)")
    #expect(lost.errors.contains("--policies"), "\(lost.all)")
    #expect(try await verify(scratch, "--policies", "moved.yaml").status == 0)
  }

  @Test func aTamperedProfileIsFound() async throws {
    let scratch = try await bundle()
    let text = try scratch.text(VerifyTests.profile)
    try scratch.write(VerifyTests.profile, text + "# a comment\n")
    let outcome = try await verify(scratch)
    #expect(outcome.status == 1, "\(outcome.all)")
    #expect(outcome.output.contains("SHA-256 differs"), "\(outcome.all)")
    try scratch.remove(VerifyTests.profile)
    #expect(try await verify(scratch).status == 1)
  }

  /// Whoever can write the bundle can write digests too: the proof is of what the profile says.
  @Test(arguments: [("/etc/shadow", "/etc/shado"), ("audit deny \"/etc/shadow", "deny \"/etc/shadow")])
  func aWeakerProfileIsFoundWhateverTheManifestSays(_ old: String, _ new: String) async throws {
    let scratch = try await bundle()
    try editProfile(scratch) { text in
      text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.contains("#") ? String($0) : String($0).replacing(old, with: new) }
        .joined(separator: "\n")
    }
    let outcome = try await verify(scratch)
    #expect(outcome.status == 1, "\(outcome.all)")
    #expect(outcome.output.contains("'read /etc/shadow as"), "\(outcome.all)")
    #expect(outcome.output.contains("'shop/no-shadow' spec.file.matchPaths[0] (policy.yaml:"), "\(outcome.all)")
  }

  /// Ways around the profile that no verdict shows.
  @Test(
    arguments: [
      ("audit deny mount,", "mount,"), ("  umount,", "  umount, change_profile,"), ("mediate_deleted", "complain"),
      (",mediate_deleted", ""), ("profile armorc.shop.web flags", "profile armorc.shop.web \"/{,**}\" flags"),
    ]
  )
  func aWayAroundTheProfileIsFound(_ old: String, _ new: String) async throws {
    let scratch = try await bundle()
    try editProfile(scratch) { $0.replacing(old, with: new) }
    let outcome = try await verify(scratch)
    #expect(outcome.status == 1, "\(outcome.all)")
  }

  @Test(
    arguments: [
      ("S01-a \"/usr/bin/a\"", "S01-a \"/usr/bin/a*\""), ("host.workers \"/{,**}\"", "host.workers \"/usr/**\""),
      ("host.workers \"/{,**}\"", "host.workers"), ("S01-a \"/usr/bin/a\"", "S01-a"),
    ]
  )
  func anAttachmentThatIsNotOursIsFound(_ old: String, _ new: String) async throws {
    let scratch = try await bundle(Sample.host(#"{path: /usr/bin/a}"#))
    try editProfile(scratch, "out/host.workers/apparmor.profile") { $0.replacing(old, with: new) }
    let outcome = try await verify(scratch)
    #expect(outcome.status == 1, "\(outcome.all)")
  }

  @Test func aProfileMoreIsFound() async throws {
    let scratch = try await bundle()
    try editProfile(scratch) { $0 + "profile more \"/usr/bin/more\" { network, }\n" }
    #expect(try await verify(scratch).status == 1)
  }

  @Test func aCommentInAProfileIsNoDifference() async throws {
    let scratch = try await bundle()
    try editProfile(scratch) { $0 + "# a comment\n" }
    #expect(try await verify(scratch).status == 0)
  }

  /// A manifest cannot talk a difference away that the backend would not have made.
  @Test func labelsOfTheManifestAreNotBelieved() async throws {
    let scratch = try await bundle()
    try editProfile(scratch) { $0.replacing("audit deny \"/etc/shadow", with: "audit deny \"/etc/other") }
    try scratch.editManifest { manifest in
      VerifyTests.editSubject(&manifest) { subject in
        guard var rules = subject["rules"] as? [[String: Any]] else { return }
        for index in rules.indices {
          rules[index]["exactness"] = ["apparmor": ["label": "looser", "reason": "so it is"]]
        }
        subject["rules"] = rules
      }
    }
    let outcome = try await verify(scratch)
    #expect(outcome.status == 1, "\(outcome.all)")
  }

  /// A rule that is looser somewhere may not be looser elsewhere: what is declared is a region, not a rule.
  @Test func aLooserRuleIsNoExcuseForAnotherHole() async throws {
    let scratch = try await bundle(Sample.looser, "--inexact", "warn")
    try editProfile(scratch, "out/shop.vault/apparmor.profile") { text in
      text.split(separator: "\n").filter { !$0.contains("audit deny \"/etc/keys") }.joined(separator: "\n") + "\n"
    }
    let outcome = try await verify(scratch)
    #expect(outcome.status == 1, "\(outcome.all)")
    #expect(outcome.output.contains("/etc/keys"), "\(outcome.all)")
  }

  @Test func declaredDifferencesAreProvedAndCounted() async throws {
    let scratch = try await bundle(Sample.looser, "--inexact", "warn")
    let outcome = try await verify(scratch)
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(outcome.output.contains("events"), "\(outcome.all)")
  }

  /// The record is what `diff` reads: it must be the one that was built, and mean what was built.
  @Test func aTamperedRecordIsFound() async throws {
    let scratch = try await bundle()
    let file = "out/shop.web/policy.json"
    let text = try scratch.text(file)
    try scratch.write(file, text + " ")
    let touched = try await verify(scratch)
    #expect(touched.status == 1 && touched.output.contains("SHA-256 differs"), "\(touched.all)")
    for (old, new, words) in [
      ("/etc/shadow", "/etc/gshadow", "means something else"), ("\"Block\"", "\"Deny\"", "policy.json:10:"),
      ("\"shop.web\"", "\"shop.cart\"", "is of 'shop.cart'"),
    ] {
      let other = text.replacing(old, with: new)
      try scratch.write(file, other)
      try scratch.editManifest { manifest in
        VerifyTests.editSubject(&manifest) { subject in
          guard var record = subject["record"] as? [String: Any] else { return }
          record["bytes"] = other.utf8.count
          record["sha256"] = sha256(Array(other.utf8))
          subject["record"] = record
        }
      }
      let outcome = try await verify(scratch)
      #expect(outcome.status == 1 && outcome.output.contains(words), "\(outcome.all)")
    }
    // Without one a bundle is as good as it was.
    try scratch.remove(file)
    try scratch.editManifest { manifest in
      VerifyTests.editSubject(&manifest) { $0["record"] = nil }
    }
    #expect(try await verify(scratch).status == 0)
  }

  @Test func aChangedPolicyIsFound() async throws {
    let scratch = try await bundle()
    try scratch.write("policy.yaml", Sample.clean.replacing("/etc/shadow", with: "/etc/gshadow"))
    let outcome = try await verify(scratch)
    #expect(outcome.status == 1, "\(outcome.all)")
    #expect(outcome.output.contains("mean something else"), "\(outcome.all)")
    // Equal meaning is equal: a comment and another message change nothing.
    try scratch.write(
      "policy.yaml",
      "# a comment\n" + Sample.clean.replacing("  action: Block", with: "  message: hands off\n  action: Block")
    )
    #expect(try await verify(scratch).status == 0)
  }

  @Test func aPolicyMoreOrLessIsFound() async throws {
    let scratch = try await bundle()
    try scratch.write(
      "policy.yaml",
      Sample.clean + "---\n"
        + Sample.clean.replacing("app: web", with: "app: cart").replacing("no-shadow", with: "other")
    )
    let more = try await verify(scratch)
    #expect(more.status == 1, "\(more.all)")
    #expect(more.output.contains("the bundle does not"), "\(more.all)")
    try scratch.write("policy.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    let less = try await verify(scratch)
    #expect(less.status == 1, "\(less.all)")
  }

  @Test(arguments: ["subjects", "meaning", "floor", "posture"])
  func aTamperedManifestIsFound(_ what: String) async throws {
    let allowing = Sample.policy(
      "list",
      "  action: Allow\n  file: {matchDirectories: [{dir: /srv/, recursive: true}]}\n"
    )
    let scratch = try await bundle(allowing, "--posture", "file=block")
    #expect(try await verify(scratch).status == 0)
    try scratch.editManifest { manifest in
      switch what {
      case "subjects": manifest["subjects"] = [Any]()
      case "meaning":
        VerifyTests.editSubject(&manifest) { $0["meaning"] = String(repeating: "0", count: 64) }
      default:
        var options = manifest["options"] as? [String: Any] ?? [:]
        if what == "floor" { options["floor"] = "none" } else { options["posture"] = ["file": "allow"] }
        manifest["options"] = options
      }
    }
    let outcome = try await verify(scratch)
    #expect(outcome.status == 1, "\(outcome.all)")
  }

  /// What is no manifest of armorc's cannot be verified at all.
  @Test func withoutAManifestItIsThree() async throws {
    let scratch = try Scratch()
    #expect(try await verify(scratch).status == 3)
    for text in ["", "{}", "[]", "{\"format\":2}", "{\"format\":1}", "\u{0}", String(repeating: "[", count: 100_000)] {
      try scratch.write("out/manifest.json", text)
      let outcome = try await verify(scratch)
      #expect(outcome.status == 3, "\(outcome.all)")
      #expect(outcome.errors.hasPrefix("armorc: "), "\(outcome.all)")
    }
  }

  @Test(arguments: ["../secret/apparmor.profile", "/etc/hostname", "shop.web/../../policy.yaml", "shop.web"])
  func aManifestCannotNameFilesOutside(_ file: String) async throws {
    let scratch = try await bundle()
    try scratch.editManifest { manifest in
      VerifyTests.editSubject(&manifest) { subject in
        guard var artifacts = subject["artifacts"] as? [[String: Any]] else { return }
        artifacts[0]["file"] = file
        subject["artifacts"] = artifacts
      }
    }
    let outcome = try await verify(scratch)
    #expect(outcome.status == 3, "\(outcome.all)")
  }

  @Test func standardInputCannotBeReadAgain() async throws {
    let scratch = try Scratch()
    #expect(try await Command.run(["build", "-", "-o", "out"], in: scratch, input: Sample.clean).status == 0)
    let outcome = try await verify(scratch)
    #expect(outcome.status == 3, "\(outcome.all)")
    #expect(outcome.errors.contains("--policies"), "\(outcome.all)")
  }

  @Test func nativeTextIsNamedAsUnproved() async throws {
    let scratch = try await bundle(Sample.policy("native", "  apparmor: |\n    deny ptrace (trace),\n"))
    let outcome = try await verify(scratch)
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(outcome.output.contains("proved but for spec.apparmor"), "\(outcome.all)")
  }

  /// The sources of one profile of a host: it must attach to each of them.
  @Test func severalSourcesOfAHostAreProved() async throws {
    let scratch = try await bundle(Sample.host(#"{path: /usr/bin/a}, {path: "/usr/bin/b,{c}"}, {path: /d}"#))
    let outcome = try await verify(scratch)
    #expect(outcome.status == 0, "\(outcome.all)")
    #expect(outcome.output.contains("host.workers         2 "), "\(outcome.all)")
  }
}
