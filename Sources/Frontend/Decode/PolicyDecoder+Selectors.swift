import Diagnostics
import IR

/// Which subjects a policy applies to (SEMANTICS §3).
extension PolicyDecoder {
  private static let containerKey = "kubearmor.io/container.name"
  private static let hostKeys: Set<String> = ["kubearmor.io/hostname", "kubernetes.io/hostname"]
  private static let hostPatternKeys: Set<String> = ["kubearmor.io/hostnamereg", "kubernetes.io/hostnamereg"]

  func selector(_ spec: Fields, _ specKey: Key) -> Selector {
    switch kind {
    case .pod, .base:
      let slot = spec["selector"]
      let fields = slot.flatMap { present($0) ? reader.open($0, as: PolicySchema.podSelector) : nil }
      var pods = PodSelector(namespaces: .one(id.namespace))
      if let fields { read(fields, into: &pods) }
      return .pods(pods)
    case .cluster:
      let slot = spec["selector"]
      let fields = slot.flatMap { present($0) ? reader.open($0, as: PolicySchema.clusterSelector) : nil }
      var pods = PodSelector(namespaces: .all)
      if let fields { expressions(fields, into: &pods) }
      return .pods(pods)
    case .host: return nodes(spec["nodeSelector"])
    case .network:
      if let slot = spec["selector"], present(slot), let fields = reader.open(slot, as: PolicySchema.podSelector) {
        var pods = PodSelector(namespaces: .all)
        read(fields, into: &pods)
      }
      if let slot = spec["nodeSelector"] { _ = nodes(slot) }
      return .nothing
    }
  }

  private func present(_ slot: Fields.Slot) -> Bool { !slot.value.isNull || !slot.adopted.isEmpty }

  private func read(_ fields: Fields, into pods: inout PodSelector) {
    for label in reader.labels(fields["matchLabels"]) ?? [] {
      if label.key.name == PolicyDecoder.containerKey {
        pods.containers = containers(label.value, label.span)
      } else if check(label) {
        pods.labels.insert(LabelPair(label.key.name, label.value))
      }
    }
    expressions(fields, into: &pods)
  }

  private func check(_ label: (key: Key, value: String, span: Span)) -> Bool {
    if !KubernetesName.isLabelKey(label.key.name) {
      reader.findings.add(
        .badLabel,
        "label key \(quoted(label.key.name)) is not valid, so no object carries it",
        at: label.key.span,
        caption: "expected '[prefix/]name' of letters, digits, '-', '_' and '.'"
      )
      return false
    }
    if !KubernetesName.isLabelValue(label.value) {
      reader.findings.add(
        .badLabel,
        "label value \(quoted(label.value)) is not valid, so no object carries it",
        at: label.span,
        caption: "expected at most 63 letters, digits, '-', '_' and '.'"
      )
      return false
    }
    return true
  }

  /// `"[a,b]"`: these containers; `"[]"`: all.
  private func containers(_ text: String, _ span: Span) -> Set<String>? {
    guard text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count >= 2 else {
      let names = text.split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
      reader.findings.add(
        .containerName,
        "container list \(quoted(text)) has no brackets",
        at: span,
        severity: .warning,
        caption: "expected \"[\(text.prefix(60))]\"",
        notes: ["in a cluster KubeArmor cuts off the first and the last character, whatever they are"],
        fixes: [FixIt("write \"[\(text)]\"", span: span, replacement: "\"[\(text)]\"", applicability: .unsafe)]
      )
      return names.isEmpty ? nil : Set(names)
    }
    let names = text.dropFirst().dropLast().split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
    return names.isEmpty ? nil : Set(names)
  }

