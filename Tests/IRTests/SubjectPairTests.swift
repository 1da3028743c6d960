import Foundation
import IR
import Testing
import _PolicyTestSupport

@Suite struct SubjectPairTests {
  private static let here = Location(file: "p.yaml", line: 1, column: 1)

  private func selector(_ labels: [String: String], namespace: String = "shop") -> Selector {
    .pods(PodSelector(namespaces: .one(namespace), labels: Set(labels.map { LabelPair($0.key, $0.value) })))
  }

  private func policy(_ name: String, _ selector: Selector, kind: PolicyKind = .pod, rules: Int = 1) -> Policy {
    let id = PolicyID(kind: kind, namespace: kind == .pod ? "shop" : "", name: name)
    let rules = (0..<rules).map { position in
      Rule(
        target: .file(.literal(BytePath("/\(position)") ?? .root)),
        action: .block,
        origin: Origin(policy: id, position: position, path: "spec", location: Self.here)
      )
    }
    return Policy(id: id, selector: selector, rules: rules, location: Self.here)
  }

  private func workload(
    _ name: String,
    _ labels: [String: String],
    _ containers: [String] = ["main"],
    kind: String = "Deployment",
    namespace: String = "shop"
  ) -> ClusterContext.Workload {
    ClusterContext.Workload(
      kind: kind,
      namespace: namespace,
      name: name,
      labels: Set(labels.map { LabelPair($0.key, $0.value) }),
      containers: containers,
      location: Self.here
    )
  }

  private func node(_ name: String, _ labels: [String: String]) -> ClusterContext.Node {
    let pairs = Set(labels.map { LabelPair($0.key, $0.value) })
    return ClusterContext.Node(identity: HostIdentity(name: name, labels: pairs), location: Self.here)
  }

  private func side(
    _ policies: [Policy],
    workloads: [ClusterContext.Workload] = [],
    nodes: [ClusterContext.Node] = [],
    namespaces: [String: ClusterContext.Namespace] = [:]
  ) -> PolicySide {
    PolicySide(
      policies: policies,
      context: ClusterContext(workloads: workloads, nodes: nodes, namespaces: namespaces)
    )
  }

  /// `name presence old policies | new policies`, one line each.
  private func shown(_ old: PolicySide, _ new: PolicySide) -> [String] {
    SubjectPair.all(old: old, new: new).map { pair in
      #expect(pair.old.name == pair.name && pair.new.name == pair.name)
      let sides = [pair.old, pair.new].map { $0.policies.map(\.id.name).joined(separator: ",") }
      return "\(pair.name) \(pair.presence.rawValue) \(sides[0])|\(sides[1])"
    }
  }

  @Test func equalSidesGiveTheSubjectsOfTheBuild() {
    let side = side(
      [
        policy("all", selector([:])), policy("web", selector(["app": "web"])), policy("ghost", selector(["app": "x"])),
        policy("hosts", .nodes(NodeSelector(labels: [LabelPair("pool", "a")])), kind: .host),
      ],
      workloads: [workload("web", ["app": "web"], ["main", "side"])],
      nodes: [node("n1", ["pool": "a"])]
    )
    let pairs = SubjectPair.all(old: side, new: side)
    let subjects = Resolution(policies: side.policies, context: side.context).subjects
    #expect(pairs.map(\.new) == subjects && pairs.map(\.old) == subjects)
    #expect(pairs.allSatisfy { $0.presence == .both })
    #expect(subjects.map(\.name) == ["host.n1", "shop.web.main", "shop.web.side", "shop.x"])
  }

  @Test func aPolicyOfOneSideMakesASubjectOfBoth() {
    let web = policy("web", selector(["app": "web"]))
    let all = policy("all", selector([:]))
    #expect(shown(side([]), side([web])) == ["shop.web added |web"])
    #expect(shown(side([web]), side([])) == ["shop.web removed web|"])
    #expect(shown(side([all]), side([all, web])) == ["shop.all both all|all", "shop.web added all|all,web"])
    #expect(shown(side([]), side([])) == [])
  }

  /// What left the workload shows there, what the selector selects now shows as a subject of its own.
  @Test func aNarrowedSelectorLeavesTheWorkload() {
    let workloads = [workload("web", ["app": "web"])]
    let old = side([policy("p", selector(["app": "web"]))], workloads: workloads)
    let new = side([policy("p", selector(["app": "web2"]))], workloads: workloads)
    #expect(shown(old, new) == ["shop.web.main removed p|", "shop.web2 added |p"])
    #expect(shown(new, old) == ["shop.web.main added |p", "shop.web2 removed p|"])
  }

  @Test func aWidenedSelectorJoinsMoreWorkloads() {
    let workloads = [workload("web", ["app": "web"]), workload("cart", ["app": "cart"])]
    let old = side([policy("p", selector(["app": "web"]))], workloads: workloads)
    let new = side([policy("p", selector([:]))], workloads: workloads)
    #expect(shown(old, new) == ["shop.cart.main added |p", "shop.web.main both p|p"])
  }

