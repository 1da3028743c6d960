import Analysis
import IR
import Testing

/// Which policies a record falls under.
@Suite struct WorkloadTests {
  private static func policy(_ name: String, _ selector: Selector) -> Policy {
    let id = PolicyID(kind: selector.isHost ? .host : .pod, namespace: selector.isHost ? "" : "shop", name: name)
    let location = Location(file: "p.yaml", line: 1, column: 1)
    return Policy(
      id: id,
      selector: selector,
      rules: [
        Rule(
          target: .process(.literal(BytePath("/bin/sh") ?? .root)),
          action: .block,
          origin: Origin(policy: id, position: 0, path: "spec", location: location)
        )
      ],
      location: location
    )
  }

  private static let web: Set<LabelPair> = [LabelPair("app", "web")]
  private static let side = PolicySide(
    policies: [
      policy("web", .pods(PodSelector(namespaces: .one("shop"), labels: web))),
      policy("pool", .nodes(NodeSelector(labels: [LabelPair("pool", "a")]))),
      policy("sidecar", .pods(PodSelector(namespaces: .one("side"), containers: ["proxy"]))),
    ],
    context: ClusterContext(
      workloads: [
        ClusterContext.Workload(
          kind: "Deployment",
          namespace: "shop",
          name: "web",
          labels: web,
          containers: ["nginx"],
          location: Location(file: "w.yaml", line: 1, column: 1)
        )
      ],
      nodes: [
        ClusterContext.Node(
          identity: HostIdentity(name: "n1", labels: [LabelPair("pool", "a")]),
          location: Location(file: "w.yaml", line: 9, column: 1)
        )
      ]
    )
  )

  private func judge(_ workload: RecordedWorkload?, standard: SubjectQuery? = nil) -> (name: String, verdict: String) {
    let event = PartialEvent(Event(source: nil, access: .path(.exec, BytePath("/bin/sh") ?? .root)))
    let ruling = WorkloadRulings(WorkloadTests.side, standard: standard)
      .ruling(Record(form: .kubearmor, event: event, workload: workload))
    switch ruling.judge(event) {
    case .decided(let verdict, _): return (ruling.name, verdict.name)
    case .free: return (ruling.name, "free")
    case .unclear(let why): return (ruling.name, why)
    default: return (ruling.name, "?")
    }
  }

  @Test func containers() {
    func container(
      _ namespace: String,
      _ labels: Set<LabelPair>?,
      _ name: String? = "nginx",
      owner: String? = nil,
      pod: String? = nil
    ) -> (name: String, verdict: String) {
      judge(.container(namespace: namespace, labels: labels, container: name, owner: owner, pod: pod))
    }
    #expect(container("shop", WorkloadTests.web) == ("shop.web.nginx", "block"))
    #expect(container("shop", WorkloadTests.web, "other") == ("shop/app=web:other", "block"))
    #expect(container("shop", [LabelPair("app", "x")]).verdict == "free")
    #expect(container("elsewhere", nil).verdict == "free")
    // Without labels the manifests tell.
    #expect(container("shop", nil, owner: "Deployment/web") == ("shop.web.nginx", "block"))
    #expect(container("shop", nil, nil, pod: "web-5d4f8c7b9d-x2x4z") == ("shop.web.nginx", "block"))
    #expect(container("shop", nil, pod: "web-1").verdict.contains("labels are not known"))
    #expect(container("shop", nil, owner: "Deployment/cart").verdict.contains("labels are not known"))
    // A policy for some containers, a record that names none.
    #expect(container("side", [], nil).verdict.contains("container is not known"))
    #expect(container("side", [], "proxy").verdict == "block")
    #expect(container("side", [], "app").verdict == "free")
  }

  @Test func hosts() {
    #expect(judge(.host(name: "n1", labels: nil)) == ("host.n1", "block"))
    #expect(judge(.host(name: "n2", labels: [LabelPair("pool", "a")])).verdict == "block")
    #expect(judge(.host(name: "n2", labels: [LabelPair("pool", "b")])).verdict == "free")
    #expect(judge(.host(name: "n2", labels: nil)).verdict.contains("labels of node 'n2' are not known"))
  }

  @Test func names() {
    #expect(judge(.subject("shop.web.nginx")).verdict == "block")
    #expect(judge(.subject("shop.web")).verdict == "no subject is called 'shop.web'")
    for profile in [
      "armorc.shop.web.nginx", "armorc.shop.web.nginx.others", "armorc.shop.web.nginx.S01-python3.11",
      "kubearmor-shop-web-nginx",
    ] {
      #expect(judge(.profile(profile)) == ("shop.web.nginx", "block"), "\(profile)")
    }
    #expect(judge(.profile("armorc.shop")).verdict.contains("of no subject"))
    #expect(judge(nil).verdict.contains("--subject"))
    let standard = SubjectQuery.name("shop.web.nginx")
    #expect(judge(nil, standard: standard).verdict == "block")
    #expect(judge(.profile("docker-default"), standard: standard).verdict == "block")
    #expect(judge(.host(name: "n1", labels: nil), standard: standard).name == "host.n1")
  }

  @Test func unknownNamesAreAnsweredWithKnownOnes() {
    let rulings = WorkloadRulings(WorkloadTests.side)
    #expect(rulings.check(standard: "shop.web.nginx") == nil)
    #expect(rulings.check(standard: "shop.web.ngin")?.contains("'shop.web.nginx'") == true)
  }
}
