import IR

/// Whose event it is, and under which postures.
extension EventJSON {
  /// From `subject`, a text or an object, or else from the members beside the event.
  static func subject(_ tree: JSONTree) throws(EventJSONError) -> SubjectQuery? {
    switch tree["subject"] {
    case .string(let text):
      do throws(SubjectQueryError) { return try SubjectQuery(parsing: text) } catch {
        throw EventJSONError("'subject': \(error.message)")
      }
    case .object(let members): return try query(.object(members), "subject.")
    case nil, .null: return try query(tree, "")
    case .some(let other): throw EventJSONError("'subject' is \(other.kindName), expected a string or an object")
    }
  }

  private static func query(_ tree: JSONTree, _ prefix: String) throws(EventJSONError) -> SubjectQuery? {
    let kind = try text(tree, "kind", prefix)?.lowercased()
    let namespace = try text(tree, "namespace", prefix)
    let pod = try text(tree, "pod", prefix)
    let container = try text(tree, "container", prefix)
    let labels = try labels(tree, "labels", prefix)
    var host = try text(tree, "host", prefix)
    if host == nil, kind == "host" { host = try text(tree, "name", prefix) }
    switch kind {
    case nil, "pod", "container", "host": break
    default: throw EventJSONError("unknown '\(prefix)kind' '\(kind ?? "")', expected pod or host")
    }
    let speaksOfPod = namespace != nil || pod != nil || container != nil || labels != nil
    if kind == "host" || (kind == nil && host != nil && !speaksOfPod) {
      let own = (try self.labels(tree, "node_labels", prefix) ?? []).union(labels ?? [])
      let named = own.first { $0.key == "kubernetes.io/hostname" || $0.key == "kubearmor.io/hostname" }?.value
      return .host(name: host ?? named ?? "host", labels: own)
    }
    guard speaksOfPod || kind != nil else { return nil }
    let space = namespace.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
    return .container(namespace: space, labels: labels, container: container, pod: pod)
  }

  /// An object of strings, or `a=b,c=d`.
  private static func labels(
    _ tree: JSONTree,
    _ name: String,
    _ prefix: String
  ) throws(EventJSONError) -> Set<LabelPair>? {
    switch tree[name] {
    case nil, .null: return nil
    case .string(let text):
      do throws(SubjectQueryError) { return try SubjectQuery.labels(text[...]) } catch {
        throw EventJSONError("'\(prefix)\(name)': \(error.message)")
      }
    case .object(let members):
      var result: Set<LabelPair> = []
      for member in members {
        guard case .string(let value) = member.value else {
          throw EventJSONError("'\(prefix)\(name).\(member.name)' is \(member.value.kindName), expected a string")
        }
        result.insert(LabelPair(member.name, value))
      }
      return result
    case .some(let other):
      throw EventJSONError("'\(prefix)\(name)' is \(other.kindName), expected an object or 'key=value,…'")
    }
  }

  /// `"block"` for all classes, or an object with `file`, `network`, `capabilities`.
  static func postures(_ tree: JSONTree?) throws(EventJSONError) -> PartialPostures {
    func posture(_ text: String, _ name: String) throws(EventJSONError) -> Posture {
      guard let posture = Posture(rawValue: text) else {
        throw EventJSONError("'\(name)' is '\(text)', expected allow, audit or block")
      }
      return posture
    }
    switch tree {
    case nil, .null: return PartialPostures()
    case .string(let text):
      let one = try posture(text, "posture")
      return PartialPostures(file: one, network: one, capabilities: one)
    case .object(let members):
      var result = PartialPostures()
      for member in members {
        guard ["file", "network", "capabilities"].contains(member.name) else {
          throw EventJSONError("unknown member 'posture.\(member.name)', expected file, network or capabilities")
        }
        guard let text = try text(.object(members), member.name, "posture.") else { continue }
        let value = try posture(text, "posture.\(member.name)")
        switch member.name {
        case "file": result.file = value
        case "network": result.network = value
        default: result.capabilities = value
        }
      }
      return result
    case .some(let other): throw EventJSONError("'posture' is \(other.kindName), expected an object or a string")
    }
  }
}
