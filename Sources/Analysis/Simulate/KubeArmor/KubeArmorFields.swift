import IR

/// The members of an alert or a log that matter here, whoever wrote it: `NamespaceName` (gRPC and karmor),
/// `namespaceName` (KubeArmor's own output) and `namespace_name` are one.
struct KubeArmorFields {
  enum Field: Int, CaseIterable {
    case type, operation, resource, data, source, processname, parentprocessname, action, result, policyname
    case namespacename, podname, containername, hostname, labels, owner, eventdata, cwd

    var name: String { Field.names[rawValue] }
    private static let names = allCases.map { String(describing: $0) }
  }

  /// By `Field`; empty where missing.
  private var values = [ArraySlice<UInt8>](repeating: [], count: Field.allCases.count)
  var labels: Set<LabelPair>?
  var owner: String?
  /// The name of a subject, in alerts of armorc's own.
  private(set) var subject: String?

  private static let names = FoldedNames(Field.allCases.map(\.name))

  subscript(_ field: Field) -> ArraySlice<UInt8> {
    get { values[field.rawValue] }
    set { values[field.rawValue] = newValue }
  }

  func text(_ field: Field) -> String? {
    let value = self[field]
    return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
  }

  /// Whatever the case and with or without underscores.
  static func field(_ key: ArraySlice<UInt8>) -> Field? { names[key].flatMap(Field.init(rawValue:)) }

  /// Reads the value of a member that `field` knows.
  mutating func read(_ field: Field, _ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    switch field {
    case .owner where try scanner.kind() == .object: owner = try KubeArmorFields.owner(&scanner)
    case .eventdata where try scanner.kind() == .object: try eventData(&scanner)
    case .labels: try labels(&scanner)
    case .owner, .eventdata: try scanner.skip()
    default: self[field] = try scanner.text(field.name) ?? []
    }
  }

  /// A member of karmor's text output.
  mutating func take(_ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
    switch KubeArmorFields.field(key) {
    case .labels?:
      let found = KubeArmorFields.labels(value)
      if !found.isEmpty { labels = found }
    case .owner?, .eventdata?, nil: return
    case let field?: self[field] = value
    }
  }

  /// Whether it is an alert or a log at all.
  var isAlert: Bool {
    if !self[.operation].isEmpty { return true }
    guard let type = text(.type) else { return false }
    return type.hasPrefix("Matched") || ["ContainerLog", "HostLog", "SystemEvent"].contains(type)
  }

  /// `{"Ref": "Deployment", "Name": "web"}` as `Deployment/web`.
  private static func owner(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> String? {
    var kind = ""
    var name = ""
    try scanner.object { key, scanner throws(JSONScanner.Failure) in
      switch String(decoding: key, as: UTF8.self).lowercased() {
      case "ref": kind = String(decoding: try scanner.text("Ref") ?? [], as: UTF8.self)
      case "name": name = String(decoding: try scanner.text("Name") ?? [], as: UTF8.self)
      default: try scanner.skip()
      }
    }
    return name.isEmpty ? nil : kind.isEmpty ? name : kind + "/" + name
  }

  /// The same as `Data`, in parts; used where that is missing.
  private mutating func eventData(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    var parts: [UInt8] = []
    var subject: String?
    try scanner.object { key, scanner throws(JSONScanner.Failure) in
      guard let value = try scanner.text("EventData") else { return }
      // The subject of an alert of armorc's own.
      if key.elementsEqual("Subject".utf8) { subject = String(decoding: value, as: UTF8.self) }
      if !parts.isEmpty { parts.append(UInt8(ascii: " ")) }
      parts += key.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 } + [UInt8(ascii: "=")] + value
    }
    self[.eventdata] = parts[...]
    self.subject = subject
  }

  /// `"a=b,c=d"`, `{"a": "b"}` or `["a=b"]`.
  private mutating func labels(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    var found: Set<LabelPair> = []
    switch try scanner.kind() {
    case .object:
      try scanner.object { key, scanner throws(JSONScanner.Failure) in
        let value = try scanner.text("Labels") ?? []
        found.insert(LabelPair(String(decoding: key, as: UTF8.self), String(decoding: value, as: UTF8.self)))
      }
    case .array:
      try scanner.array { scanner throws(JSONScanner.Failure) in
        found.formUnion(KubeArmorFields.labels(try scanner.text("Labels") ?? []))
      }
    default: found = KubeArmorFields.labels(try scanner.text("Labels") ?? [])
    }
    if !found.isEmpty { labels = found }
  }

  /// Old versions part labels with a space.
  static func labels(_ text: ArraySlice<UInt8>) -> Set<LabelPair> {
    var found: Set<LabelPair> = []
    for piece in text.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }) {
      let parts = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else { continue }
      found.insert(LabelPair(String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self)))
    }
    return found
  }
}
