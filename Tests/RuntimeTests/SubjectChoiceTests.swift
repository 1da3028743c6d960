import IR
import Testing

@testable import Runtime

/// From annotations to a subject.
struct SubjectChoiceTests {
  static let names = ["shop.cart.cart", "shop.web.web", "old.web.web", "old.web2.web", "every.pod", "some.pods"]

  static func container(_ workload: String, _ namespace: String, _ container: String, _ labels: [LabelPair] = [])
    -> Subject
  {
    .container(
      workload: workload,
      ContainerIdentity(namespace: namespace, labels: Set(labels), container: container)
    )
  }

  static let identities = SubjectIdentities([
    ("shop.cart.cart", container("Deployment/cart", "shop", "cart", [LabelPair("app", "cart")])),
    ("shop.web.web", container("StatefulSet/web", "shop", "web")),
    ("old.web.web", container("DaemonSet/web", "old", "web", [LabelPair("app", "a")])),
    ("old.web2.web", container("DaemonSet/web2", "old", "web", [LabelPair("app", "b")])),
    ("every.pod", .selection(.pods(PodSelector(namespaces: .one("every"))))),
    ("some.pods", .selection(.pods(PodSelector(namespaces: .one("some"), labels: [LabelPair("app", "x")])))),
    ("a.node", .selection(.nodes(NodeSelector()))),
  ])

  static func choice(_ annotations: [String: String]) throws -> SubjectChoice {
    try SubjectChoice(ContainerFacts(annotations: annotations), names: names, identities)
  }

  /// As containerd annotates.
  static func containerd(_ namespace: String, _ container: String, pod: String? = nil, labels: String? = nil)
    -> [String: String]
  {
    var annotations = [
      "io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.sandbox-namespace": namespace,
      "io.kubernetes.cri.container-name": container,
    ]
    annotations["io.kubernetes.cri.sandbox-name"] = pod
    annotations["armorc.io/labels"] = labels
    return annotations
  }

  @Test func byName() throws {
    #expect(try Self.choice(["armorc.io/subject": "shop.web.web"]) == .subject("shop.web.web"))
    #expect(throws: NodeError.self) { try Self.choice(["armorc.io/subject": "shop.web"]) }
    // The name has the say, whatever else is there.
    var annotations = Self.containerd("shop", "cart")
    annotations["armorc.io/subject"] = "shop.web.web"
    #expect(try Self.choice(annotations) == .subject("shop.web.web"))
  }

  @Test func byWorkload() throws {
    let pod = "cart-7d9f8b5c4-x2x9z"
    #expect(try Self.choice(Self.containerd("shop", "cart", pod: pod)) == .subject("shop.cart.cart"))
    #expect(
      try Self.choice([
        "io.kubernetes.pod.namespace": "shop", "io.kubernetes.container.name": "cart", "io.kubernetes.pod.name": pod,
      ]) == .subject("shop.cart.cart")
    )
    // CRI-O has them in one annotation.
    let labels = #"{"io.kubernetes.pod.namespace": "shop", "io.kubernetes.container.name": "cart"}"#
    #expect(try Self.choice(["io.kubernetes.cri-o.Labels": labels]) == .subject("shop.cart.cart"))
  }

  @Test func nobody() throws {
    for annotations in [
      [:], ["io.kubernetes.container.name": "cart"], Self.containerd("shop", "sidecar"),
      Self.containerd("shop", "cart", pod: "basket-7d9f8b5c4-x2x9z"),
      Self.containerd("shop", "cart", labels: "app=basket"), Self.containerd("kube-system", "cart"),
    ] {
      guard case .none = try Self.choice(annotations) else {
        Issue.record("\(annotations)")
        continue
      }
    }
    var sandbox = Self.containerd("shop", "cart")
    sandbox["io.kubernetes.cri.container-type"] = "sandbox"
    #expect(try Self.choice(sandbox) == .none("it is a pod's sandbox"))
  }

  @Test func several() throws {
    let error = try #require(throws: NodeError.self) { try Self.choice(Self.containerd("old", "web")) }
    #expect(error.message.contains("old.web.web or old.web2.web"))
    #expect(try Self.choice(Self.containerd("old", "web", pod: "web2-abcde")) == .subject("old.web2.web"))
    #expect(try Self.choice(Self.containerd("old", "web", labels: "app=a,tier=x")) == .subject("old.web.web"))
  }

  @Test func bySelector() throws {
    #expect(try Self.choice(Self.containerd("every", "any")) == .subject("every.pod"))
    #expect(try Self.choice(Self.containerd("some", "any", labels: "app=x")) == .subject("some.pods"))
    #expect(try Self.choice(Self.containerd("some", "any", labels: "app=y")) != .subject("some.pods"))
    guard case .none(let reason) = try Self.choice(Self.containerd("some", "any")) else {
      Issue.record("labels were guessed")
      return
    }
    #expect(reason.contains("armorc.io/labels"))
  }

  @Test(arguments: [
    ["io.kubernetes.pod.namespace": "a", "io.kubernetes.cri.sandbox-namespace": "b"],
    ["io.kubernetes.container.name": "a", "io.kubernetes.cri-o.Labels": #"{"io.kubernetes.container.name": "b"}"#],
    ["io.kubernetes.cri-o.Labels": "{"], ["io.kubernetes.cri-o.Labels": #"{"a": {}}"#],
    ["armorc.io/labels": "app"], ["armorc.io/labels": "=x"], ["armorc.io/labels": "a=1,a=2"],
    ["armorc.io/labels": "a=1,,b=2"],
  ])
  func contradictions(_ annotations: [String: String]) {
    #expect(throws: NodeError.self) { try Self.choice(annotations) }
  }

  @Test func stateAndConfigurationAgree() throws {
    func facts(_ state: String, _ configuration: String) throws -> ContainerFacts {
      let text =
        #"{"ociVersion":"1.0.2","id":"c","status":"created","pid":9,"bundle":"/b","annotations":"# + state + "}"
      return try ContainerFacts(
        ContainerState(json: Array(text.utf8)),
        ContainerConfiguration(json: Array((#"{"annotations":"# + configuration + "}").utf8), name: "config.json")
      )
    }
    #expect(try facts("{}", #"{"armorc.io/subject":"a"}"#).subject == "a")
    #expect(try facts(#"{"armorc.io/subject":"a"}"#, "{}").subject == "a")
    #expect(throws: NodeError.self) { try facts(#"{"armorc.io/subject":"a"}"#, #"{"armorc.io/subject":"b"}"#) }
  }

  @Test(arguments: [
    ("cart", "Pod/cart", true), ("cart-1", "Pod/cart", false), ("cart-0", "StatefulSet/cart", true),
    ("cart-x", "StatefulSet/cart", false), ("cart-abcde", "DaemonSet/cart", true),
    ("cart-a-abcde", "DaemonSet/cart", false), ("cart-7d9-abcde", "Deployment/cart", true),
    ("cart-abcde", "Deployment/cart", false), ("cart--abcde", "Deployment/cart", false),
    ("cart", "Deployment/cart", false),
    ("cart-123-abcde", "CronJob/cart", true), ("cart-abcde", "Job/cart", true), ("basket-abcde", "Job/cart", false),
    ("cart-a-b-c-d", "Other/cart", true),
  ])
  func podNames(_ pod: String, _ workload: String, _ isOne: Bool) {
    #expect(SubjectChoice.isPod(pod, of: workload) == isOne)
  }
}