  /// A manifest that comes to unchanged policies adds its containers, and nothing is said twice.
  @Test func aWorkloadThatAppearsIsJudgedOnBothSides() {
    let policies = [policy("p", selector(["app": "web"]))]
    let new = side(policies, workloads: [workload("web", ["app": "web"])])
    #expect(shown(side(policies), new) == ["shop.web.main added p|p"])
    #expect(shown(new, side(policies)) == ["shop.web.main removed p|p"])
  }

  /// The policies changed too: pods that no manifest names may see another difference than the workload.
  @Test func aSelectionThatDiffersStays() {
    let old = side([policy("p", selector(["app": "web"]))])
    let new = side([policy("p", selector(["app": "web"]), rules: 2)], workloads: [workload("web", ["app": "web"])])
    #expect(shown(old, new) == ["shop.web removed p|p", "shop.web.main added p|p"])
  }

  /// Each side's own labels where both have the workload; the other's where one has not.
  @Test func labelsAreThoseOfTheSide() {
    let policies = [policy("a", selector(["app": "a"])), policy("b", selector(["app": "b"]))]
    let old = side(policies, workloads: [workload("w", ["app": "a"])])
    let new = side(policies, workloads: [workload("w", ["app": "b"])])
    #expect(shown(old, new).contains("shop.w.main both a|b"))
    let unlabelled = side(policies, workloads: [workload("w", [:])])
    #expect(shown(unlabelled, new).contains("shop.w.main added |b"))
    #expect(shown(new, unlabelled).contains("shop.w.main removed b|"))
    // A container that only the new workload has is judged as one of the old workload.
    let more = side(policies, workloads: [workload("w", ["app": "b"], ["main", "side"])])
    #expect(shown(old, more).contains("shop.w.side added a|b"))
    // Another kind is another workload.
    let other = side(policies, workloads: [workload("w", ["app": "b"], kind: "Pod")])
    #expect(shown(old, other).filter { $0.contains("shop.w.main") }.count == 2)
  }

  @Test func nodesAreMatchedByName() {
    let policies = [
      policy("a", .nodes(NodeSelector(labels: [LabelPair("pool", "a")])), kind: .host),
      policy("b", .nodes(NodeSelector(labels: [LabelPair("pool", "b")])), kind: .host),
    ]
    let old = side(policies, nodes: [node("n1", ["pool": "a"]), node("n2", ["pool": "b"])])
    let new = side(policies, nodes: [node("n1", ["pool": "b"]), node("n3", ["pool": "a"])])
    #expect(shown(old, new) == ["host.n1 both a|b", "host.n2 removed b|b", "host.n3 added a|a"])
  }

  @Test func posturesAreThoseOfTheSide() {
    func namespace(_ posture: Posture) -> [String: ClusterContext.Namespace] {
      ["shop": ClusterContext.Namespace(postures: PartialPostures(file: posture), visibility: nil, location: Self.here)]
    }
    let policies = [policy("p", selector(["app": "web"]))]
    var old = side(policies, namespaces: namespace(.audit))
    let new = side(policies, workloads: [workload("web", ["app": "web"])], namespaces: namespace(.block))
    old.context.postures.network = .block
    let pairs = SubjectPair.all(old: old, new: new)
    // The selection of the old side stays: its posture changed.
    #expect(pairs.map(\.name) == ["shop.web", "shop.web.main"])
    for pair in pairs {
      #expect(pair.old.postures == Postures(file: .audit, network: .block, capabilities: .audit))
      #expect(pair.new.postures == Postures(file: .block, network: .audit, capabilities: .audit))
    }
  }

