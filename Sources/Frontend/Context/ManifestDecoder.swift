import Diagnostics
import IR

/// Reads the Kubernetes kinds that say where policies apply. Only what is needed is looked at: unknown fields of a
/// Deployment are not our business.
struct ManifestDecoder {
  let reader: ObjectReader
  var context = ManifestContext()

  static let workloads: Set<String> = [
    "Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob",
  ]

  /// Labels that controllers put on pods; KubeArmor leaves them out of an identity.
  private static let controllerLabels: Set<String> = [
    "pod-template-hash", "pod-template-generation", "controller-revision-hash",
  ]

  /// False when the kind is none of ours.
  mutating func decode(_ root: Mapping, kind: String, apiVersion: String, span: Span) -> Bool {
    if ManifestDecoder.workloads.contains(kind) {
      workload(root, kind, span)
      return true
    }
    switch kind {
    case "Namespace": namespace(root, span)
    case "Node": node(root, span)
    case "ConfigMap":
      let metadata = root["metadata"]?.mapping
      let marks = scalar(metadata?["labels"]?.mapping?["kubearmor-app"])
      guard scalar(metadata?["name"]) == "kubearmor-config" || marks == "kubearmor-configmap" else { return false }
      if let data = root["data"]?.mapping { settings(data, span) }
    case "KubeArmorConfig":
      guard apiVersion.hasPrefix("operator.kubearmor.com/") else { return false }
      if let spec = root["spec"]?.mapping { settings(spec, span) }
    default: return false
    }
    return true
  }

  /// The text of a scalar, whatever its type.
  private func scalar(_ node: Node?) -> String? {
    guard case .scalar(let scalar) = node?.content, let node, !node.isNull else { return nil }
    return scalar.value
  }

  private func labels(_ node: Node?) -> Set<LabelPair> {
    var result: Set<LabelPair> = []
    for entry in node?.mapping?.entries ?? [] where !ManifestDecoder.controllerLabels.contains(entry.key.name) {
      if let value = scalar(entry.value) {
        result.insert(LabelPair(entry.key.name, value))
      } else if entry.value.isNull {
        result.insert(LabelPair(entry.key.name, ""))
      }
    }
    return result
  }

  private func name(_ root: Mapping, _ kind: String, _ span: Span) -> String? {
    if let name = scalar(root["metadata"]?.mapping?["name"]), !name.isEmpty { return name }
    let generated = scalar(root["metadata"]?.mapping?["generateName"])
    if let generated, !generated.isEmpty { return generated }
    reader.findings.add(
      .badManifest,
      "\(kind) has no name",
      at: reader.firstLine(root["kind"]?.span ?? span),
      severity: .warning,
      notes: ["expected 'metadata.name'; it is passed over"]
    )
    return nil
  }

  private mutating func workload(_ root: Mapping, _ kind: String, _ span: Span) {
    guard let name = name(root, kind, span) else { return }
    let spec = root["spec"]?.mapping
    let template: Mapping? =
      switch kind {
      case "Pod": root
      case "CronJob": spec?["jobTemplate"]?.mapping?["spec"]?.mapping?["template"]?.mapping
      default: spec?["template"]?.mapping
      }
    let pod = template?["spec"]?.mapping
    var containers: [String] = []
    for list in ["initContainers", "containers"] {
      for item in pod?[list]?.sequence ?? [] {
        if let name = scalar(item.mapping?["name"]), !containers.contains(name) { containers.append(name) }
      }
    }
    guard !containers.isEmpty else {
      reader.findings.add(
        .badManifest,
        "\(kind) \(quoted(name)) has no containers",
        at: reader.firstLine(root["kind"]?.span ?? span),
        severity: .warning,
        notes: ["expected a pod template with named containers; it is passed over"]
      )
      return
    }
    let namespace = scalar(root["metadata"]?.mapping?["namespace"]) ?? "default"
    context.workloads.append(
      Workload(
        kind: kind,
        namespace: namespace,
        name: name,
        labels: labels(template?["metadata"]?.mapping?["labels"]),
        containers: containers,
        span: span
      )
    )
  }

  private mutating func node(_ root: Mapping, _ span: Span) {
    guard let name = name(root, "Node", span) else { return }
    let identity = HostIdentity(name: name, labels: labels(root["metadata"]?.mapping?["labels"]))
    context.nodes.append(NodeManifest(identity: identity, span: span))
  }

