import Diagnostics
import IR

/// Glob characters where bytes are taken literally.
struct GlobInPath: LintRule {
  static let page = RulePage(
    id: "ARM2007",
    name: "GlobInPath",
    severity: .error,
    summary: "glob where a literal path is expected",
    why: """
      `path`, `dir`, `execname` and `fromSource` are taken byte for byte: a `*` in them is a star in a file name, and the
      rule matches nothing that exists. Only `matchPatterns` reads globs. (KubeArmor's AppArmor enforcer happens to read
      them, its BPF-LSM enforcer does not.)
      """,
    bad: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: keys
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchPaths:
          - path: 1️⃣/home/*/.ssh/id_rsa
          matchDirectories:
          - dir: 2️⃣/srv/{a,b}/
        process:
          matchPaths:
          - execname: 3️⃣python*
          - path: /usr/bin/id
            fromSource:
            - path: 4️⃣/bin/*sh
        action: Block
      """
    ],
    good: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: keys
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        file:
          matchPatterns:
          - pattern: /home/*/.ssh/id_rsa
        process:
          matchPaths:
          - path: /usr/bin/[
        action: Block
      """
    ],
    fix: "Move the entry to `matchPatterns` and write `pattern:`. `fromSource` needs one entry per program."
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    for policy in pass.input.policies {
      for rule in policy.rules {
        let spans = pass.spans(rule)
        switch rule.target {
        case .process(let set), .file(let set), .syscall(_, path: let set?):
          if let text = GlobInPath.literalText(set), GlobInPath.looksLikeGlob(text) {
            findings.append(object(rule, set, text, spans))
          }
        case .network, .capability, .syscall(_, path: nil): break
        }
        for (index, source) in rule.sources.enumerated() {
          guard let text = GlobInPath.literalText(source), GlobInPath.looksLikeGlob(text) else { continue }
          let places = spans?.sources ?? []
          findings.append(
            finding(
              "source \(RuleText.quoted(text)) is taken literally",
              at: places.indices.contains(index) ? places[index] : spans?.object,
              caption: "no program has this path",
              notes: ["'fromSource' knows no globs; write one entry per program"]
            )
          )
        }
      }
    }
    return findings
  }

  private func object(_ rule: Rule, _ set: PathSet, _ text: String, _ spans: RuleSpans?) -> Diagnostic {
    let pattern =
      switch set {
      case .basename: "/**" + "/" + text
      case .directory(_, let recursive, _): text + (recursive ? "**" : "*")
      case .literal, .glob: text
      }
    let isCommandLine = CommandLinePattern.command(text, isProcess: rule.resourceClass == .process) != nil
    let isRegular = RegularExpressionPattern.evidence(text) != nil
    let fixes = spans.map {
      [
        FixIt(
          "move it to 'matchPatterns' and write 'pattern: \(pattern)'",
          span: $0.entry,
          replacement: "pattern: \(pattern)",
          applicability: .display
        )
      ]
    }
    return finding(
      "\(RuleText.quoted(text)) is taken literally",
      at: spans?.object,
      caption: "expected a path without '*', '?', '[…]' or '{…}'",
      notes: ["only 'matchPatterns' reads globs; as it stands the rule matches no existing file"],
      fixes: isCommandLine || isRegular ? [] : fixes ?? []
    )
  }

  /// The text of a set that is no glob.
  static func literalText(_ set: PathSet) -> String? {
    switch set {
    case .literal(let path): path.description
    case .basename(let name): printable(name)
    case .directory(let path, _, _): path == .root ? "/" : path.description + "/"
    case .glob: nil
    }
  }

  /// `*` and `?` always; brackets and braces only in pairs that would mean something (`/usr/bin/[` is a program).
  static func looksLikeGlob(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    if bytes.contains(UInt8(ascii: "*")) || bytes.contains(UInt8(ascii: "?")) { return true }
    if let open = bytes.firstIndex(of: UInt8(ascii: "[")),
      let close = bytes[open...].firstIndex(of: UInt8(ascii: "]")), close > open + 1
    {
      return true
    }
    if let open = bytes.firstIndex(of: UInt8(ascii: "{")), let close = bytes[open...].firstIndex(of: UInt8(ascii: "}"))
    {
      return bytes[open..<close].contains(UInt8(ascii: ","))
    }
    return false
  }
}
