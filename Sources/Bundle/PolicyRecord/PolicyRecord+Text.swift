import Automata
package import IR

extension PolicyRecord {
  /// The canonical text of a subject: a line per member, policy and rule, a final newline.
  package static func json(_ subject: SubjectPolicy) -> [UInt8] {
    var text = RecordText()
    text.raw("{\n\"format\": \(currentFormat),\n\"name\": ")
    text.string(subject.name)
    text.raw(",\n\"subject\": ")
    text.subject(subject.subject)
    text.raw(",\n\"postures\": ")
    text.object([
      ("file", { $0.string(subject.postures.file.rawValue) }),
      ("network", { $0.string(subject.postures.network.rawValue) }),
      ("capabilities", { $0.string(subject.postures.capabilities.rawValue) }),
    ])
    if !subject.visibility.isEmpty {
      text.raw(",\n\"visibility\": [")
      for (index, one) in ResourceClass.allCases.filter(subject.visibility.contains).enumerated() {
        text.raw(index == 0 ? "" : ", ")
        text.string(one.rawValue)
      }
      text.raw("]")
    }
    if let base = subject.base {
      text.raw(",\n\"base\": ")
      text.string(base.name)
    }
    text.raw(",\n\"policies\": [")
    for (index, policy) in subject.policies.enumerated() {
      text.raw(index == 0 ? "\n" : ",\n")
      text.policy(policy)
    }
    text.raw(subject.policies.isEmpty ? "]\n}\n" : "\n]\n}\n")
    return text.bytes
  }
}

/// Writes the parts of a record, each on one line.
private struct RecordText {
  private(set) var bytes: [UInt8] = []

  mutating func raw(_ text: String) { bytes += text.utf8 }

  mutating func string(_ value: String) { JSONString.append(value, to: &bytes) }

  mutating func object(_ members: [(key: String, write: (inout RecordText) -> Void)]) {
    raw("{")
    for (index, member) in members.enumerated() {
      raw(index == 0 ? "\"" : ", \"")
      raw(member.key)
      raw("\": ")
      member.write(&self)
    }
    raw("}")
  }

  mutating func array<Element>(_ elements: some Sequence<Element>, _ write: (inout RecordText, Element) -> Void) {
    raw("[")
    for (index, element) in elements.enumerated() {
      if index > 0 { raw(", ") }
      write(&self, element)
    }
    raw("]")
  }

  mutating func strings(_ values: some Sequence<String>) { array(values) { $0.string($1) } }

  mutating func labels(_ labels: some Sequence<LabelPair>) {
    array(labels.sorted()) { $0.strings([$1.key, $1.value]) }
  }

  // MARK: Subjects and selectors

  mutating func subject(_ subject: Subject) {
    switch subject {
    case .container(let workload, let identity):
      object([
        ("kind", { $0.string("container") }), ("workload", { $0.string(workload) }),
        ("namespace", { $0.string(identity.namespace) }), ("container", { $0.string(identity.container) }),
        ("labels", { $0.labels(identity.labels) }),
      ])
    case .host(let identity):
      object([
        ("kind", { $0.string("host") }), ("name", { $0.string(identity.name) }),
        ("labels", { $0.labels(identity.labels) }),
      ])
    case .selection(let selector):
      object([("kind", { $0.string("selection") }), ("selector", { $0.selector(selector) })])
    }
  }

  mutating func selector(_ selector: Selector) {
    switch selector {
    case .pods(let pods):
      var members: [(key: String, write: (inout RecordText) -> Void)] = [
        ("kind", { $0.string("pods") }),
        pods.namespaces.included.map { names in ("namespaces", { $0.strings(names.sorted()) }) }
          ?? ("notNamespaces", { $0.strings(pods.namespaces.excluded.sorted()) }),
        ("labels", { $0.labels(pods.labels) }),
      ]
      if !pods.expressions.isEmpty {
        let sorted = pods.expressions.sorted {
          $0.operator != $1.operator
            ? $0.operator.rawValue < $1.operator.rawValue : $0.labels.lexicographicallyPrecedes($1.labels)
        }
        members.append(
          (
            "expressions",
            {
              $0.array(sorted) { text, expression in
                text.object([
                  ("operator", { $0.string(expression.operator.rawValue) }),
                  ("labels", { $0.labels(expression.labels) }),
                ])
              }
            }
          )
        )
      }
      if let containers = pods.containers { members.append(("containers", { $0.strings(containers.sorted()) })) }
      object(members)
    case .nodes(let nodes):
      var members: [(key: String, write: (inout RecordText) -> Void)] = [
        ("kind", { $0.string("nodes") }), ("labels", { $0.labels(nodes.labels) }),
      ]
      if let names = nodes.hostNames { members.append(("hostNames", { $0.strings(names.sorted()) })) }
      object(members)
    case .nothing: object([("kind", { $0.string("nothing") })])
    }
  }

