import Diagnostics
import IR

/// Parts that are checked and kept, but that no decision table holds.
extension PolicyDecoder {
  private static let presets = Preset.allCases.map(\.rawValue)

  mutating func preset(_ item: Node, _ list: Fields.Slot, _ path: String, _ outer: Attributes) {
    guard let fields = reader.open(item, as: PolicySchema.preset, anchor: reader.firstLine(item.span), name: nil) else {
      _ = origin(item, list.key.span, nil, path, Attributes())
      return
    }
    let name = reader.string(fields["name"])
    if let name, let slot = fields["name"], !PolicyDecoder.presets.contains(name) {
      reader.unknown(.badPreset, "preset", name, PolicyDecoder.presets, slot.value.span)
    }
    // A preset inherits all but the action (SEMANTICS §2).
    var attributes = outer
    (attributes.action, attributes.actionSpan, attributes.isActionBroken) = (nil, nil, false)
    if let slot = fields["action"], !slot.value.isNull {
      attributes.action = reader.action(slot)
      attributes.actionSpan = slot.value.span
      if attributes.action == .allow {
        reader.findings.add(
          .badPreset,
          "a preset cannot be allowed",
          at: slot.value.span,
          caption: "expected 'Block' or 'Audit'",
          notes: ["KubeArmor blocks it all the same"]
        )
      }
    }
    let origin = origin(item, list.key.span, fields["name"]?.value.span, path, attributes)
    guard let name, let preset = Preset(rawValue: name), let action = attributes.action, action != .allow else {
      return
    }
    let rule = PresetRule(
      preset,
      action: action,
      severity: attributes.severity,
      tags: attributes.tags,
      message: attributes.message,
      origin: origin
    )
    notCompiled.append(NotCompiled(rule))
  }

  mutating func device(_ fields: Fields, _ origin: Origin, _ attributes: Attributes) {
    let name = reader.string(fields["class"])
    _ = reader.integer(fields["subClass"], in: 0...255)
    _ = reader.integer(fields["protocol"], in: 0...255)
    _ = reader.integer(fields["level"], in: 1...Int(Int32.max))
    guard let name else { return }
    let action = (attributes.action ?? .block).rawValue
    keep(.device, "USB device class '\(name)' (\(action))", "USB devices are no matter of an LSM", origin)
  }

  /// The rules of a KubeArmorNetworkPolicy.
  mutating func traffic(_ spec: Fields, _ outer: Attributes) {
    if let slot = spec["level"] { word(slot, ["Pod", "Policy", "pod", "policy"]) }
    if let pods = spec["selector"], let nodes = spec["nodeSelector"] {
      reader.findings.add(
        .wrongSelector,
        "a KubeArmorNetworkPolicy selects containers or nodes, not both",
        at: nodes.key.span,
        labels: [Label(pods.key.span, "the other selector")],
        notes: ["expected one of 'selector' and 'nodeSelector'"]
      )
    }
    let lists = [("ingress", PolicySchema.ingress), ("egress", PolicySchema.egress)].compactMap { name, shape in
      spec[name].map { (name, shape, $0) }
    }
    for (name, shape, slot) in lists {
      for (number, item) in items(slot).enumerated() {
        let path = "spec.\(name)[\(number)]"
        let anchor = reader.firstLine(item.span)
        guard let fields = reader.open(item, as: shape, anchor: anchor, name: nil) else {
          _ = origin(item, slot.key.span, nil, path, outer)
          continue
        }
        var inherited = outer
        if let action = fields["action"], !action.value.isNull {
          inherited.action = reader.action(action)
          inherited.actionSpan = action.value.span
        }
        _ = reader.integer(fields["severity"])
        _ = reader.strings(fields["tags"])
        _ = reader.string(fields["message"])
        checkTraffic(fields)
        let origin = origin(item, slot.key.span, nil, path, inherited)
        let action = (inherited.action ?? .block).rawValue
        keep(.network, "\(name) rule (\(action))", "addresses and ports are a firewall's matter, not an LSM's", origin)
      }
    }
  }

  private func checkTraffic(_ fields: Fields) {
    _ = reader.strings(fields["iface"])
    _ = reader.string(fields["duration"])
    if let slot = fields["limit"], let text = reader.string(slot) {
      let digits = text.prefix { $0.isASCII && $0.isNumber }
      if digits.isEmpty || !["", "KB", "MB", "GB", "K", "M", "G"].contains(String(text.dropFirst(digits.count))) {
        reader.findings.add(
          .badEnumeration,
          "limit \(quoted(text)) is no size",
          at: slot.value.span,
          caption: "expected digits and 'KB', 'MB' or 'GB'",
          notes: ["without a unit KubeArmor reads gigabytes"]
        )
      }
    }
    for (name, shape) in [("from", PolicySchema.from), ("to", PolicySchema.to)] {
      for item in reader.items(fields[name]) {
        let entry = reader.open(item, as: shape, anchor: reader.firstLine(item.span), name: nil)
        guard let slot = entry?["ipBlock"], let block = reader.open(slot, as: PolicySchema.ipBlock) else { continue }
        _ = reader.string(block["cidr"])
      }
    }
    for item in reader.items(fields["ports"]) {
      guard let port = reader.open(item, as: PolicySchema.port, anchor: reader.firstLine(item.span), name: nil) else {
        continue
      }
      _ = reader.string(port["port"])
      _ = reader.integer(port["endPort"], in: 1...65535)
      if let slot = port["protocol"] { word(slot, ["TCP", "UDP", "SCTP", "tcp", "udp", "sctp"]) }
    }
  }

  private func word(_ slot: Fields.Slot, _ words: [String]) {
    guard let text = reader.string(slot), !words.contains(text) else { return }
    reader.unknown(.badEnumeration, slot.key.name, text, words, slot.value.span)
  }
}
