import Diagnostics
import Frontend
import IR
import Testing

@Suite struct SchemaTests {
  @Test(arguments: [
    ("file:\n  1️⃣matchPath:\n  - path: /a", FrontendCode.unknownField),
    ("process:\n  matchPaths:\n  - 1️⃣execName: sh", .unknownField),
    ("1️⃣msg: hello\nfile:\n  matchPaths:\n  - path: /a", .unknownField),
    ("1️⃣matchPaths:\n- path: /a", .misplacedField),
    ("selector:\n  1️⃣app: web\nfile:\n  matchPaths:\n  - path: /a", .misplacedField),
    ("selector:\n  1️⃣matchPaths:\n  - path: /a", .misplacedField),
    ("process:\n  matchPaths:\n  - path: /a\n  1️⃣file:\n    matchPaths:\n    - path: /a", .misplacedField),
    ("1️⃣nodeSelector:\n  matchLabels:\n    a: b\nfile:\n  matchPaths:\n  - path: /a", .wrongSelector),
    ("1️⃣file:\nmatchPaths:\n- path: /a", .lostIndentation),
    ("file:\n  1️⃣matchPaths:", .emptyValue),
    ("action: 1️⃣allow\nfile:\n  matchPaths:\n  - path: /a", .badAction),
    ("severity: 1️⃣\"5\"\nfile:\n  matchPaths:\n  - path: /a", .wrongType),
    ("severity: 1️⃣11\nfile:\n  matchPaths:\n  - path: /a", .outOfRange),
    ("severity: 1️⃣99999999999999999999\nfile:\n  matchPaths:\n  - path: /a", .outOfRange),
    ("tags: 1️⃣yes\nfile:\n  matchPaths:\n  - path: /a", .wrongType),
    ("tags: [1️⃣1]\nfile:\n  matchPaths:\n  - path: /a", .wrongType),
    ("file:\n  matchPaths:\n  - path: 1️⃣etc/passwd", .badPath),
    ("file:\n  matchPaths:\n  - path: 1️⃣/etc/", .pathWithSlash),
    ("file:\n  matchPaths:\n  - path: 1️⃣/", .pathWithSlash),
    ("file:\n  matchPaths:\n  - path: 1️⃣/a/../b", .pathNotNormal),
    ("file:\n  matchPaths:\n  - path: 1️⃣//a", .pathNotNormal),
    ("file:\n  matchPaths:\n  - path: 1️⃣\"/a\\0b\"", .badPath),
    ("file:\n  matchPaths:\n  - path: 1️⃣|\n      /a", .badPath),
    ("file:\n  matchPaths:\n  - 1️⃣readOnly: true", .missingField),
    ("file:\n  matchPaths:\n  - 1️⃣/etc/passwd", .wrongType),
    ("file:\n  1️⃣- path: /etc/passwd", .wrongType),
    ("file:\n  matchPaths:\n    1️⃣path: /a", .wrongType),
    ("file:\n  matchDirectories:\n  - dir: 1️⃣/etc", .directoryWithoutSlash),
    ("file:\n  matchDirectories:\n  - 1️⃣path: /etc/", .unknownField),
    ("file:\n  matchPatterns:\n  - pattern: 1️⃣^/etc/.*$", .badPattern),
    ("file:\n  matchPaths:\n  - path: /a\n    fromSource:\n    - 1️⃣dir: /bin/", .badSource),
    ("file:\n  matchPaths:\n  - path: /a\n    fromSource:\n    - 1️⃣/bin/sh", .badSource),
    ("process:\n  matchPaths:\n  - 1️⃣ownerOnly: true", .pathOrExecname),
    ("process:\n  matchPaths:\n  - path: /a\n    1️⃣execname: a", .pathOrExecname),
    ("process:\n  matchPaths:\n  - execname: 1️⃣bin/a", .badExecname),
    ("process:\n  matchPaths:\n  - path: /a\n    1️⃣readOnly: true", .unknownField),
    ("network:\n  matchProtocols:\n  - protocol: tcp, 1️⃣foo", .unknownProtocol),
    ("network:\n  1️⃣matchPaths:\n  - path: /a", .misplacedField),
    ("capabilities:\n  matchCapabilities:\n  - capability: 1️⃣net_raww", .unknownCapability),
    ("syscalls:\n  matchSyscalls:\n  - syscall: [1️⃣opn]", .unknownSyscall),
    ("presets:\n- name: 1️⃣fileless\n  action: Block", .badPreset),
    ("presets:\n- name: exec\n  action: 1️⃣Allow", .badPreset),
    ("presets:\n- 1️⃣name: exec", .missingField),
    ("selector:\n  matchLabels:\n    1️⃣a b: c\nfile:\n  matchPaths:\n  - path: /a", .badLabel),
    ("selector:\n  matchLabels:\n    a: 1️⃣true\nfile:\n  matchPaths:\n  - path: /a", .wrongType),
    (
      "selector:\n  matchExpressions:\n  - key: label\n    operator: 1️⃣in\n    values: [a=b]\nfile:\n  matchPaths:\n"
        + "  - path: /a", .badExpression
    ),
    (
      "selector:\n  matchExpressions:\n  - key: label\n    operator: In\n    values: [1️⃣a]\nfile:\n  matchPaths:\n"
        + "  - path: /a", .badExpression
    ),
  ])
  func finding(_ spec: String, _ code: FrontendCode) {
    let result = check(policy(spec), [Expected("1️⃣", code)])
    #expect(result.policies.first?.policy.isIncomplete == true)
  }

