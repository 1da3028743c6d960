import Foundation
import Testing

/// Nothing is written outside of `-o`, and nothing odd inside, whatever a policy or a manifest is called.
@Suite struct ContainmentTests {
  private static let names = [
    "../escape", "../../../../tmp/armorc-escape", "/tmp/armorc-escape", "a/b", "a\\b", "nul\u{0}byte", "line\nbreak",
    "tab\there", "quote\"s", "'; touch pwned; '", "$(touch pwned)", "-rf", "--", ".", "..", ".hidden", "~", "CON", "é",
    "\u{202E}rtl", "}", "profile x {", "# comment", "manifest.json", String(repeating: "a", count: 5000),
    String(repeating: "../", count: 2000) + "etc/armorc-escape", "%2e%2e%2f", " ", "",
  ]

  private func quoted(_ text: String) throws -> String {
    let data = try JSONSerialization.data(withJSONObject: text, options: [.fragmentsAllowed])
    return String(decoding: data, as: UTF8.self)
  }

  /// A document per name; `%` is where the name goes, `#` a number.
  private static let templates = [
    "policy name": """
    kind: KubeArmorPolicy
    metadata: {name: %, namespace: shop}
    spec: {selector: {matchLabels: {app: web}}, action: Block, file: {matchPaths: [{path: /etc/shadow}]}}
    """,
    "namespace": """
    kind: KubeArmorPolicy
    metadata: {name: p#, namespace: %}
    spec: {selector: {matchLabels: {app: web}}, action: Block, file: {matchPaths: [{path: /etc/shadow}]}}
    """,
    "label": """
    kind: KubeArmorPolicy
    metadata: {name: p#, namespace: shop}
    spec: {selector: {matchLabels: {app: %}}, action: Block, file: {matchPaths: [{path: /etc/shadow}]}}
    """,
    "container": """
    kind: KubeArmorPolicy
    metadata: {name: p#, namespace: shop}
    spec:
      selector: {matchLabels: {app: web, kubearmor.io/container.name: %}}
      action: Block
      file: {matchPaths: [{path: /etc/shadow}]}
    """,
    "message and tags": """
    kind: KubeArmorPolicy
    metadata: {name: p#, namespace: shop}
    spec:
      selector: {matchLabels: {app: web}}
      action: Block
      message: %
      tags: [%]
      file: {matchPaths: [{path: /etc/shadow, message: %}]}
    """,
    "path": """
    kind: KubeArmorPolicy
    metadata: {name: p#, namespace: shop}
    spec: {selector: {matchLabels: {app: a#}}, action: Block, file: {matchPaths: [{path: %}, {path: /etc/shadow}]}}
    """,
    "host name": """
    kind: KubeArmorHostPolicy
    metadata: {name: p#}
    spec:
      nodeSelector: {matchLabels: {kubernetes.io/hostname: %}}
      action: Block
      file: {matchPaths: [{path: /etc/shadow}]}
    """,
    "native text": """
    kind: KubeArmorPolicy
    metadata: {name: p#, namespace: shop}
    spec: {selector: {matchLabels: {app: a#}}, apparmor: %}
    """,
  ]

  private func check(_ scratch: Scratch, _ what: String) async throws -> Int {
    let before = try scratch.tree()
    let outcome = try await Command.run(
      ["build", "policies.yaml", "-o", "inner/out", "--keep-going", "--inexact", "warn"],
      in: scratch
    )
    #expect(outcome.status == 0 || outcome.status == 1, "\(what): \(outcome.status) \(outcome.errors)")
    #expect(try scratch.tree(without: "inner/out") == before, "\(what)")
    #expect(!FileManager.default.fileExists(atPath: "/tmp/armorc-escape"))
    var subjects = 0
    for name in try scratch.tree().keys where name.hasPrefix("inner/out/") {
      let parts = name.dropFirst("inner/out/".count).split(separator: "/")
      if parts == ["manifest.json"] { continue }
      #expect(parts[0].wholeMatch(of: /[a-z0-9_][a-z0-9._-]{0,119}/) != nil, "\(what): \(name)")
      let isOurs = parts.dropFirst() == ["apparmor.profile"] || parts.dropFirst() == ["policy.json"]
      #expect(parts.count == 1 || isOurs, "\(what): \(name)")
      subjects += parts.count == 1 ? 1 : 0
    }
    return subjects
  }

  @Test(arguments: ContainmentTests.templates.keys.sorted())
  func namesOfPolicies(_ field: String) async throws {
    let scratch = try Scratch()
    try scratch.write("inner/keep.txt", "kept")
    let template = try #require(ContainmentTests.templates[field])
    var text = ""
    for (number, name) in ContainmentTests.names.enumerated() {
      text += "---\napiVersion: security.kubearmor.com/v1\n"
      text += template.replacing("#", with: "\(number)").replacing("%", with: try quoted(name)) + "\n"
    }
    // One that is built in any case.
    try scratch.write(
      "policies.yaml",
      text + "---\n"
        + Sample.policy("sound", app: "sound", "  action: Block\n  process: {matchPaths: [{path: /bin/sh}]}\n")
    )
    #expect(try await check(scratch, field) > 0)
  }

  /// Names in manifests come from somewhere else, and are not ours to refuse.
  @Test func namesOfWorkloadsAndNodes() async throws {
    let scratch = try Scratch()
    try scratch.write("inner/keep.txt", "kept")
    var text = Sample.clean
    text += """
      ---
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorHostPolicy
      metadata: {name: hosts}
      spec:
        nodeSelector: {matchLabels: {pool: all}}
        action: Block
        file: {matchPaths: [{path: /etc/shadow}]}

      """
    for name in ContainmentTests.names {
      let name = try quoted(name)
      text += """
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: \(name), namespace: shop, labels: {app: web}}
        spec: {containers: [{name: \(name), image: x}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: same, namespace: shop, labels: {app: web}}
        spec: {containers: [{name: \(name), image: x}]}
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: \(name), labels: {pool: all, kubernetes.io/hostname: \(name)}}

        """
    }
    try scratch.write("policies.yaml", text)
    #expect(try await check(scratch, "workloads") > 10)
  }
}
