import Analysis
import Foundation
import Frontend
import IR
import Testing
import _PolicyTestSupport

struct PolicyEditsTests {
  /// A policy of namespace `shop`; `body` is what follows the selector.
  static func policy(_ body: String, name: String = "web", selector: String = "app: web") -> String {
    """
    apiVersion: security.kubearmor.com/v1
    kind: KubeArmorPolicy
    metadata: {name: \(name), namespace: shop}
    spec:
      selector: {matchLabels: {\(selector)}}
    \(body.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n"))

    """
  }

  static func load(_ texts: [String], _ name: String) -> [Policy] {
    Frontend.load(sources: [(name, Array(texts.joined(separator: "---\n").utf8))]).policies.map(\.policy)
  }

  static func subject(_ entries: [(ResourceClass, Cause)] = [], settings: [SettingChange] = []) -> SubjectDiff {
    SubjectDiff(
      name: "s",
      description: "",
      presence: .both,
      settings: settings,
      entries: entries.map { ChangeEntry(resourceClass: $0.0, old: .allow, new: .block, cause: $0.1, regions: []) }
    )
  }

  static func edits(
    _ old: [String],
    _ new: [String],
    _ subjects: ([Policy], [Policy]) -> [SubjectDiff] = { _, _ in [] }
  ) -> [String] {
    let before = load(old, "old.yaml")
    let after = load(new, "new.yaml")
    return PolicyEdits.of(old: before, new: after, subjects: subjects(before, after)).map {
      "\($0.words) | \($0.effectWords)"
    }
  }

  static let curl = """
    process:
      matchPaths:
      - path: /usr/bin/curl
    """
  static let curlAndNc = """
    process:
      matchPaths:
      - path: /bin/nc
      - path: /usr/bin/curl
    """

  @Test func nothingChanged() {
    #expect(Self.edits([Self.policy(Self.curl)], [Self.policy(Self.curl)]) == [])
    #expect(Self.edits([], []) == [])
  }

