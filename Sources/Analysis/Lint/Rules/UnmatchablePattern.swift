import Diagnostics
import IR

/// A pattern that no path can have.
struct UnmatchablePattern: LintRule {
  static let page = RulePage(
    id: "ARM2010",
    name: "UnmatchablePattern",
    severity: .error,
    summary: "pattern that matches no path",
    why: """
      The kernel hands out paths that are absolute, without `//`, without `.` and `..` components and without a slash at
      the end, directories included. This pattern demands one of these, so the rule can never apply.
      """,
    bad: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: uploads
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchPatterns:
          - pattern: 1️⃣/srv/*/uploads/
          - pattern: 2️⃣/srv/../etc/*
        action: Block
      """
    ],
    good: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: uploads
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchPatterns:
          - pattern: /srv/*/uploads{,/**}
        action: Block
      """
    ],
    fix: "For a directory and what is in it write `/dir{,/**}`, for its contents alone `/dir/**`."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    pass.forEachFate { _, rule, fate in
      guard fate.coversNothing, let text = CommandLinePattern.text(rule) else { return }
      let span = pass.place(rule)
      let bare = text.hasSuffix("/") ? String(text.dropLast()) : nil
      let caption =
        bare == nil ? "expected a pattern for absolute paths" : "no path ends in '/', not even a directory's"
      findings.append(
        finding(
          "pattern \(RuleText.quoted(text)) matches no path",
          at: span,
          caption: caption,
          notes: bare.map { ["'\($0)' is the directory, '\($0)/**' what is in it, '\($0){,/**}' both"] }
            ?? ["the kernel never hands out a path with '//', '.' or '..' in it"],
          fixes: span.flatMap { span in
            bare.map {
              [
                FixIt(
                  "write '\($0){,/**}' for the directory and what is in it",
                  span: span,
                  replacement: "\"\($0){,/**}\"",
                  applicability: .unsafe
                )
              ]
            }
          } ?? []
        )
      )
    }
    return findings
  }
}
