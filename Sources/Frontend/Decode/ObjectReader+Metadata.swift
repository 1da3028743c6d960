import Diagnostics
import IR

/// `apiVersion` and `metadata`.
extension ObjectReader {
  func checkVersion(_ object: Fields) {
    guard let slot = object["apiVersion"], let text = string(slot), text != PolicySchema.apiVersion else { return }
    findings.add(
      .wrongVersion,
      "apiVersion \(quoted(text)) has no KubeArmor policies",
      at: slot.value.span,
      caption: "expected '\(PolicySchema.apiVersion)'",
      fixes: [
        FixIt(
          "write '\(PolicySchema.apiVersion)'",
          span: slot.value.span,
          replacement: PolicySchema.apiVersion,
          applicability: .unsafe
        )
      ]
    )
  }

  /// Name and namespace, and the span of the name.
  func identity(_ object: Fields, _ kind: PolicyKind) -> (id: PolicyID, span: Span) {
    guard let slot = object["metadata"], let metadata = open(slot, as: PolicySchema.metadata) else {
      return (PolicyID(kind: kind, namespace: kind == .pod ? "default" : "", name: ""), object.anchor)
    }
    var name = ""
    var span = slot.key.span
    if let field = metadata["name"] {
      span = field.value.isNull ? field.key.span : field.value.span
      if let text = string(field) {
        name = text
        checkName(text, field.value.span)
      }
    }
    var namespace = kind == .pod ? "default" : ""
    if let field = metadata["namespace"], let text = string(field) {
      if kind == .pod {
        namespace = text
        checkNamespace(text, field.value.span)
      } else {
        findings.add(
          .clusterScoped,
          "\(kind.rawValue) has no namespace",
          at: field.key.span,
          severity: .warning,
          notes: ["the kind is cluster-scoped; the field is ignored"],
          fixes: []
        )
      }
    }
    return (PolicyID(kind: kind, namespace: namespace, name: name), span)
  }

  private func checkName(_ text: String, _ span: Span) {
    guard let problem = KubernetesName.defect(inSubdomain: text) else { return }
    let fixed = KubernetesName.subdomain(from: text)
    findings.add(
      .badName,
      "name \(quoted(text)) \(problem)",
      at: span,
      caption: "expected lower-case letters, digits, '-' and '.'",
      notes: ["the API server refuses it: names are DNS subdomains (RFC 1123), at most 253 characters"],
      fixes: fixed.map { [FixIt("write '\($0)'", span: span, replacement: $0, applicability: .unsafe)] } ?? []
    )
  }

  func checkNamespace(_ text: String, _ span: Span) {
    guard let problem = KubernetesName.defect(inLabel: text) else { return }
    findings.add(
      .badNamespace,
      "namespace \(quoted(text)) \(problem)",
      at: span,
      caption: "expected lower-case letters, digits and '-', at most 63"
    )
  }
}

/// The syntax of Kubernetes names and labels (apimachinery `pkg/util/validation`).
package enum KubernetesName {
  /// Why `text` is no DNS-1123 subdomain, as "holds '_'"; nil if it is one.
  package static func defect(inSubdomain text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > 253 { return "is longer than 253 characters" }
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      if let problem = defect(inPart: part) { return problem }
    }
    return nil
  }

  /// Why `text` is no DNS-1123 label.
  package static func defect(inLabel text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > 63 { return "is longer than 63 characters" }
    return defect(inPart: text[...])
  }

  private static func defect(inPart part: Substring) -> String? {
    if part.isEmpty { return "has an empty part between dots" }
    for scalar in part.unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9", "-": continue
      case "A"..."Z": return "holds the upper-case letter '\(scalar)'"
      default: return "holds '\(scalar)'"
      }
    }
    if part.hasPrefix("-") { return "starts with '-'" }
    if part.hasSuffix("-") { return "ends in '-'" }
    return nil
  }

  /// A valid name near `text`, or nil.
  package static func subdomain(from text: String) -> String? {
    var result = ""
    for scalar in text.lowercased().unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9", "-", ".": result.unicodeScalars.append(scalar)
      default: result += "-"
      }
    }
    while let first = result.first, first == "-" || first == "." { result.removeFirst() }
    while let last = result.last, last == "-" || last == "." { result.removeLast() }
    return defect(inSubdomain: result) == nil ? result : nil
  }

  /// `[prefix/]name`.
  package static func isLabelKey(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return !text.isEmpty && isLabelValue(text)
    case 2: return defect(inSubdomain: String(parts[0])) == nil && !parts[1].isEmpty && isLabelValue(String(parts[1]))
    default: return false
    }
  }

  /// At most 63 of `[A-Za-z0-9_.-]`, alphanumeric at both ends; empty is allowed.
  package static func isLabelValue(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last else { return true }
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
      default: false
      }
    }
    return bytes.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F }
  }
}