  @Test func longPaths() {
    let long = "/" + String(repeating: "a", count: 200)
    check(policy("file:\n  matchPaths:\n  - path: 1️⃣\(long)"), [Expected("1️⃣", .pathTooLong)])
    check(policy("file:\n  matchDirectories:\n  - dir: \(long)/"), [])
    let huge = "/" + String(repeating: "a", count: 5000) + "/"
    check(policy("file:\n  matchDirectories:\n  - dir: 1️⃣\(huge)"), [Expected("1️⃣", .pathTooLong)])
  }

  @Test func hostPolicies() {
    let rule = "file:\n  matchPaths:\n  - path: /a"
    check(
      policy(rule, kind: "KubeArmorHostPolicy").replacing("spec:", with: "1️⃣spec:"),
      [Expected("1️⃣", .missingField)]
    )
    check(
      policy("nodeSelector:\n  1️⃣matchLabels: {}\n\(rule)", kind: "KubeArmorHostPolicy"),
      [Expected("1️⃣", .emptyNodeSelector)]
    )
    check(
      policy("1️⃣selector:\n  matchLabels:\n    a: b\n\(rule)", kind: "KubeArmorHostPolicy"),
      [Expected("1️⃣", .wrongSelector)]
    )
    let all = policy(
      "nodeSelector:\n  matchLabels:\n    kubearmor.io/hostname: \"*\"\n\(rule)",
      kind: "KubeArmorHostPolicy"
    )
    #expect(check(all, []).policies.first?.policy.selector == .nodes(NodeSelector()))
    check(
      policy(
        "nodeSelector:\n  matchLabels:\n    a: b\nnetwork:\n  matchProtocols:\n  - 1️⃣protocol: tcp\n"
          + "  - protocol: udp\n    fromSource: []",
        kind: "KubeArmorHostPolicy"
      ),
      [Expected("1️⃣", .sourceRequired, .warning)]
    )
  }

  @Test func objects() {
    let good = policy("file:\n  matchPaths:\n  - path: /a")
    check(
      good.replacing("kubearmor.com/v1", with: "x.com/v1").replacing(": security", with: ": 1️⃣security"),
      [
        Expected("1️⃣", .wrongVersion)
      ]
    )
    check(good.replacing("KubeArmorPolicy", with: "1️⃣KubearmorPolicy"), [Expected("1️⃣", .unknownKind)])
    check(good.replacing("kind", with: "1️⃣Kind"), [Expected("1️⃣", .unknownKind)])
    check(good.replacing("  name: test", with: "  name: 1️⃣Test_1"), [Expected("1️⃣", .badName)])
    check(
      good.replacing("metadata:", with: "1️⃣metadata:").replacing("  name: test\n", with: ""),
      [
        Expected("1️⃣", .emptyValue)
      ]
    )
    check(good.replacing("  name: test", with: "  name: test\n  namespace: 1️⃣A"), [Expected("1️⃣", .badNamespace)])
    check(
      policy("1️⃣action: Block").replacing("1️⃣", with: "").replacing("spec:", with: "1️⃣spec:"),
      [
        Expected("1️⃣", .noRule)
      ]
    )
    check("1️⃣hello\n", [Expected("1️⃣", .notAnObject)])
    check("kind: 1️⃣Service\napiVersion: v1\n", [Expected("1️⃣", .otherKind, .note)])
  }

  @Test func listOfPolicies() {
    let items = policy("file:\n  matchPaths:\n  - path: 1️⃣a").split(separator: "\n").enumerated().map {
      ($0.offset == 0 ? "- " : "  ") + $0.element
    }
    let result = check(
      "apiVersion: v1\nkind: List\nitems:\n" + items.joined(separator: "\n"),
      [Expected("1️⃣", .badPath)]
    )
    #expect(result.policies.count == 1)
  }

  @Test func capabilityPrefixIsNoted() {
    let result = check(
      policy("capabilities:\n  matchCapabilities:\n  - capability: 1️⃣CAP_NET_RAW"),
      [Expected("1️⃣", .capabilityPrefix, .note)]
    )
    #expect(result.policies.first?.policy.rules.map(\.target) == [.capability(.net_raw)])
  }
}
