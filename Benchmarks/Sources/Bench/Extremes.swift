/// One subject that is large or difficult.
enum Extremes {
  struct Case {
    let name: String
    let text: String
  }

  static var cases: [Case] {
    [
      Case(name: "8,000 random literals", text: literals(8000)),
      Case(name: "10,000 random literals", text: literals(10_000)),
      Case(name: "5,000 directories", text: directories(5000)),
      Case(name: "/**/aNN/**/bNN, 8 rules", text: patterns((0..<8).map { "/**/a\($0)x/**/b\($0)x" })),
      Case(name: "/**/aNN/**/bNN, 12 rules", text: patterns((0..<12).map { "/**/a\($0)x/**/b\($0)x" })),
      Case(name: "/**a and 12 '?'", text: patterns(["/**a" + String(repeating: "?", count: 12)])),
      Case(name: "/**a and 16 '?'", text: patterns(["/**a" + String(repeating: "?", count: 16)])),
    ]
  }

  private static func head(_ kind: String) -> String {
    """
    apiVersion: security.kubearmor.com/v1
    kind: KubeArmorPolicy
    metadata:
      name: extreme
      namespace: default
    spec:
      selector:
        matchLabels:
          app: extreme
      action: Block
      \(kind):

    """
  }

  private static func literals(_ count: Int) -> String {
    var random = SplitMix(state: 7)
    var seen: Set<String> = []
    while seen.count < count { seen.insert(random.path()) }
    return head("file") + "    matchPaths:\n" + seen.sorted().map { "    - path: \($0)\n" }.joined()
  }

  private static func directories(_ count: Int) -> String {
    var random = SplitMix(state: 8)
    var seen: Set<String> = []
    while seen.count < count { seen.insert(random.path()) }
    return head("file") + "    matchDirectories:\n"
      + seen.sorted().enumerated().map { "    - dir: \($1)/\n" + ($0 % 2 == 0 ? "      recursive: true\n" : "") }
      .joined()
  }

  private static func patterns(_ patterns: [String]) -> String {
    head("file") + "    matchPatterns:\n" + patterns.map { "    - pattern: \"\($0)\"\n" }.joined()
  }
}
