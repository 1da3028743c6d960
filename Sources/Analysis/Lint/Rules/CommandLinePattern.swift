import Automata
import Diagnostics
import IR

/// A command with arguments where a path is expected.
struct CommandLinePattern: LintRule {
  static let page = RulePage(
    id: "ARM2008",
    name: "CommandLinePattern",
    severity: .error,
    summary: "command line where a path is expected",
    why: """
      A process rule is held against the path of the program file, never against its arguments. A pattern such as
      `/*/rm -rf *` speaks of a file whose name holds spaces; there is none, and the command runs unhindered.
      """,
    bad: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: no-wiping
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPatterns:
          - pattern: 1️⃣/*/rm -rf *
          - pattern: 2️⃣/*/*/pip install flask*
          matchPaths:
          - path: 3️⃣/usr/bin/chmod 777
        action: Block
      """
    ],
    good: [
      """
      apiVersion: security.kubearmor.com/v1
      kind: KubeArmorPolicy
      metadata:
        name: no-wiping
        namespace: shop
      spec:
        selector:
          matchLabels:
            app: cart
        process:
          matchPatterns:
          - pattern: /*/rm
          matchPaths:
          - path: /opt/Some Program/bin/start me
        action: Block
      """
    ],
    fix: """
      Name the program alone. That covers it whatever its arguments are; if this is too much, no path-based enforcer can
      help (KubeArmor's BPF-LSM enforcer knows `allowedArgs` for `Block` rules with `path`).
      """
  )

  func check(_ pass: LintPass) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    for policy in pass.input.policies {
      for rule in policy.rules {
        let isProcess = rule.resourceClass == .process
        guard let text = CommandLinePattern.text(rule),
          let command = CommandLinePattern.command(text, isProcess: isProcess)
        else { continue }
        let span = pass.place(rule)
        findings.append(
          finding(
            "\(RuleText.quoted(text)) is a command line, not a path",
            at: span,
            caption: "expected the path of the program alone",
            notes: ["rules are held against the path of a file; arguments are no part of it, so this matches nothing"],
            fixes: span.map {
              [
                FixIt(
                  "write \(RuleText.quoted(command)), whatever its arguments",
                  span: $0,
                  replacement: command,
                  applicability: .unsafe
                )
              ]
            } ?? []
          )
        )
      }
    }
    return findings
  }

  /// The text that says what a rule covers.
  static func text(_ rule: Rule) -> String? {
    switch rule.target {
    case .process(let set), .file(let set):
      switch set {
      case .glob(let glob): glob.shown
      case .literal(let path): path.description
      case .basename(let name): printable(name)
      case .directory: nil
      }
    case .network, .capability, .syscall: nil
    }
  }

  /// Programs that nobody calls without arguments.
  private static let wordy: Set<Substring> = [
    "apk", "apt", "apt-get", "chattr", "chmod", "chown", "cp", "crontab", "curl", "dd", "django-admin", "dnf", "docker",
    "git", "grep", "gunzip", "kill", "kubectl", "mkfs.ext4", "mount", "mv", "mysql", "mysqldump", "nginx", "npm", "php",
    "pip", "pip3", "python", "python3", "rm", "service", "sudo", "systemctl", "tar", "wget", "yum",
  ]

  /// The program, if `text` is one followed by arguments. Names with spaces are names: an argument must look like one.
  static func command(_ text: String, isProcess: Bool) -> String? {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard words.count > 1, let head = words.first, text.first != " ",
      let name = head.split(separator: "/", omittingEmptySubsequences: false).last, !name.isEmpty,
      name.utf8.allSatisfy(isNameByte)
    else { return nil }
    let isWordy = wordy.contains(name)
    let isCommand = words.dropFirst().contains { word in
      if isOption(word) { return isProcess || isWordy }
      guard isProcess else { return false }
      return isWordy || word == "*" || word.hasPrefix("/") || word == "-"
    }
    return isCommand ? String(head) : nil
  }

  private static func isOption(_ word: Substring) -> Bool {
    guard word.first == "-", let second = word.dropFirst().first else { return false }
    return second.isASCII && second.isLetter || second == "-"
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "+"),
      UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "?"):
      true
    default: false
    }
  }
}
