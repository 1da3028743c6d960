import IR

/// The record as a whole, subjects and selectors.
extension RecordReader {
  mutating func record(_ tree: JSONTree) -> SubjectPolicy? {
    // The version first: what another version holds is not for this one to judge.
    guard case .object(let all) = tree.value, let version = all.first(where: { $0.key == "format" })?.value else {
      add("no policy record: expected an object with a 'format'", at: tree.offset)
      return nil
    }
    guard case .integer(let format) = version.value, format == PolicyRecord.currentFormat else {
      let found: String
      if case .integer(let number) = version.value { found = String(number) } else { found = version.typeName }
      add("'format' is \(found); this armorc reads \(PolicyRecord.currentFormat)", at: version.offset)
      return nil
    }
    let members = object(
      tree,
      "the record",
      required: ["format", "name", "subject", "postures", "policies"],
      optional: ["visibility", "base"]
    )
    guard let members else { return nil }
    let name = name(members["name"])
    let subject = subject(members["subject"])
    let postures = postures(members["postures"])
    var base: BaseList?
    if let tree = members["base"], let text = string(tree, "'base'") {
      base = BaseList.named(text)
      if base == nil {
        let known = BaseList.all.map { "'\($0.name)'" }.joined(separator: ", ")
        add("'base' is '\(text)', expected one of \(known)", at: tree.offset)
      }
    }
    let visibility = visibility(members["visibility"])
    let policies = policies(members["policies"])
    guard let name, let subject, let postures, let visibility, let policies else { return nil }
    return SubjectPolicy(
      name: name,
      subject: subject,
      policies: policies,
      postures: postures,
      visibility: visibility,
      base: base
    )
  }

