import Diagnostics
import IR

/// A regular expression where a glob or a path is expected.
struct RegularExpressionPattern: LintRule {
  static let page = RulePage(
    id: "ARM2009",
    name: "RegularExpressionPattern",
    severity: .error,
    summary: "regular expression where a glob or a path is expected",
    why: """
      `matchPatterns` reads AppArmor globs: `*` (no slash), `**`, `?`, `[a-z]`, `[^a]`, `{a,b}`. In a glob `(`, `|`, `)`,
      `+`, `$` and `.` stand for themselves and `\\W` is a plain `W`, so a regular expression matches something quite
      different, mostly nothing.
      """,
    bad: [
      #"""
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: no-shells
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPatterns:
          - pattern: 1️⃣/usr/bin/(bash|sh)
          - pattern: 2️⃣/usr/bin/[a-z]+\Wssh
        file:
          matchPatterns:
          - pattern: 3️⃣/proc/*/mem$
        action: Block
      """#
    ],
    good: [
      #"""
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: no-shells
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPatterns:
          - pattern: /usr/bin/{bash,sh}
          - pattern: /usr/bin/g++*
        file:
          matchPatterns:
          - pattern: /proc/*/mem
          - pattern: /home/*/.*
        action: Block
      """#
    ],
    fix: "Write a glob: `{a,b}` for `(a|b)`, `*` for `[^/]*`, `**` for `.*`, `?` for `.`; it always covers whole paths."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    for policy in pass.input.policies {
      for rule in policy.rules {
        guard let text = CommandLinePattern.text(rule), let evidence = RegularExpressionPattern.evidence(text) else {
          continue
        }
        findings.append(
          finding(
            "\(RuleText.quoted(text)) is a regular expression",
            at: pass.place(rule),
            caption: "\(evidence) has no such meaning here",
            notes: ["patterns are globs over whole paths: '*', '**', '?', '[..]', '{a,b}'"]
          )
        )
      }
    }
    return findings
  }

  /// What gives a regular expression away, quoted; nil for a text that can be meant as a glob.
  static func evidence(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    if bytes.first == UInt8(ascii: "^") { return "'^'" }
    if bytes.last == UInt8(ascii: "$"), bytes.count > 1 { return "'$'" }
    if let open = bytes.firstIndex(of: UInt8(ascii: "(")), let close = bytes[open...].firstIndex(of: UInt8(ascii: ")")),
      bytes[open..<close].contains(UInt8(ascii: "|"))
    {
      return "'(…|…)'"
    }
    for (index, byte) in bytes.enumerated() where index + 1 < bytes.count {
      let next = bytes[index + 1]
      switch byte {
      case UInt8(ascii: "\\"):
        // `\d065` is a byte by its decimal number; no other of these letters means anything in a glob.
        let isDecimal = next == UInt8(ascii: "d") && index + 2 < bytes.count && (48...57).contains(bytes[index + 2])
        if "wWdDsSb".utf8.contains(next), !isDecimal { return "'\\\(Character(Unicode.Scalar(next)))'" }
        if next == UInt8(ascii: "."), index > 0, bytes[index - 1] == UInt8(ascii: "*"), index > 1,
          bytes[index - 2] == UInt8(ascii: ".")
        {
          return "'.*\\.'"
        }
      case UInt8(ascii: "]"), UInt8(ascii: ")"):
        if next == UInt8(ascii: "+") { return "'\(Character(Unicode.Scalar(byte)))+'" }
      default: continue
      }
    }
    return nil
  }
}