  @Test func policies() {
    #expect(
      Self.edits([Self.policy(Self.curl, name: "a")], [Self.policy(Self.curlAndNc, name: "b")]) { _, new in
        [Self.subject([(.process, Cause(.policyAdded, new: new[0].rules[0]))])]
      } == [
        "policy 'shop/a' removed | no change in meaning: no change of a verdict is due to it",
        "policy 'shop/b' added | changes the meaning",
      ]
    )
  }

  @Test func renamed() {
    #expect(
      Self.edits([Self.policy(Self.curl, name: "a")], [Self.policy(Self.curl, name: "b")]) == [
        "policy 'shop/a' removed | no change in meaning: the same rules as 'shop/b'",
        "policy 'shop/b' added | no change in meaning: the same rules as 'shop/a'",
      ]
    )
  }

  @Test func ruleAddedAndRemoved() {
    let old = [Self.policy(Self.curl)]
    let new = [Self.policy(Self.curlAndNc)]
    #expect(
      Self.edits(old, new) { _, new in [Self.subject([(.process, Cause(.ruleAdded, new: new[0].rules[0]))])] } == [
        "policy 'shop/web': rule added: Block exec of /bin/nc | changes the meaning"
      ]
    )
    #expect(
      Self.edits(new, old) { old, _ in [Self.subject([(.process, Cause(.ruleRemoved, old: old[0].rules[0]))])] } == [
        "policy 'shop/web': rule removed: Block exec of /bin/nc | changes the meaning"
      ]
    )
    #expect(
      Self.edits(old, new) == [
        "policy 'shop/web': rule added: Block exec of /bin/nc | no change in meaning: no event is decided otherwise"
      ]
    )
  }

  @Test func covered() {
    let directory = "process:\n  matchDirectories:\n  - {dir: /bin/}"
    let both = directory + "\n  matchPaths:\n  - {path: /bin/nc}"
    #expect(
      Self.edits([Self.policy(directory)], [Self.policy(both)]) == [
        "policy 'shop/web': rule added: Block exec of /bin/nc | no change in meaning: already covered by new.yaml:8 "
          + "('Block exec of /bin/ (dir)')"
      ]
    )
    #expect(
      Self.edits([Self.policy(both)], [Self.policy(directory)]) == [
        "policy 'shop/web': rule removed: Block exec of /bin/nc | no change in meaning: still covered by new.yaml:8 "
          + "('Block exec of /bin/ (dir)')"
      ]
    )
    // By a policy that applies wherever this one does.
    let wide = Self.policy(directory, name: "wide", selector: "")
    #expect(
      Self.edits([wide, Self.policy(Self.curl)], [wide, Self.policy(Self.curlAndNc)]) == [
        "policy 'shop/web': rule added: Block exec of /bin/nc | no change in meaning: already covered by new.yaml:8 "
          + "('Block exec of /bin/ (dir)')"
      ]
    )
    let twice = Self.curl + "\n  - path: /usr/bin/curl"
    #expect(
      Self.edits([Self.policy(Self.curl)], [Self.policy(twice)]) == [
        "policy 'shop/web': rule added: Block exec of /usr/bin/curl | no change in meaning: the same rule is at new.yaml:8"
      ]
    )
  }

  @Test func changed() {
    let old = [Self.policy("file:\n  matchDirectories:\n  - {dir: /etc/}")]
    let new = [Self.policy("file:\n  matchDirectories:\n  - {dir: /etc/, recursive: true}")]
    let line =
      "policy 'shop/web': rule changed: Block read and write of /etc/ (dir) -> Block read and write of /etc/ (dir, recursive)"
    #expect(
      Self.edits(old, new) { old, new in
        [Self.subject([(.file, Cause(.ruleChanged, old: old[0].rules[0], new: new[0].rules[0]))])]
      } == [line + " | changes the meaning"]
    )
    #expect(
      Self.edits(
        [Self.policy("file:\n  matchPatterns:\n  - {pattern: '/{a,b}'}")],
        [Self.policy("file:\n  matchPatterns:\n  - {pattern: '/[ab]'}")]
      ) == [
        "policy 'shop/web': rule changed: Block read and write of /{a,b} -> Block read and write of /[ab] | "
          + "no change in meaning: two ways to write the same"
      ]
    )
    // A changed action at another place is still the same rule.
    #expect(
      Self.edits(
        [Self.policy(Self.curlAndNc)],
        [Self.policy("process:\n  matchPaths:\n  - {path: /usr/bin/curl, action: Audit}\n  - {path: /bin/nc}")]
      ) == [
        "policy 'shop/web': rule changed: Block exec of /usr/bin/curl -> Audit exec of /usr/bin/curl | "
          + "no change in meaning: no event is decided otherwise"
      ]
    )
  }

  @Test func reordered() {
    let back = "process:\n  matchPaths:\n  - path: /usr/bin/curl\n  - path: /bin/nc"
    #expect(
      Self.edits([Self.policy(Self.curlAndNc)], [Self.policy(back)]) == [
        "policy 'shop/web': rules in another order | no change in meaning: the order of rules never matters"
      ]
    )
    #expect(
      Self.edits(
        [Self.policy(Self.curl, name: "a"), Self.policy(Self.curl, name: "b")],
        [
          Self.policy(Self.curl, name: "b"), Self.policy(Self.curl, name: "a"),
        ]
      ) == []
    )
  }

  @Test func metadata() {
    let old = Self.policy(Self.curlAndNc + "\nseverity: 3\ntags: [a]\nmessage: stop")
    let new = Self.policy(Self.curlAndNc + "\nseverity: 7\nmessage: \"never\\e[31m\"")
    #expect(
      Self.edits([old], [new]) == [
        "policy 'shop/web': severity of 2 rules: '3' -> '7' | no change in meaning: no verdict depends on severity",
        "policy 'shop/web': tags of 2 rules: 'a' -> none | no change in meaning: no verdict depends on tags",
        "policy 'shop/web': message of 2 rules: 'stop' -> 'never\\x1B[31m' | "
          + "no change in meaning: no verdict depends on messages",
      ]
    )
  }

  @Test func selector() {
    let old = [Self.policy(Self.curl)]
    let new = [Self.policy(Self.curl, selector: "app: web, tier: front")]
    let line =
      "policy 'shop/web': selector: pods; namespaces in shop; labels app=web -> "
      + "pods; namespaces in shop; labels app=web,tier=front"
    #expect(
      Self.edits(old, new) { old, _ in [Self.subject([(.process, Cause(.policyLeft, old: old[0].rules[0]))])] } == [
        line + " | changes the meaning"
      ]
    )
    #expect(
      Self.edits(old, new) { old, _ in [Self.subject(settings: [.policyLeft(old[0].id, old[0].location)])] } == [
        line + " | no change in meaning: where it joins or leaves, other rules decide alike"
      ]
    )
    #expect(
      Self.edits(old, new) == [line + " | no change in meaning: it applies to the same subjects as before"]
    )
  }

  @Test func notCompiled() {
    let preset = "presets:\n- {name: filelessExec, action: Block}"
    #expect(
      Self.edits(
        [Self.policy(Self.curl + "\napparmor: |\n  /etc/** r,")],
        [Self.policy(Self.curl + "\napparmor: |\n  /etc/* r,\n" + preset)]
      ) == [
        "policy 'shop/web': native AppArmor rules changed | not judged",
        "policy 'shop/web': preset 'filelessExec' (Block) added | not judged",
      ]
    )
    // A rule that no verdict looks at.
    let condition = "process:\n  matchPaths:\n  - {path: /bin/nc, pts: false}"
    #expect(
      Self.edits([Self.policy(Self.curl)], [Self.policy(condition)]).first
        == "policy 'shop/web': rule changed: Block exec of /usr/bin/curl -> Block exec of /bin/nc, without a terminal "
        + "(no verdict) | not judged"
    )
  }

  @Test func incomparable() {
    var subject = Self.subject()
    subject.problem = "too large"
    #expect(
      Self.edits([Self.policy(Self.curl)], [Self.policy(Self.curlAndNc)]) { _, _ in [subject] } == [
        "policy 'shop/web': rule added: Block exec of /bin/nc | not judged"
      ]
    )
  }

  @Test func namesakes() {
    let first = Self.policy(Self.curl)
    let second = Self.policy(Self.curlAndNc)
    #expect(Self.edits([first, second], [second, first]) == [])
    #expect(
      Self.edits([first, second], [second]) == [
        "policy 'shop/web' removed | no change in meaning: no event is decided otherwise"
      ]
    )
    #expect(Self.edits([first, first, first], [second, second]).count == 3)
  }

  // MARK: Real policies

  private static let folder: URL = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let places = ["../shared/corpus/policies", "../../shared/corpus/policies"].map {
      root.appending(path: $0).standardizedFileURL
    }
    return places.first { FileManager.default.fileExists(atPath: $0.path) } ?? root.appending(path: "no-corpus")
  }()
  private static var isThere: Bool { FileManager.default.fileExists(atPath: folder.path) }

  @Test("shuffled rules are at most in another order", .enabled(if: isThere)) func shuffled() throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    let sources = try names.map { ($0, Array(try Data(contentsOf: Self.folder.appendingPathComponent($0)))) }
    let policies = Frontend.load(sources: sources).policies.map(\.policy)
    #expect(!policies.isEmpty)
    var generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    var reordered = 0
    for policy in policies {
      var other = policy
      let origins = policy.rules.map(\.origin)
      other.rules = policy.rules.shuffled(using: &generator)
      for index in other.rules.indices { other.rules[index].origin = origins[index] }
      let edits = PolicyEdits.of(old: [policy], new: [other], subjects: [])
      #expect(edits.allSatisfy { $0.kind == .reordered }, "\(policy.location)")
      #expect(edits.count <= 1)
      reordered += edits.count
      // The larger ones take minutes and add nothing.
      if policy.rules.count <= 40, let before = try? DecisionTable(rules: policy.rules, postures: Postures()),
        let after = try? DecisionTable(rules: other.rules, postures: Postures())
      {
        #expect(before.meaning == after.meaning)
      }
    }
    #expect(reordered > 0)
    // All at once: names stand in many files.
    #expect(
      PolicyEdits.of(old: policies, new: policies.reversed(), subjects: []).allSatisfy { edit in
        if case .policyAdded = edit.kind { false } else { true }
      }
    )
  }
}