  private mutating func namespace(_ root: Mapping, _ span: Span) {
    guard let name = name(root, "Namespace", span) else { return }
    let annotations = root["metadata"]?.mapping?["annotations"]?.mapping
    var manifest = NamespaceManifest(name: name, span: span)
    let note = "the global posture stays in force"
    manifest.file = posture(annotations, "kubearmor-file-posture", [.audit, .block], note)
    manifest.network = posture(annotations, "kubearmor-network-posture", [.audit, .block], note)
    manifest.capabilities = posture(annotations, "kubearmor-capabilities-posture", [.audit, .block], note)
    manifest.visibility = visibility(annotations, "kubearmor-visibility")
    for entry in annotations?.entries ?? [] where entry.key.name.hasPrefix("kubearmor-") {
      checkAnnotation(entry.key)
    }
    context.namespaces[name] = manifest
  }

  private static let annotations = [
    "kubearmor-file-posture", "kubearmor-network-posture", "kubearmor-capabilities-posture", "kubearmor-visibility",
    "kubearmor-policy",
  ]

  private func checkAnnotation(_ key: Key) {
    guard !ManifestDecoder.annotations.contains(key.name),
      let meant = Spelling.correction(of: key.name, among: ManifestDecoder.annotations)
    else { return }
    reader.findings.add(
      .badPosture,
      "unknown annotation \(quoted(key.name))",
      at: key.span,
      severity: .warning,
      caption: "did you mean '\(meant)'?",
      fixes: [FixIt("write '\(meant)'", span: key.span, replacement: meant, applicability: .unsafe)]
    )
  }

  private mutating func settings(_ mapping: Mapping, _ span: Span) {
    var settings = GlobalSettings(span: span)
    let note = "'audit' is in force"
    let all = Posture.allCases
    settings.postures = Postures(
      file: posture(mapping, "defaultFilePosture", all, note) ?? .audit,
      network: posture(mapping, "defaultNetworkPosture", all, note) ?? .audit,
      capabilities: posture(mapping, "defaultCapabilitiesPosture", all, note) ?? .audit
    )
    settings.hostPostures = Postures(
      file: posture(mapping, "hostDefaultFilePosture", all, note) ?? .audit,
      network: posture(mapping, "hostDefaultNetworkPosture", all, note) ?? .audit,
      capabilities: posture(mapping, "hostDefaultCapabilitiesPosture", all, note) ?? .audit
    )
    settings.visibility = visibility(mapping, mapping["visibility"] == nil ? "defaultVisibility" : "visibility")
    settings.hostVisibility = visibility(mapping, "hostVisibility")
    if let earlier = context.global {
      ContextJoin.compare(earlier, settings).map { reader.findings.add($0) }
    } else {
      context.global = settings
    }
  }

  private func posture(_ mapping: Mapping?, _ key: String, _ allowed: [Posture], _ note: String) -> Posture? {
    guard let node = mapping?[key] else { return nil }
    let text = scalar(node) ?? ""
    if let posture = Posture(rawValue: text.lowercased()), allowed.contains(posture) { return posture }
    reader.findings.add(
      .badPosture,
      "\(quoted(key)) is \(text.isEmpty ? node.kindName : quoted(text))",
      at: reader.firstLine(node.span),
      caption: "expected \(alternatives(allowed.map(\.rawValue)))",
      notes: [note]
    )
    return nil
  }

  private func visibility(_ mapping: Mapping?, _ key: String) -> Visibility? {
    guard let node = mapping?[key] else { return nil }
    guard let text = scalar(node) else {
      reader.findings.add(
        .badVisibility,
        "\(quoted(key)) is \(node.kindName), expected a comma list",
        at: reader.firstLine(node.span)
      )
      return nil
    }
    var reported: Set<String> = []
    for piece in text.split(separator: ",") {
      let word = String(piece.trimmed)
      if Visibility.words.contains(word) {
        reported.insert(word)
      } else if !word.isEmpty {
        reader.unknown(.badVisibility, "visibility", word, Visibility.words.sorted(), reader.firstLine(node.span))
      }
    }
    return Visibility(reported: reported)
  }
}
