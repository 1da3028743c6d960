internal import Diagnostics

/// Alerts as bytes, a line or a block each.
package struct AlertWriter: Sendable {
  package enum Format: String, Sendable, CaseIterable {
    /// karmor's text.
    case text
    /// A line each, names as over gRPC.
    case json
    /// A line each, names as in KubeArmor's own files.
    case jsonFile = "json-file"
  }

  package let format: Format
  private var clock = AlertTime()
  private let keys: [[UInt8]]

  package init(_ format: Format) {
    self.format = format
    keys = AlertField.allCases.map { field in
      switch format {
      case .text: Array("\(field.name): ".utf8)
      case .json: Array("\"\(field.name)\":".utf8)
      case .jsonFile: Array("\"\(field.fileName)\":".utf8)
      }
    }
  }

  package mutating func append(_ alert: Alert, to out: inout [UInt8]) {
    format == .text ? appendText(alert, to: &out) : appendJSON(alert, to: &out)
  }

  // MARK: JSON

  private mutating func appendJSON(_ alert: Alert, to out: inout [UInt8]) {
    var separator = UInt8(ascii: "{")
    for field in AlertField.allCases {
      guard AlertWriter.has(field, alert) else { continue }
      out.append(separator)
      separator = UInt8(ascii: ",")
      out += keys[field.rawValue]
      appendValue(field, alert, to: &out)
    }
    out.append(UInt8(ascii: "}"))
    out.append(UInt8(ascii: "\n"))
  }

  private mutating func appendValue(_ field: AlertField, _ alert: Alert, to out: inout [UInt8]) {
    if let number = AlertWriter.number(field, alert) {
      out.append(decimal: number)
      return
    }
    switch field {
    case .updatedTime:
      out.append(UInt8(ascii: "\""))
      clock.append(alert.time, separator: UInt8(ascii: "T"), zone: "Z\"", to: &out)
    case .owner:
      let names = format == .json ? ["Ref", "Name", "Namespace"] : ["ref", "name", "namespace"]
      let values = [alert.place.ownerKind, alert.place.ownerName, alert.place.namespace]
      AlertWriter.object(
        zip(names, values).compactMap { name, value in value.map { (name, Array($0.utf8)) } },
        to: &out
      )
    case .eventData: AlertWriter.object(alert.details.map { ($0.name, $0.value) }, to: &out)
    case .atags:
      var separator = UInt8(ascii: "[")
      for tag in alert.tags {
        out.append(separator)
        separator = UInt8(ascii: ",")
        out.append(quoted: tag)
      }
      out.append(UInt8(ascii: "]"))
    case .source: out.append(quoted: alert.source)
    case .resource: out.append(quoted: alert.resource)
    case .processName: out.append(quoted: alert.process)
    case .parentProcessName: out.append(quoted: alert.parentProcess)
    default: out.append(quoted: AlertWriter.word(field, alert))
    }
  }

  private static func object(_ members: [(String, [UInt8])], to out: inout [UInt8]) {
    var separator = UInt8(ascii: "{")
    for (name, value) in members {
      out.append(separator)
      separator = UInt8(ascii: ",")
      out.append(quoted: name)
      out.append(UInt8(ascii: ":"))
      out.append(quoted: value)
    }
    out.append(UInt8(ascii: "}"))
  }

  // MARK: Text

  private mutating func appendText(_ alert: Alert, to out: inout [UInt8]) {
    out += (alert.kind.isLog ? "== Log / " : "== Alert / ").utf8
    clock.append(alert.time, separator: UInt8(ascii: " "), zone: " ==\n", to: &out)
    for field in AlertField.textOrder {
      guard AlertWriter.has(field, alert) else { continue }
      out += keys[field.rawValue]
      appendTextValue(field, alert, to: &out)
      out.append(UInt8(ascii: "\n"))
    }
  }

  private func appendTextValue(_ field: AlertField, _ alert: Alert, to out: inout [UInt8]) {
    if let number = AlertWriter.number(field, alert) {
      out.append(decimal: number)
      return
    }
    switch field {
    case .owner:
      let members = [
        ("Name", alert.place.ownerName), ("Namespace", alert.place.namespace), ("Ref", alert.place.ownerKind),
      ]
      out += "map[".utf8
      out.append(shown: members.compactMap { name, value in value.map { name + ":" + $0 } }.joined(separator: " "))
      out += "]".utf8
    case .eventData:
      out += "map[".utf8
      for (index, detail) in alert.details.sorted(by: { $0.name < $1.name }).enumerated() {
        if index > 0 { out.append(UInt8(ascii: " ")) }
        out += (detail.name + ":").utf8
        out.append(shown: detail.value)
      }
      out += "]".utf8
    case .atags:
      out += "[".utf8
      out.append(shown: alert.tags.joined(separator: " "))
      out += "]".utf8
    case .source: out.append(shown: alert.source)
    case .resource: out.append(shown: alert.resource)
    case .processName: out.append(shown: alert.process)
    case .parentProcessName: out.append(shown: alert.parentProcess)
    default: out.append(shown: AlertWriter.word(field, alert))
    }
  }

  // MARK: Values

  private static func has(_ field: AlertField, _ alert: Alert) -> Bool {
    switch field {
    case .timestamp, .updatedTime, .type, .operation: true
    case .owner: alert.place.ownerName != nil
    case .hostPPID: alert.hostParent != nil
    case .hostPID: alert.hostPID != nil
    case .ppid: alert.parent != nil
    case .pid: alert.pid != nil
    case .uid: alert.uid != nil
    case .parentProcessName: !alert.parentProcess.isEmpty
    case .processName: !alert.process.isEmpty
    case .severity: alert.severity > 0
    case .tags, .atags: !alert.tags.isEmpty
    case .source: !alert.source.isEmpty
    case .resource: !alert.resource.isEmpty
    case .eventData: !alert.details.isEmpty
    default: !word(field, alert).isEmpty
    }
  }

  private static func number(_ field: AlertField, _ alert: Alert) -> Int? {
    switch field {
    case .timestamp: alert.time / 1_000_000_000
    case .hostPPID: alert.hostParent
    case .hostPID: alert.hostPID
    case .ppid: alert.parent
    case .pid: alert.pid
    case .uid: alert.uid
    default: nil
    }
  }

  private static func word(_ field: AlertField, _ alert: Alert) -> String {
    switch field {
    case .hostName: alert.hostName
    case .namespaceName: alert.place.namespace ?? ""
    case .podName: alert.place.pod ?? ""
    case .labels: alert.place.labels ?? ""
    case .containerName: alert.place.container ?? ""
    case .policyName: alert.policy
    case .severity: String(alert.severity)
    case .tags: alert.tags.joined(separator: ",")
    case .message: alert.message
    case .type: alert.kind.rawValue
    case .operation: alert.operation.rawValue
    case .data: alert.data
    case .enforcer: alert.enforcer?.rawValue ?? ""
    case .action: alert.action?.rawValue ?? ""
    case .result: alert.result?.rawValue ?? ""
    default: ""
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(decimal value: Int) {
    if value >= 0, value < 10 {
      append(UInt8(ascii: "0") + UInt8(value))
      return
    }
    self += String(value).utf8
  }

  fileprivate mutating func append(quoted text: String) {
    let start = count
    append(UInt8(ascii: "\""))
    self += text.utf8
    close(start) { JSONValue.string(text) }
  }

  /// What is no UTF-8 becomes U+FFFD.
  fileprivate mutating func append(quoted text: [UInt8]) {
    let start = count
    append(UInt8(ascii: "\""))
    self += text
    close(start) { JSONValue.bytes(text) }
  }

  /// Ends a string that was copied as it is, or writes it again with escapes.
  private mutating func close(_ start: Int, _ value: () -> JSONValue) {
    for index in (start + 1)..<count {
      let byte = self[index]
      if byte < 0x20 || byte >= 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        removeLast(count - start)
        self += value().text().utf8
        return
      }
    }
    append(UInt8(ascii: "\""))
  }

  /// On one line, whatever it holds.
  fileprivate mutating func append(shown text: String) { self += DisplayText.safe(text).utf8 }

  fileprivate mutating func append(shown bytes: [UInt8]) {
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { self += bytes } else { self += DisplayText(bytes).text.utf8 }
  }
}
