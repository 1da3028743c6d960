import Diagnostics
package import IR

/// A policy with the places of its parts.
package struct LoadedPolicy: Sendable {
  package let policy: Policy
  package let spans: PolicySpans
}

/// Turns one located policy object into IR values; every error is reported, a rule with an error is left out and the
/// policy marked incomplete.
struct PolicyDecoder {
  let reader: ObjectReader
  let kind: PolicyKind
  /// Set before any rule is read.
  var id: PolicyID
  var spans: PolicySpans
  var rules: [Rule] = []
  var notCompiled: [NotCompiled] = []

  /// Decodes `root`, whose kind is `kind`; `isBroken` says that the text around it had a syntax error.
  static func decode(_ root: Node, _ kind: PolicyKind, isBroken: Bool, _ reader: ObjectReader) -> LoadedPolicy? {
    let errors = reader.findings.errorCount
    let shape =
      switch kind {
      case .pod, .base: PolicySchema.podPolicy
      case .host: PolicySchema.hostPolicy
      case .cluster: PolicySchema.clusterPolicy
      case .network: PolicySchema.networkPolicy
      }
    guard let object = reader.open(root, as: shape, anchor: reader.kindSpan(root), name: nil) else { return nil }
    reader.checkVersion(object)
    let identity = reader.identity(object, kind)
    let selector = object["spec"]?.key.span ?? identity.span
    var decoder = PolicyDecoder(
      reader: reader,
      kind: kind,
      id: identity.id,
      spans: PolicySpans(object: root.span, name: identity.span, selector: selector)
    )
    var policy = decoder.policy(object)
    policy.isIncomplete = isBroken || reader.findings.errorCount > errors
    if policy.rules.isEmpty, policy.notCompiled.isEmpty, policy.nativeAppArmor == nil, !policy.isIncomplete {
      reader.findings.add(
        .noRule,
        "policy \(quoted(identity.id.name)) has no rule",
        at: selector,
        caption: "expected 'process', 'file', 'network', 'capabilities' or 'syscalls' with at least one rule",
        notes: ["it would be applied and do nothing"]
      )
      policy.isIncomplete = true
    }
    return LoadedPolicy(policy: policy, spans: decoder.spans)
  }

  private mutating func policy(_ object: Fields) -> Policy {
    var policy = Policy(
      id: id,
      selector: .nothing,
      rules: [],
      location: reader.location(spans.object)
    )
    guard let slot = object["spec"] else { return policy }
    let shape =
      switch kind {
      case .pod, .base: PolicySchema.podSpec
      case .host: PolicySchema.hostSpec
      case .cluster: PolicySchema.clusterSpec
      case .network: PolicySchema.networkSpec
      }
    guard let spec = reader.open(slot, as: shape) else { return policy }
    let attributes = reader.attributes(spec, from: Attributes())
    spans.action = attributes.actionSpan
    if let key = (spec["selector"] ?? spec["nodeSelector"])?.key { spans.selector = key.span }
    policy.selector = selector(spec, slot.key)
    if kind == .network {
      traffic(spec, attributes)
    } else {
      // Sections count their rules in the order in which they stand in the document.
      let sections = spec.slots.compactMap { $0 }.sorted { $0.key.span.start < $1.key.span.start }
      for section in sections { read(section, spec, attributes) }
    }
    if let native = spec["apparmor"], let text = reader.string(native) {
      spans.apparmor = native.value.span
      if text.allSatisfy(\.isWhitespace) {
        reader.empty("'apparmor'", at: native.key.span, expected: "native AppArmor rules")
      } else {
        policy.nativeAppArmor = NativeText(text: text, location: reader.location(native.value.span))
      }
    }
    policy.rules = rules
    policy.notCompiled = notCompiled
    return policy
  }

  private mutating func read(_ slot: Fields.Slot, _ spec: Fields, _ outer: Attributes) {
    // A misspelt section was put into the slot of the field that was meant.
    guard let index = spec.slots.firstIndex(where: { $0?.key.span == slot.key.span }) else { return }
    switch spec.shape.fields[index].name {
    case "process": section(slot, PolicySchema.process, outer)
    case "file": section(slot, PolicySchema.file, outer)
    case "network": section(slot, PolicySchema.network, outer)
    case "capabilities": section(slot, PolicySchema.capabilities, outer)
    case "syscalls": section(slot, PolicySchema.syscalls, outer)
    case "device": section(slot, PolicySchema.device, outer)
    case "presets":
      for (number, item) in items(slot).enumerated() { preset(item, slot, "spec.presets[\(number)]", outer) }
    default: break
    }
  }

  private mutating func section(_ slot: Fields.Slot, _ shape: ObjectShape, _ outer: Attributes) {
    guard !slot.value.isNull || !slot.adopted.isEmpty, let fields = reader.open(slot, as: shape) else { return }
    let inherited = reader.attributes(fields, from: outer)
    let name = String(shape.title.dropFirst().dropLast())
    var lists: [(slot: Fields.Slot, name: String, entry: ObjectShape)] = []
    for (field, slot) in zip(shape.fields, fields.slots) {
      if case .list(let entry) = field.type, let slot { lists.append((slot, field.name, entry)) }
    }
    lists.sort { $0.slot.key.span.start < $1.slot.key.span.start }
    for list in lists {
      for (number, item) in items(list.slot).enumerated() {
        let path = "spec.\(name).\(list.name)[\(number)]"
        rule(item, list.entry, list.slot.key.span, path, inherited)
      }
    }
  }

  /// The items of a list; an empty list is worth a word.
  func items(_ slot: Fields.Slot) -> [Node] {
    if let items = slot.value.sequence, items.isEmpty {
      reader.findings.add(
        .emptyList,
        "\(quoted(slot.key.name)) is an empty list",
        at: slot.value.span,
        severity: .warning,
        notes: ["it says nothing; remove it, or add an item"]
      )
    }
    return reader.items(slot)
  }

  /// Takes the next position and the rule's spans.
  mutating func origin(_ item: Node, _ list: Span, _ subject: Span?, _ path: String, _ attributes: Attributes) -> Origin
  {
    let position = spans.rules.count
    spans.rules.append(
      EntrySpans(
        entry: item.span,
        subject: subject ?? item.span,
        action: attributes.actionSpan,
        sources: [],
        list: list
      )
    )
    return Origin(policy: id, position: position, path: path, location: reader.location(item.span))
  }

  /// A part that is understood and has no compiled form.
  mutating func keep(_ resourceClass: ResourceClass, _ what: String, _ reason: String, _ origin: Origin) {
    notCompiled.append(NotCompiled(resourceClass: resourceClass, what: what, reason: reason, origin: origin))
  }
}

extension ObjectReader {
  func location(_ span: Span) -> Location {
    let place = source.position(of: span.start)
    return Location(file: source.name, line: place.line, column: place.column)
  }

  /// What findings about the whole object point at: the value of `kind`, else its first key.
  func kindSpan(_ root: Node) -> Span {
    root.mapping?["kind"]?.span ?? root.mapping?.entries.first?.key.span ?? firstLine(root.span)
  }
}