  // MARK: Policies

  mutating func policy(_ policy: Policy) {
    raw("{\"kind\": ")
    string(policy.id.kind.rawValue)
    if !policy.id.namespace.isEmpty {
      raw(", \"namespace\": ")
      string(policy.id.namespace)
    }
    raw(", \"name\": ")
    string(policy.id.name)
    raw(", \"location\": ")
    location(policy.location)
    raw(",\n \"selector\": ")
    selector(policy.selector)
    if let native = policy.nativeAppArmor {
      raw(",\n \"apparmor\": {\"text\": ")
      string(native.text)
      raw(", \"location\": ")
      location(native.location)
      raw("}")
    }
    if !policy.notCompiled.isEmpty {
      raw(",\n \"notCompiled\": ")
      lines(policy.notCompiled) { $0.part($1) }
    }
    raw(",\n \"rules\": ")
    lines(policy.rules) { $0.rule($1) }
    raw("}")
  }

  private mutating func lines<Element>(_ elements: [Element], _ write: (inout RecordText, Element) -> Void) {
    raw("[")
    for (index, element) in elements.enumerated() {
      raw(index == 0 ? "\n  " : ",\n  ")
      write(&self, element)
    }
    raw("]")
  }

  private mutating func location(_ location: Location) {
    array([0, 1, 2]) { text, field in
      switch field {
      case 0: text.string(location.file)
      case 1: text.raw(String(location.line))
      default: text.raw(String(location.column))
      }
    }
  }

  /// The members that say where something comes from.
  private mutating func origin(_ origin: Origin) {
    raw("\"position\": \(origin.position), \"path\": ")
    string(origin.path)
    raw(", \"location\": ")
    location(origin.location)
  }

  private mutating func part(_ part: NotCompiled) {
    raw("{")
    origin(part.origin)
    raw(", \"class\": ")
    string(part.resourceClass.rawValue)
    raw(", \"what\": ")
    string(part.what)
    raw(", \"reason\": ")
    string(part.reason)
    raw("}")
  }

  private mutating func rule(_ rule: Rule) {
    raw("{")
    origin(rule.origin)
    raw(", \"action\": \"\(rule.action.rawValue)\"")
    switch rule.target {
    case .process(let set):
      raw(", \"process\": ")
      paths(set)
    case .file(let set):
      raw(", \"file\": ")
      paths(set)
    case .network(let word): raw(", \"network\": \"\(word.rawValue)\"")
    case .capability(let capability): raw(", \"capability\": \"\(capability.name)\"")
    case .syscall(let names, let path):
      raw(", \"syscalls\": ")
      strings(names)
      if let path {
        raw(", \"argument\": ")
        paths(path)
      }
    }
    if !rule.sources.isEmpty {
      raw(", \"sources\": ")
      array(rule.sources) { $0.paths($1) }
    }
    if rule.ownerOnly { raw(", \"ownerOnly\": true") }
    if rule.readOnly { raw(", \"readOnly\": true") }
    if let condition = rule.condition {
      raw(", \"condition\": {")
      if let pts = condition.pts { raw("\"pts\": \(pts), ") }
      raw("\"allowedArgs\": ")
      strings(condition.allowedArguments)
      raw("}")
    }
    if rule.severity != 0 { raw(", \"severity\": \(rule.severity)") }
    if !rule.tags.isEmpty {
      raw(", \"tags\": ")
      strings(rule.tags)
    }
    if !rule.message.isEmpty {
      raw(", \"message\": ")
      string(rule.message)
    }
    raw("}")
  }

  private mutating func paths(_ set: PathSet) {
    switch set {
    case .literal(let path): object([("path", { $0.byteString(path.bytes) })])
    case .basename(let name): object([("name", { $0.byteString(name) })])
    case .directory(let path, let recursive, let includesSelf):
      object([
        ("dir", { $0.byteString(path.bytes) }), ("recursive", { $0.raw("\(recursive)") }),
        ("self", { $0.raw("\(includesSelf)") }),
      ])
    case .glob(let glob): object([("pattern", { $0.byteString(glob.text) })])
    }
  }

  /// Text where the bytes are UTF-8, else hexadecimal digits.
  private mutating func byteString(_ bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self) {
      string(text)
    } else {
      raw("{\"hex\": \"\(Hexadecimal.text(bytes))\"}")
    }
  }
}
