import IR
import Testing

@Suite struct ResolutionTests {
  private func policy(_ name: String, namespace: String = "shop", labels: [(String, String)] = []) -> Policy {
    Policy(
      id: PolicyID(kind: .pod, namespace: namespace, name: name),
      selector: .pods(PodSelector(namespaces: .one(namespace), labels: Set(labels.map { LabelPair($0.0, $0.1) }))),
      rules: [],
      location: Location(file: "p.yaml", line: 1, column: 1)
    )
  }

  /// Without manifests: one subject per distinct selector, with every policy that must apply to whatever it matches.
  @Test func selectionsJoinWhatMustApply() throws {
    let policies = [
      policy("all"), policy("web", labels: [("app", "web")]),
      policy("web-eu", labels: [("app", "web"), ("region", "eu")]), policy("other", namespace: "else"),
    ]
    let resolution = Resolution(policies: policies.reversed(), context: ClusterContext())
    let joined = resolution.subjects.map { ($0.name, $0.policies.map(\.id.name)) }
    #expect(joined.map(\.0) == ["else.all", "shop.all", "shop.web", "shop.web.eu"])
    #expect(joined.map(\.1) == [["other"], ["all"], ["all", "web"], ["all", "web", "web-eu"]])
    #expect(resolution.unmatched.isEmpty)
  }

  /// With manifests: real containers; policies that meet only there are joined; what matches nothing is named.
  @Test func workloadsJoinWhatMeets() throws {
    let context = ClusterContext(
      workloads: [
        ClusterContext.Workload(
          kind: "Deployment",
          namespace: "shop",
          name: "cart",
          labels: [LabelPair("app", "cart"), LabelPair("tier", "back")],
          containers: ["main", "side"],
          location: Location(file: "w.yaml", line: 1, column: 1)
        )
      ],
      namespaces: [
        "shop": ClusterContext.Namespace(
          postures: PartialPostures(file: .block),
          visibility: nil,
          location: Location(file: "n.yaml", line: 1, column: 1)
        )
      ],
      postures: PartialPostures(file: .allow, network: .block)
    )
    let policies = [
      policy("by-app", labels: [("app", "cart")]), policy("by-tier", labels: [("tier", "back")]),
      policy("nobody", labels: [("app", "ghost")]),
    ]
    let resolution = Resolution(policies: policies, context: context)
    #expect(resolution.subjects.map(\.name) == ["shop.cart.main", "shop.cart.side", "shop.ghost"])
    #expect(resolution.subjects[0].policies.map(\.id.name) == ["by-app", "by-tier"])
    #expect(resolution.subjects[0].postures == Postures(file: .block, network: .block, capabilities: .audit))
    #expect(resolution.unmatched.map(\.name) == ["nobody"])
  }

  /// Names are safe whatever a policy calls itself, and no two subjects share one.
  @Test func namesAreSafeAndUnique() {
    let evil = [
      "../../etc", "a/b", "", ".", "..", "-rf", "A", "a", "é", String(repeating: "x", count: 300), "a\nb", "a-b",
    ]
    let policies = evil.enumerated().map { policy("p\($0.offset)", labels: [("app", $0.element)]) }
    let names = Resolution(policies: policies, context: ClusterContext()).subjects.map(\.name)
    #expect(Set(names).count == evil.count)
    for name in names {
      #expect(name.utf8.count <= 100)
      #expect(
        name.utf8.allSatisfy {
          ("a"..."z").contains(Character(Unicode.Scalar($0))) || "0123456789.-_".utf8.contains($0)
        }
      )
      #expect(!name.hasPrefix(".") && !name.hasPrefix("-") && !name.contains("/"))
    }
  }
}
