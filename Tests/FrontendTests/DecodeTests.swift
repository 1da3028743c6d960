import Diagnostics
import Frontend
import IR
import Testing

@Suite struct DecodeTests {
  @Test func attributesInheritOneByOne() throws {
    let result = check(
      policy(
        """
        action: Audit
        severity: 3
        tags: [a, b]
        message: spec
        file:
          severity: 5
          message: section
          matchPaths:
          - path: /a
          - path: /b
            action: Allow
            tags: [c]
        process:
          action: Block
          matchPaths:
          - execname: sh
        """
      ),
      []
    )
    let rules = try #require(result.policies.first).policy.rules
    #expect(rules.map(\.action) == [.audit, .allow, .block])
    #expect(rules.map(\.severity) == [5, 5, 3])
    #expect(rules.map(\.tags) == [["a", "b"], ["c"], ["a", "b"]])
    #expect(rules.map(\.message) == ["section", "section", "spec"])
    #expect(
      rules.map(\.origin.path) == [
        "spec.file.matchPaths[0]", "spec.file.matchPaths[1]", "spec.process.matchPaths[0]",
      ]
    )
    #expect(rules.map(\.origin.position) == [0, 1, 2])
    #expect(rules.map(\.origin.location.line) == [14, 15, 21])
  }

  @Test func commaListsSplitInEveryElement() throws {
    let result = check(
      policy("network:\n  matchProtocols:\n  - protocol: ICMP\n  - protocol: \"tcp, UDP\"\n    action: Audit"),
      []
    )
    let loaded = try #require(result.policies.first)
    #expect(loaded.policy.rules.map(\.target) == [.network(.icmp), .network(.tcp), .network(.udp)])
    #expect(loaded.policy.rules.map(\.action) == [.block, .audit, .audit])
    #expect(loaded.policy.rules.map(\.origin.position) == [0, 1, 2])
    #expect(loaded.spans.rules.count == 3)
  }

  @Test func syscallsAreAlwaysAudited() throws {
    let result = check(
      policy(
        "action: Block\nsyscalls:\n  matchSyscalls:\n  - syscall: [open, open, unlink]\n  matchPaths:\n"
          + "  - path: /tmp/\n    recursive: true\n    syscall: [rmdir]\n    fromSource:\n    - dir: /bin\n      recursive: true"
      ),
      []
    )
    let rules = try #require(result.policies.first).policy.rules
    #expect(rules.map(\.action) == [.audit, .audit])
    let tmp = try #require(BytePath("/tmp"))
    let bin = try #require(BytePath("/bin"))
    #expect(rules[0].target == .syscall(["open", "unlink"], path: nil))
    #expect(rules[1].target == .syscall(["rmdir"], path: .directory(tmp, recursive: true, includesSelf: true)))
    #expect(rules[1].sources == [.directory(bin, recursive: true, includesSelf: false)])
  }

  @Test func directoriesOfFilesIncludeThemselves() throws {
    let rule = "matchDirectories:\n  - dir: /etc/\n    recursive: true\n  - dir: /"
    let result = check(policy("file:\n  \(rule)\nprocess:\n  \(rule)"), [])
    let rules = try #require(result.policies.first).policy.rules
    let etc = try #require(BytePath("/etc"))
    #expect(
      rules.map(\.target) == [
        .file(.directory(etc, recursive: true, includesSelf: true)),
        .file(.directory(.root, recursive: false, includesSelf: true)),
        .process(.directory(etc, recursive: true, includesSelf: false)),
        .process(.directory(.root, recursive: false, includesSelf: false)),
      ]
    )
  }

  @Test func partsWithoutCompiledFormAreKept() throws {
    let result = check(
      policy(
        "apparmor: |\n  deny /x r,\npresets:\n- name: exec\n  action: Audit\nnetwork:\n  matchDNSQueries:\n  - domain: a.b\n"
          + "process:\n  matchPaths:\n  - path: /a\n    allowedArgs: [-x]\n    pts: false"
      ),
      []
    )
    let policy = try #require(result.policies.first).policy
    #expect(policy.notCompiled.map(\.resourceClass) == [.presets, .dns])
    #expect(policy.nativeAppArmor?.text == "deny /x r,\n")
    #expect(policy.rules.first?.condition == Rule.Condition(pts: false, allowedArguments: ["-x"]))
    #expect(!policy.isIncomplete)
  }

  /// A preset has an action of its own; all else is the policy's.
  @Test func presetsInheritAllButTheAction() throws {
    let result = check(
      policy(
        "severity: 4\ntags: [a]\nmessage: m\naction: Audit\npresets:\n- name: protectEnv\n  action: Block\n"
          + "- name: filelessExec\n  action: Audit"
      ),
      []
    )
    let presets = try #require(result.policies.first).policy.notCompiled.compactMap(\.preset)
    #expect(presets.map(\.preset) == [.protectEnv, .filelessExec])
    #expect(presets.map(\.action) == [.block, .audit])
    #expect(presets.allSatisfy { $0.severity == 4 && $0.tags == ["a"] && $0.message == "m" })
    #expect(presets.map(\.origin.path) == ["spec.presets[0]", "spec.presets[1]"])
  }

  /// `pts: true` excludes nothing, so the rule is one like others.
  @Test func onlyFalseIsACondition() throws {
    let result = check(policy("process:\n  matchPaths:\n  - path: /a\n    pts: true\n  - path: /b\n    pts: false"), [])
    let rules = try #require(result.policies.first).policy.rules
    #expect(rules.map(\.condition) == [nil, Rule.Condition(pts: false, allowedArguments: [])])
  }

  @Test func aRuleWithAnErrorIsLeftOut() throws {
    let result = check(policy("file:\n  matchPaths:\n  - path: 1️⃣x\n  - path: /b"), [Expected("1️⃣", .badPath)])
    let loaded = try #require(result.policies.first)
    #expect(loaded.policy.rules.map(\.origin.position) == [1])
    #expect(loaded.policy.isIncomplete)
    #expect(loaded.spans.rule(1).map { result.sourceMap.text($0.subject).elementsEqual("/b".utf8) } == true)
  }

  @Test func selectors() throws {
    let pod = check(
      policy(
        "selector:\n  matchLabels:\n    app: web\n    kubearmor.io/container.name: \"[a, b]\"\n  matchExpressions:\n"
          + "  - {key: label, operator: NotIn, values: [x=y]}\nfile:\n  matchPaths:\n  - path: /a"
      ),
      []
    )
    #expect(
      pod.policies.first?.policy.selector
        == .pods(
          PodSelector(
            namespaces: .one("default"),
            labels: [LabelPair("app", "web")],
            expressions: [LabelExpression(.notIn, [LabelPair("x", "y")])],
            containers: ["a", "b"]
          )
        )
    )
    let cluster = check(
      policy(
        "selector:\n  matchExpressions:\n  - {key: namespace, operator: NotIn, values: [b]}\n"
          + "  - {key: namespace, operator: In, values: [a, b]}\nfile:\n  matchPaths:\n  - path: /a",
        kind: "KubeArmorClusterPolicy"
      ),
      []
    )
    #expect(cluster.policies.first?.policy.selector == .pods(PodSelector(namespaces: NamespaceSet(included: ["a"]))))
  }

  @Test func movingYAMLNeverChangesTheIR() throws {
    let source = policy("file:\n  matchPaths:\n  - path: /a\n    readOnly: true")
    let other =
      "# moved\n\n"
      + source.replacing("  - path: /a\n", with: "  -   path: \"/a\" # x\n")
      .replacing("    readOnly", with: "      readOnly")
    let first = check(source, []).policies.map(\.policy)
    #expect(first == check(other, []).policies.map(\.policy))
    #expect(first.count == 1)
  }
}