  @Test func clusterPoliciesJoinTheSelectionsTheyCover() {
    let everywhere = policy("every", .pods(PodSelector(namespaces: .all)), kind: .cluster)
    let web = policy("web", selector(["app": "web"]))
    #expect(
      shown(side([web]), side([web, everywhere])) == ["cluster.all added |every", "shop.web both web|every,web"]
    )
  }

  /// Subjects of the two sides that would be called alike keep apart.
  @Test func namesAreUnique() {
    let old = side([policy("p", selector(["a": "x"]))])
    let new = side([policy("p", selector(["b": "x"]))])
    let names = SubjectPair.all(old: old, new: new).map(\.name)
    #expect(names.count == 2 && Set(names).count == 2 && names[0] == "shop.x" && names[1].hasPrefix("shop.x-"))
  }

  /// A manifest given twice is matched with its double.
  @Test func doubledWorkloadsAreMatchedOnce() {
    let policies = [policy("a", selector(["app": "a"])), policy("b", selector(["app": "b"]))]
    let double = [workload("w", ["app": "a"]), workload("w", ["app": "b"])]
    let old = side(policies, workloads: double)
    #expect(
      SubjectPair.all(old: old, new: side(policies, workloads: double.reversed())).map(\.presence) == [.both, .both]
    )
    for pair in SubjectPair.all(old: old, new: old) { #expect(pair.old == pair.new) }
    let single = side(policies, workloads: [double[1]])
    let presences = SubjectPair.all(old: old, new: single).filter { $0.name.hasPrefix("shop.w") }.map(\.presence)
    #expect(presences.sorted { $0.rawValue < $1.rawValue } == [.both, .removed])
  }

  // MARK: Random trees

  private func label(_ random: inout SeededGenerator) -> LabelPair {
    LabelPair(random.pick(["app", "tier", "zone"]), random.pick(["a", "b", "c"]))
  }

  private func labels(_ random: inout SeededGenerator, _ most: Int) -> Set<LabelPair> {
    Set((0..<Int.random(in: 0...most, using: &random)).map { _ in label(&random) })
  }

  private func randomSide(_ random: inout SeededGenerator) -> PolicySide {
    var policies: [Policy] = []
    for number in 0..<Int.random(in: 0...8, using: &random) {
      let rules = Int.random(in: 0...1, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0:
        let names: Set<String>? = random.chance(40) ? [random.pick(["n1", "n2", "n3"])] : nil
        let nodes = NodeSelector(labels: labels(&random, 1), hostNames: names)
        policies.append(policy("p\(number)", .nodes(nodes), kind: .host, rules: rules))
      case 1:
        let spaces = random.pick([
          NamespaceSet.all, .one("shop"), NamespaceSet(included: ["shop", "bank"]), NamespaceSet(excluded: ["bank"]),
        ])
        var pods = PodSelector(namespaces: spaces)
        if random.chance(40) {
          pods.expressions = [LabelExpression(random.chance(50) ? .in : .notIn, [label(&random)])]
        }
        policies.append(policy("p\(number)", .pods(pods), kind: .cluster, rules: rules))
      default:
        var pods = PodSelector(namespaces: .one(random.pick(["shop", "bank"])), labels: labels(&random, 2))
        if random.chance(20) { pods.containers = ["main"] }
        policies.append(policy("p\(number)", .pods(pods), rules: rules))
      }
    }
    var context = ClusterContext()
    for name in ["w1", "w2", "w3"] where random.chance(50) {
      var one = workload(
        name,
        [:],
        random.pick([["main"], ["main", "side"]]),
        namespace: random.pick(["shop", "bank"])
      )
      one.labels = labels(&random, 3)
      context.workloads.append(one)
    }
    for name in ["n1", "n2"] where random.chance(50) {
      context.nodes.append(
        ClusterContext.Node(identity: HostIdentity(name: name, labels: labels(&random, 2)), location: Self.here)
      )
    }
    for name in ["shop", "bank"] where random.chance(50) {
      let postures = PartialPostures(file: random.chance(50) ? random.pick(Posture.allCases) : nil)
      context.namespaces[name] = ClusterContext.Namespace(postures: postures, visibility: nil, location: Self.here)
    }
    context.hostPostures.file = random.chance(50) ? .block : nil
    return PolicySide(policies: policies.shuffled(using: &random), context: context)
  }

  /// The joiner, looked at literally: every policy is asked.
  private func slow(_ subject: SubjectPolicy, _ side: PolicySide) -> SubjectPolicy {
    let postures: Postures
    let joined: [Policy]
    switch subject.subject {
    case .container(_, let container):
      joined = side.policies.filter { $0.selector.matches(container) }
      postures = side.context.postures(inNamespace: container.namespace)
    case .host(let host):
      joined = side.policies.filter { $0.selector.matches(host) }
      postures = side.context.postureOfHosts
    case .selection(let selector):
      joined = side.policies.filter { selector.implies($0.selector) }
      postures =
        selector.isHost ? side.context.postureOfHosts : side.context.postures(inNamespace: selector.singleNamespace)
    }
    return SubjectPolicy(name: subject.name, subject: subject.subject, policies: joined, postures: postures)
  }

  @Test func randomSidesAreJoinedAsAskedOneByOne() {
    var random = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    for _ in 0..<400 {
      let (old, new) = (randomSide(&random), randomSide(&random))
      let pairs = SubjectPair.all(old: old, new: new)
      #expect(pairs.map(\.name) == pairs.map(\.name).sorted() && Set(pairs.map(\.name)).count == pairs.count)
      for pair in pairs {
        #expect(pair.old == slow(pair.old, old), "seed \(random.seed)")
        #expect(pair.new == slow(pair.new, new), "seed \(random.seed)")
      }
      for (subjects, side, wrong) in [
        (pairs.map(\.new), new, SubjectPair.Presence.removed), (pairs.map(\.old), old, .added),
      ] {
        let joiner = PolicyJoiner(side)
        let resolved = Resolution(policies: side.policies, context: side.context).subjects
        for one in resolved {
          #expect(joiner.subject(named: one.name, of: one.subject) == one)
          // Every subject of the build is a pair, or a selection that both sides treat alike.
          let index = subjects.firstIndex { $0.subject == one.subject }
          if let index { #expect(pairs[index].presence != wrong && subjects[index].policies == one.policies) }
          let other = slow(one, wrong == .removed ? old : new)
          if index == nil { #expect(other.policies == one.policies && other.postures == one.postures) }
        }
        #expect(pairs.filter { $0.presence != wrong }.count <= resolved.count)
      }
    }
  }
}