  private func expressions(_ fields: Fields, into pods: inout PodSelector) {
    guard let slot = fields["matchExpressions"] else { return }
    let keys = kind == .cluster ? ["namespace", "label"] : ["label"]
    var included: Set<String>?
    var excluded: Set<String> = []
    for item in items(slot) {
      let anchor = reader.firstLine(item.span)
      guard let entry = reader.open(item, as: PolicySchema.expression, anchor: anchor, name: nil) else { continue }
      let key = word(entry["key"], keys)
      let condition = word(entry["operator"], ["In", "NotIn"]).flatMap(LabelExpression.Operator.init(rawValue:))
      let values = reader.located(entry["values"]) ?? []
      if let list = entry["values"], list.value.sequence?.isEmpty ?? false {
        reader.findings.add(.emptyList, "'values' is an empty list", at: list.value.span, caption: "expected a value")
      }
      guard let key, let condition, !values.isEmpty else { continue }
      if key == "namespace" {
        for (name, span) in values { reader.checkNamespace(name, span) }
        let names = Set(values.map(\.0))
        switch condition {
        case .in: included = included?.intersection(names) ?? names
        case .notIn: excluded.formUnion(names)
        }
      } else {
        let pairs = values.compactMap { pair($0.0, $0.1) }
        pods.expressions.insert(LabelExpression(condition, pairs))
      }
    }
    if included != nil || !excluded.isEmpty { pods.namespaces = NamespaceSet(included: included, excluded: excluded) }
  }

  /// `key=value`.
  private func pair(_ text: String, _ span: Span) -> LabelPair? {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, KubernetesName.isLabelKey(String(parts[0])), KubernetesName.isLabelValue(String(parts[1]))
    else {
      reader.findings.add(
        .badExpression,
        "\(quoted(text)) is no label",
        at: span,
        caption: "expected 'key=value'",
        notes: ["with key 'label' every value is a label and its value"]
      )
      return nil
    }
    return LabelPair(String(parts[0]), String(parts[1]))
  }

  private func word(_ slot: Fields.Slot?, _ words: [String]) -> String? {
    guard let slot, let text = reader.string(slot) else { return nil }
    if words.contains(text) { return text }
    let what = slot.key.name == "operator" ? "operator" : "key"
    reader.unknown(.badExpression, what, text, words, slot.value.span)
    return nil
  }

  private func nodes(_ slot: Fields.Slot?) -> Selector {
    var nodes = NodeSelector()
    guard let slot, present(slot), let fields = reader.open(slot, as: PolicySchema.nodeSelector) else {
      return .nodes(nodes)
    }
    let matchLabels = fields["matchLabels"]
    let errors = reader.findings.errorCount
    let labels = reader.labels(matchLabels) ?? []
    var hosts: Set<String>?
    for label in labels {
      if PolicyDecoder.hostKeys.contains(label.key.name) {
        guard let names = hostNames(label.value, label.span) else { continue }
        hosts = hosts?.intersection(names) ?? names
      } else if PolicyDecoder.hostPatternKeys.contains(label.key.name) {
        reader.findings.add(
          .badLabel,
          "\(quoted(label.key.name)) selects hosts by a regular expression, which is not supported",
          at: label.key.span,
          caption: "expected 'kubearmor.io/hostname' with names separated by commas, or '*'"
        )
      } else if check(label) {
        nodes.labels.insert(LabelPair(label.key.name, label.value))
      }
    }
    nodes.hostNames = hosts
    if labels.isEmpty, reader.findings.errorCount == errors, matchLabels.map({ !$0.value.isNull }) ?? true {
      reader.findings.add(
        .emptyNodeSelector,
        "the node selector is empty and selects no node",
        at: matchLabels?.key.span ?? slot.key.span,
        caption: "expected at least one label",
        notes: ["KubeArmor never applies such a policy; every host is written 'kubearmor.io/hostname: \"*\"'"]
      )
    }
    return .nodes(nodes)
  }

  /// Host names separated by commas; nil for every host.
  private func hostNames(_ text: String, _ span: Span) -> Set<String>? {
    let names = text.split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
    if names.contains("*") { return nil }
    for name in names where KubernetesName.defect(inSubdomain: name.lowercased()) != nil {
      reader.findings.add(
        .badLabel,
        "\(quoted(name)) is no host name",
        at: span,
        caption: "expected names separated by commas, or '*'"
      )
    }
    return Set(names)
  }
}
