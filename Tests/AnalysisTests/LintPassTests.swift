import Analysis
import Automata
import Diagnostics
import IR
import Testing

/// What no single example shows: several subjects, base lists, budgets, size.
@Suite struct LintPassTests {
  private func policy(_ name: String, _ body: String, label: String = "app: cart", file: String = "") -> String {
    """
    apiVersion: security.kubearmor.com/v1
    kind: KubeArmorPolicy
    metadata:
      name: \(name)
      namespace: shop
    spec:
      selector:
        matchLabels:
          \(label)
    \(body)
    ---

    """
  }

  private func codes(_ text: String, base: BaseList? = nil) -> [String] {
    Lint.check(LoadedInput([(name: "test.yaml", bytes: Array(text.utf8))], base: base).input).map(\.code)
  }

  private func pod(_ name: String, _ labels: String) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata:
      name: \(name)
      namespace: shop
      labels: {\(labels)}
    spec:
      containers:
      - {name: main, image: main}
    ---

    """
  }

  private static let wide = "  process:\n    matchDirectories:\n    - dir: /usr/sbin/\n  action: Block"
  private static let narrow =
    "  process:\n    matchPaths:\n    - path: /usr/sbin/arp\n    - path: /opt/x\n  action: Block"

  /// A rule is idle only if it is so in every subject of its policy.
  @Test func everySubjectCounts() {
    let policies = policy("all", Self.wide, label: "tier: front") + policy("narrow", Self.narrow)
    #expect(codes(policies) == [])
    #expect(codes(policies + pod("a", "app: cart, tier: front")) == ["ARM2003"])
    #expect(codes(policies + pod("a", "app: cart, tier: front") + pod("b", "app: cart")) == [])
  }

  /// With a base list programs start.
  @Test func baseListHoldsTheLoader() {
    let space = """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: shop
        annotations: {kubearmor-file-posture: block}
      ---

      """
    let files = policy("files", "  file:\n    matchPaths:\n    - path: /srv/cart\n  action: Allow")
    #expect(codes(space + files) == ["ARM2006"])
    #expect(codes(space + files, base: .runtimeV1) == [])
  }

  /// A definition that a later one replaces is still looked at, by itself.
  @Test func earlierDefinitionsAreRead() {
    let twice = policy("p", "  file:\n    matchPaths:\n    - path: /a\n    - path: /a\n  action: Block")
    #expect(codes(twice + policy("p", Self.wide)) == ["ARM2001"])
    #expect(codes(twice + twice) == ["ARM2001", "ARM2001"])
  }

  /// Over budget the rules at fault are named, and nothing else is claimed of their policies.
  @Test func budgetsNameRules() throws {
    let id = PolicyID(kind: .pod, namespace: "shop", name: "p")
    let rules = try (0..<12).map { number in
      Rule(
        target: .file(.glob(try Glob(Array("/**/a\(number)/**/b".utf8)))),
        action: .block,
        origin: Origin(policy: id, position: number, path: "", location: Location(file: "", line: 1, column: 1))
      )
    }
    let policy = Policy(
      id: id,
      selector: .pods(PodSelector(namespaces: .one("shop"))),
      rules: rules + rules.prefix(1),
      location: Location(file: "", line: 1, column: 1)
    )
    let input = LintInput(policies: [policy], context: ClusterContext())
    let findings = Lint.check(input, budget: TableBudget(states: StateBudget(states: 500)))
    #expect(findings.map(\.code) == ["ARM2015"])
  }

  /// Rules beyond count: in one subject, all alike, all nested.
  @Test func manyRules() throws {
    let id = PolicyID(kind: .pod, namespace: "shop", name: "p")
    func findings(_ sets: [PathSet]) -> Int {
      let rules = sets.enumerated().map { number, set in
        Rule(
          target: .file(set),
          action: .block,
          origin: Origin(
            policy: id,
            position: number,
            path: "",
            location: Location(file: "", line: number + 1, column: 1)
          )
        )
      }
      let policy = Policy(
        id: id,
        selector: .pods(PodSelector(namespaces: .one("shop"))),
        rules: rules,
        location: Location(file: "", line: 1, column: 1)
      )
      let pass = LintPass(LintInput(policies: [policy], context: ClusterContext()))
      var idle = 0
      pass.forEachFate { _, _, fate in if fate.isIdle { idle += 1 } }
      return idle
    }
    let literals = (0..<2000).compactMap { BytePath("/srv/\($0 % 70)/file\($0)") }.map(PathSet.literal)
    #expect(findings(literals) == 0)
    #expect(findings([PathSet](repeating: literals[0], count: 2000)) == 1999)
    var path = ""
    var nested: [PathSet] = []
    for _ in 0..<200 {
      path += "/a"
      if let directory = BytePath(path) { nested.append(.directory(directory, recursive: true, includesSelf: true)) }
    }
    #expect(findings(nested) == 199)
  }
}