  /// Classes in order, each once; left out if there are none.
  private mutating func visibility(_ tree: JSONTree?) -> Set<ResourceClass>? {
    guard let tree else { return [] }
    let known: [ResourceClass] = [.process, .file, .network, .capabilities]
    guard let items = array(tree, "'visibility'") else { return nil }
    let places = items.compactMap { item in
      word(item, "a class that is visible", of: ResourceClass.self).flatMap { known.firstIndex(of: $0) }
    }
    guard !places.isEmpty, places.count == items.count, zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }) else {
      let words = known.map { "'\($0.rawValue)'" }.joined(separator: ", ")
      add("'visibility' is to hold some of \(words), in this order, each once", at: tree.offset)
      return nil
    }
    return Set(places.map { known[$0] })
  }

  private mutating func name(_ tree: JSONTree?) -> String? {
    guard let tree, let text = string(tree, "'name'") else { return nil }
    if Manifest.isSafe(text) { return text }
    add("'name' is '\(text)', expected a name of [a-z0-9._-]", at: tree.offset)
    return nil
  }

  private mutating func postures(_ tree: JSONTree?) -> Postures? {
    guard let members = object(tree, "'postures'", required: ["file", "network", "capabilities"]) else { return nil }
    let file = word(members["file"], "the posture of files", of: Posture.self)
    let network = word(members["network"], "the posture of networks", of: Posture.self)
    let capabilities = word(members["capabilities"], "the posture of capabilities", of: Posture.self)
    guard let file, let network, let capabilities else { return nil }
    return Postures(file: file, network: network, capabilities: capabilities)
  }

  /// The word under 'kind', which says what members there are.
  private func kind(_ tree: JSONTree) -> String? {
    guard case .object(let members) = tree.value,
      case .string(let kind)? = members.first(where: { $0.key == "kind" })?.value.value
    else { return nil }
    return kind
  }

  private mutating func subject(_ tree: JSONTree?) -> Subject? {
    guard let tree else { return nil }
    switch kind(tree) {
    case "container"?:
      let keys = ["kind", "workload", "namespace", "container", "labels"]
      guard let members = object(tree, "a container", required: keys) else { return nil }
      let workload = workload(members["workload"])
      let namespace = filledString(members["namespace"], "the namespace of a container")
      let container = filledString(members["container"], "the name of a container")
      let labels = labels(members["labels"])
      guard let workload, let namespace, let container, let labels else { return nil }
      let identity = ContainerIdentity(namespace: namespace, labels: Set(labels), container: container)
      return .container(workload: workload, identity)
    case "host"?:
      guard let members = object(tree, "a host", required: ["kind", "name", "labels"]) else { return nil }
      let name = filledString(members["name"], "the name of a host")
      let labels = labels(members["labels"])
      guard let name, let labels else { return nil }
      return .host(HostIdentity(name: name, labels: Set(labels)))
    case "selection"?:
      guard let members = object(tree, "a selection", required: ["kind", "selector"]) else { return nil }
      return selector(members["selector"]).map(Subject.selection)
    default:
      add("'subject' has no 'kind' that is 'container', 'host' or 'selection'", at: tree.offset)
      return nil
    }
  }

  /// `Kind/name`.
  private mutating func workload(_ tree: JSONTree?) -> String? {
    guard let tree, let text = string(tree, "'workload'") else { return nil }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty { return text }
    add("'workload' is '\(text)', expected a kind, '/' and a name", at: tree.offset)
    return nil
  }

  private mutating func labels(_ tree: JSONTree?) -> [LabelPair]? {
    array(tree, "'labels'") { reader, item in
      guard let pair = reader.strings(item, "a label") else { return nil }
      if pair.count == 2 { return LabelPair(pair[0], pair[1]) }
      reader.add("a label has \(pair.count) parts, expected its key and its value", at: item.offset)
      return nil
    }
  }

  mutating func selector(_ tree: JSONTree?) -> Selector? {
    guard let tree else { return nil }
    switch kind(tree) {
    case "pods"?: return podSelector(tree).map(Selector.pods)
    case "nodes"?:
      guard let members = object(tree, "a selector", required: ["kind", "labels"], optional: ["hostNames"]) else {
        return nil
      }
      let labels = labels(members["labels"])
      let names = strings(members["hostNames"], "'hostNames'")
      return labels.map { .nodes(NodeSelector(labels: Set($0), hostNames: names.map { Set($0) })) }
    case "nothing"?: return object(tree, "a selector", required: ["kind"]).map { _ in .nothing }
    default:
      add("a selector has no 'kind' that is 'pods', 'nodes' or 'nothing'", at: tree.offset)
      return nil
    }
  }

  private mutating func podSelector(_ tree: JSONTree) -> PodSelector? {
    let members = object(
      tree,
      "a selector",
      required: ["kind", "labels"],
      optional: ["namespaces", "notNamespaces", "expressions", "containers"]
    )
    guard let members else { return nil }
    let namespaces: NamespaceSet?
    switch (members["namespaces"], members["notNamespaces"]) {
    case (let included?, nil):
      namespaces = strings(included, "'namespaces'").map { NamespaceSet(included: Set($0)) }
    case (nil, let excluded?):
      namespaces = strings(excluded, "'notNamespaces'").map { NamespaceSet(excluded: Set($0)) }
    default:
      add("a selector has both or neither of 'namespaces' and 'notNamespaces', expected one", at: members.offset)
      namespaces = nil
    }
    let labels = labels(members["labels"])
    let expressions = array(members["expressions"], "'expressions'") { $0.expression($1) }
    let containers = strings(members["containers"], "'containers'")
    guard let namespaces, let labels else { return nil }
    return PodSelector(
      namespaces: namespaces,
      labels: Set(labels),
      expressions: Set(expressions ?? []),
      containers: containers.map { Set($0) }
    )
  }

  private mutating func expression(_ tree: JSONTree) -> LabelExpression? {
    guard let members = object(tree, "an expression", required: ["operator", "labels"]) else { return nil }
    let labels = labels(members["labels"])
    guard let word = string(members["operator"], "an operator") else { return nil }
    guard let known = LabelExpression.Operator(rawValue: word) else {
      add("an operator is '\(word)', expected 'In' or 'NotIn'", at: members.offset)
      return nil
    }
    return labels.map { LabelExpression(known, $0) }
  }
}
