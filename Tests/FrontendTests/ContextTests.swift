import Diagnostics
import Frontend
import IR
import Testing

@Suite struct ContextTests {
  @Test func workloads() {
    let result = check(
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        unknownField: 1
        template:
          metadata:
            labels: {app: web, pod-template-hash: abc, version: 2}
          spec:
            initContainers: [{name: init}]
            containers: [{name: main}, {name: side}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: job}
      spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: run}]}}}}}
      ---
      apiVersion: v1
      kind: Node
      metadata: {name: n1, labels: {os: linux}}
      """,
      []
    )
    #expect(result.context.workloads.map(\.name) == ["web", "job"])
    #expect(result.context.workloads.map(\.namespace) == ["shop", "default"])
    #expect(result.context.workloads[0].containers == ["init", "main", "side"])
    #expect(result.context.workloads[0].labels == [LabelPair("app", "web"), LabelPair("version", "2")])
    #expect(result.context.nodes.map(\.identity) == [HostIdentity(name: "n1", labels: [LabelPair("os", "linux")])])
  }

  @Test func postures() {
    let result = check(
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: kubearmor-config, namespace: kubearmor}
      data:
        defaultFilePosture: block
        defaultNetworkPosture: 1️⃣blck
        hostDefaultFilePosture: Block
        visibility: process,file
      ---
      apiVersion: v1
      kind: Namespace
      metadata:
        name: shop
        annotations:
          kubearmor-file-posture: Audit
          kubearmor-network-posture: 2️⃣allow
          kubearmor-visibility: process,3️⃣
      """.replacing("3️⃣", with: ""),
      [Expected("1️⃣", .badPosture), Expected("2️⃣", .badPosture)]
    )
    #expect(result.context.postures(namespace: "other") == Postures(file: .block))
    #expect(result.context.postures(namespace: "shop") == Postures(file: .audit))
    #expect(result.context.hostPostures == Postures(file: .block))
    #expect(result.context.visibility(namespace: "shop")?.reported == ["process"])
    #expect(result.context.visibility(namespace: "other")?.reported == ["process", "file"])
    let context = result.clusterContext()
    #expect(context.visibility(inNamespace: "shop") == [.process])
    #expect(context.visibility(inNamespace: "other") == [.process, .file])
    #expect(context.hostVisibility == [])
  }

  @Test func contradictionsAreErrorsWhateverTheOrder() {
    func config(_ posture: String) -> (name: String, bytes: [UInt8]) {
      let text =
        "apiVersion: operator.kubearmor.com/v1\nkind: KubeArmorConfig\nmetadata: {name: x}\n"
        + "spec: {defaultFilePosture: \(posture)}\n"
      return (posture, Array(text.utf8))
    }
    for sources in [[config("block"), config("audit")], [config("audit"), config("block")]] {
      #expect(Frontend.load(sources: sources).diagnostics.map(\.code) == ["ARM1203"])
    }
    #expect(Frontend.load(sources: [config("block"), config("block")]).diagnostics.isEmpty)
  }
}
