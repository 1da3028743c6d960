/// Whose event it is, as far as somebody said.
package enum SubjectQuery: Hashable, Sendable {
  /// The name of a subject of a build, such as `shop.web.nginx`.
  case name(String)
  /// A container, whether or not a manifest names its workload. Without a container name any container of the pod is
  /// meant; without labels (nil) the pod's name tells, as Kubernetes makes it of its workload's.
  case container(namespace: String, labels: Set<LabelPair>?, container: String?, pod: String?)
  /// A node.
  case host(name: String, labels: Set<LabelPair>)
}

/// Why a text names no subject.
package struct SubjectQueryError: Error, Hashable, Sendable {
  /// What is wrong and what was expected, lower case, no final period.
  package let message: String
  package init(_ message: String) { self.message = message }
}

extension SubjectQuery: CustomStringConvertible {
  /// Reads `NAME`, `NAMESPACE/KEY=VALUE,…[:CONTAINER]` or `host:NAME[/KEY=VALUE,…]`.
  package init(parsing text: String) throws(SubjectQueryError) {
    guard !text.isEmpty else { throw SubjectQueryError("no subject; \(SubjectQuery.forms)") }
    if text.hasPrefix("host:") {
      let parts = text.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts.first, !name.isEmpty else { throw SubjectQueryError("no name after 'host:'") }
      self = .host(name: String(name), labels: parts.count > 1 ? try SubjectQuery.labels(parts[1]) : [])
      return
    }
    guard let slash = text.firstIndex(of: "/") else {
      guard !text.contains("="), !text.contains(":") else {
        throw SubjectQueryError("labels need a namespace before them; \(SubjectQuery.forms)")
      }
      self = .name(text)
      return
    }
    let namespace = String(text[..<slash])
    guard !namespace.isEmpty else { throw SubjectQueryError("no namespace before '/'; \(SubjectQuery.forms)") }
    var rest = text[text.index(after: slash)...]
    var container: String?
    if let colon = rest.firstIndex(of: ":") {
      container = String(rest[rest.index(after: colon)...])
      rest = rest[..<colon]
      guard container?.isEmpty == false else { throw SubjectQueryError("no container name after ':'") }
    }
    self = .container(namespace: namespace, labels: try SubjectQuery.labels(rest), container: container, pod: nil)
  }

  package static let forms = "expected a name, 'namespace/key=value,…[:container]' or 'host:name'"

  /// `a=b,c=d`; empty is no labels.
  package static func labels(_ text: Substring) throws(SubjectQueryError) -> Set<LabelPair> {
    var result: Set<LabelPair> = []
    guard !text.isEmpty else { return result }
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let key = parts.first, !key.isEmpty, let value = parts.last else {
        throw SubjectQueryError("'\(piece)' is no label, expected 'key=value'")
      }
      guard !result.contains(where: { $0.key == key }) else {
        throw SubjectQueryError("label '\(key)' stands there twice")
      }
      result.insert(LabelPair(String(key), String(value)))
    }
    return result
  }

  /// In the form that `init(parsing:)` reads, but for the name of a pod, which has none.
  package var description: String {
    func list(_ labels: Set<LabelPair>) -> String {
      labels.sorted().map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
    switch self {
    case .name(let name): return name
    case .container(let namespace, let labels, let container, let pod):
      let which = labels.map(list) ?? pod.map { "pod " + $0 } ?? ""
      return namespace + "/" + which + (container.map { ":" + $0 } ?? "")
    case .host(let name, let labels): return "host:" + name + (labels.isEmpty ? "" : "/" + list(labels))
    }
  }
}
