import Automata
import Backends
import IR
import Runtime

/// A rule whose origin is its place in a list.
func profileRule(
  _ target: Rule.Target,
  _ action: Action,
  from sources: [String] = [],
  ownerOnly: Bool = false,
  readOnly: Bool = false,
  severity: Int = 0
) -> Rule {
  Rule(
    target: target,
    sources: sources.compactMap { BytePath($0).map(PathSet.literal) },
    action: action,
    ownerOnly: ownerOnly,
    readOnly: readOnly,
    severity: severity,
    origin: Origin(
      policy: PolicyID(kind: .pod, namespace: "shop", name: "rules"),
      position: 0,
      path: "",
      location: Location(file: "rules.yaml", line: 1, column: 1)
    )
  )
}

/// A subject of one policy; origins are numbered in order.
func profileSubject(
  _ name: String,
  _ rules: [Rule],
  postures: Postures = Postures(file: .block, network: .block, capabilities: .block),
  native: String? = nil,
  host: Bool = false,
  policyName: String = "rules"
) -> SubjectPolicy {
  let id = PolicyID(kind: host ? .host : .pod, namespace: host ? "" : "shop", name: policyName)
  let numbered = rules.enumerated().map { index, rule in
    var rule = rule
    rule.origin = Origin(
      policy: id,
      position: index,
      path: "spec.rules[\(index)]",
      location: Location(file: "rules.yaml", line: index + 10, column: 3)
    )
    return rule
  }
  let selector: Selector = host ? .nodes(NodeSelector()) : .pods(PodSelector(namespaces: .one("shop")))
  let location = Location(file: "rules.yaml", line: 1, column: 1)
  return SubjectPolicy(
    name: name,
    subject: .selection(selector),
    policies: [
      Policy(
        id: id,
        selector: selector,
        rules: numbered,
        nativeAppArmor: native.map { NativeText(text: $0, location: location) },
        location: location
      )
    ],
    postures: postures
  )
}

func literal(_ path: String) -> PathSet { BytePath(path).map(PathSet.literal) ?? .basename([0x78]) }
func directory(_ path: String, recursive: Bool = false, files: Bool = true) -> PathSet {
  .directory(BytePath(path) ?? .root, recursive: recursive, includesSelf: files)
}
func glob(_ text: String) throws -> PathSet { .glob(try Glob(Array(text.utf8))) }

/// What became of a subject.
struct ProfileOutcome {
  let subject: SubjectPolicy
  let table: DecisionTable
  let artifact: AppArmorArtifact
  /// Between the table and our model of the profiles.
  let differences: [ProfileDifference]

  var text: String { String(decoding: artifact.text.bytes, as: UTF8.self) }

  init(_ subject: SubjectPolicy, _ options: AppArmorBackend.Options = AppArmorBackend.Options()) throws {
    self.subject = subject
    table = try DecisionTable(subject)
    artifact = try AppArmorBackend.emit(subject, table, options)
    let comparison = ProfileComparison(
      table: table,
      profiles: artifact.models,
      floor: try artifact.floor.access()
    )
    differences = try comparison.differences(from: artifact.entries)
  }

  /// Differences that let through or conceal something.
  var looser: [ProfileDifference] { differences.filter { !$0.kind.isStricter } }

  func describe(_ differences: [ProfileDifference]) -> String {
    differences.prefix(8).map {
      "\($0.kind) \($0.witness) expected \($0.expected.verdict) actual \($0.actual) in \($0.label) \($0.detail)"
    }.joined(separator: "\n")
  }

  /// Where the parser's binary and our model part, as text; empty if nowhere.
  func disagreements(_ parser: AppArmorParser) throws -> [String] {
    let binary = try parser.compile(artifact.textWithoutNative.bytes)
    let compiled = try CompiledPolicy.decode(binary).sorted { $0.name < $1.name }
    let models = artifact.models.sorted { $0.name < $1.name }
    var found: [String] = []
    if compiled.map(\.name) != models.map(\.name) {
      found.append("profiles \(compiled.map(\.name)), expected \(models.map(\.name))")
    }
    let names = try Partition.of([.anyPathBytes])
    for (compiled, model) in zip(compiled, models) {
      let access = try compiled.access()
      var pairs: [UInt32: (FileRights, FileRights)] = [:]
      let product = try model.files.product(access.files) { a, b in
        let (mine, theirs) = (model.fileRights[Int(a)], access.fileRights[Int(b)])
        if mine == theirs { return 0 }
        pairs[1 + a << 12 + b] = (mine, theirs)
        return 1 + a << 12 + b
      }.product(names.classifier) { names.members[Int($1)].isEmpty ? 0 : $0 }
      for (label, witness) in product.shortestWitnesses().sorted(by: { $0.key < $1.key }) where label != 0 {
        let pair = pairs[label].map { "\(text($0.0)), compiled \(text($0.1))" }
        found.append("\(model.name) \(printable(witness)): \(pair ?? "")")
      }
      for (key, right) in model.network where access.network[key] != right {
        found.append("\(model.name) \(key): \(right), compiled \(access.network[key] as Any)")
      }
      for capability in Capability.allCases where model.right(capability) != access.right(capability) {
        found.append("\(model.name) \(capability.name): \(model.right(capability))")
      }
    }
    return found
  }

  private func text(_ rights: FileRights) -> String {
    [rights.owner, rights.other].map { half in
      func hex(_ bits: FileBits) -> String { String(bits.rawValue, radix: 16) }
      return "\(hex(half.allowed))/\(hex(half.audited))/\(hex(half.quiet)) \(half.transition.map { "\($0)" } ?? "-")"
    }.joined(separator: " | ")
  }
}
