internal import Diagnostics
internal import IR

/// A diff as SARIF 2.1.0 (OASIS, `sarif-schema-2.1.0`), a result per entry: on the line of YAML that causes the change.
///
/// Entries that are the same for several subjects are one result that names them all. Columns count Unicode scalars.
package enum DiffSARIF {
  /// `version` is armorc's.
  package static func render(_ diff: PolicyDiff, sources: DiffSources, version: String) -> String {
    var writer = SARIFWriter(diff, sources)
    let driver = JSONValue.object([
      ("name", .string("armorc")),
      ("version", .string(version)),
      ("rules", .array(SARIFRule.allCases.map(\.json))),
    ])
    let head: [(String, JSONValue)] = [
      ("tool", .object([("driver", driver)])),
      ("columnKind", .string("unicodeCodePoints")),
      (
        "originalUriBaseIds",
        .object([("%SRCROOT%", .object([("description", text("the root of the repository"))]))])
      ),
    ]
    var out = "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
    for (name, value) in head { out += JSONValue.string(name).text() + ":" + value.text() + "," }
    out += "\"results\":["
    for (index, result) in writer.results().enumerated() { out += (index > 0 ? ",\n" : "\n") + result.text() }
    return out + "\n]}]}\n"
  }

  /// A message; what would be read as a link in it (§3.11.6) is escaped.
  fileprivate static func text(_ words: String) -> JSONValue {
    let parts = words.split(separator: "](", omittingEmptySubsequences: false)
    return .object([("text", .string(parts.joined(separator: "\\](")))])
  }

  /// A file's name as a URI reference (RFC 3986): every byte but unreserved ones and `/` percent-encoded.
  package static func uri(_ file: String) -> String {
    var out = ""
    let bytes = file.hasPrefix("./") ? Array(file.utf8.dropFirst(2)) : Array(file.utf8)
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        out += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
      }
    }
    return out.hasPrefix("/") ? "file://" + out : out
  }
}

private enum SARIFRule: String, CaseIterable {
  case looser = "diff/looser"
  case tighter = "diff/tighter"
  case notCompared = "diff/not-compared"
  case notJudged = "diff/not-judged"

  var level: String {
    switch self {
    case .looser, .notJudged: "warning"
    case .tighter: "note"
    case .notCompared: "error"
    }
  }

  private var words: (name: String, short: String, help: String) {
    switch self {
    case .looser:
      (
        "LooserPolicy", "a policy change allows more, or reports less",
        "Check that every example may be allowed, or is covered by another control."
      )
    case .tighter:
      (
        "TighterPolicy", "a policy change blocks or reports more",
        "Check that no workload needs what the examples show."
      )
    case .notCompared:
      (
        "NotCompared", "a subject could not be compared",
        "Split the policies that the message names, then compare again."
      )
    case .notJudged:
      (
        "NotJudged", "a changed part of a policy has no compiled form",
        "Review the part by hand: armorc cannot say what it does."
      )
    }
  }

  var json: JSONValue {
    .object([
      ("id", .string(rawValue)),
      ("name", .string(words.name)),
      ("shortDescription", DiffSARIF.text(words.short)),
      ("help", DiffSARIF.text(words.help)),
      ("defaultConfiguration", .object([("level", .string(level))])),
      ("properties", .object([("tags", .array([.string("security")]))])),
    ])
  }
}

private struct SARIFWriter {
  let diff: PolicyDiff
  let sources: DiffSources
  /// Where a policy that is still there stands on the new side.
  private var policies: [PolicyID: Location] = [:]
  private var fingerprints: [String: Int] = [:]

  init(_ diff: PolicyDiff, _ sources: DiffSources) {
    self.diff = diff
    self.sources = sources
    for edit in diff.edits {
      if let location = edit.newLocation, policies[edit.policy] == nil { policies[edit.policy] = location }
    }
  }

  mutating func results() -> [JSONValue] {
    var results: [JSONValue] = []
    for group in SubjectGroup.all(of: diff) {
      if let problem = group.first.problem {
        let words = "\(group.title) could not be compared: \(DisplayText.safe(problem))"
        results.append(result(.notCompared, words, key: [group.first.name], place: nil, group.properties))
      }
      for entry in group.classes.flatMap(\.entries) { results.append(result(entry, group)) }
    }
    for part in UnjudgedPart.all(of: diff) {
      let words = "\(part.words): no verdict speaks of it, and armorc cannot say what the change does"
      let properties = [("subjects", JSONValue.array(part.subjects.map(JSONValue.string)))]
      results.append(result(.notJudged, words, key: [part.policy.key, part.words], place: part.place, properties))
    }
    return results
  }

  // MARK: Results

  private mutating func result(_ entry: ChangeEntry, _ group: SubjectGroup) -> JSONValue {
    let rule: SARIFRule = entry.direction == .looser ? .looser : .tighter
    let place = place(of: entry)
    var words = "\(group.title): \(entry.resourceClass.rawValue) \(entry.old.done) → \(entry.new.done)"
    words += entry.regions.first.map { ": " + $0.words(most: 8) } ?? ""
    if entry.regions.count > 1 { words += " and \(Count.of(entry.regions.count - 1, "more region"))" }
    words += ". Because: " + entry.cause.words(in: entry.resourceClass) + "."
    if let witness = entry.regions.first?.witnesses.first {
      words += " For example: \(witness.eventWords): \(witness.verdictWords)."
    }
    if place?.side == .old { words += " The line is in the old state; nothing in the new one stands for it." }
    let key =
      [
        entry.resourceClass.rawValue, entry.old.name, entry.new.name, entry.cause.kind.rawValue,
        (entry.cause.new ?? entry.cause.old)?.origin.key ?? "",
      ] + entry.regions.map { $0.words(most: .max) }
    let properties =
      group.properties + [
        ("class", .string(entry.resourceClass.rawValue)), ("old", .string(entry.old.name)),
        ("new", .string(entry.new.name)),
      ]
    return result(rule, words, key: key, place: place, properties, related: related(entry, place))
  }

  private mutating func result(
    _ rule: SARIFRule,
    _ words: String,
    key: [String],
    place: DiffPlace?,
    _ properties: [(String, JSONValue)],
    related: [JSONValue] = []
  ) -> JSONValue {
    let digest = Fingerprint.of([rule.rawValue] + key)
    let repeats = fingerprints[digest, default: 0]
    fingerprints[digest] = repeats + 1
    var members: [(String, JSONValue)] = [
      ("ruleId", .string(rule.rawValue)),
      ("ruleIndex", .integer(SARIFRule.allCases.firstIndex(of: rule) ?? 0)),
      ("level", .string(rule.level)),
      ("message", DiffSARIF.text(words)),
    ]
    if let place { members.append(("locations", .array([location(place)]))) }
    if !related.isEmpty { members.append(("relatedLocations", .array(related))) }
    members.append(
      ("partialFingerprints", .object([("armorcChange/v1", .string(repeats == 0 ? digest : "\(digest):\(repeats)"))]))
    )
    members.append(("properties", .object(properties)))
    return .object(members)
  }

  // MARK: Locations

  /// The rule on the new side, else the line of the new side where its policy is, else where the rule was.
  private func place(of entry: ChangeEntry) -> DiffPlace? {
    if let new = entry.cause.new { return DiffPlace(new.origin.location, .new) }
    let origin =
      entry.cause.old?.origin ?? EntryReason.all(of: entry, .new).lazy.compactMap(\.origin).first
      ?? EntryReason.all(of: entry, .old).lazy.compactMap(\.origin).first
    guard let origin else { return nil }
    if let location = policies[origin.policy] { return DiffPlace(location, .new) }
    let isNew = entry.cause.old == nil && EntryReason.all(of: entry, .new).contains { $0.origin == origin }
    return DiffPlace(origin.location, isNew ? .new : .old)
  }

  /// Every rule that decides or is named, on either side.
  private func related(_ entry: ChangeEntry, _ place: DiffPlace?) -> [JSONValue] {
    var values: [JSONValue] = []
    for side in DiffSources.Side.allCases {
      for reason in EntryReason.all(of: entry, side) {
        guard let origin = reason.origin else { continue }
        let words = (side == .old ? "before: " : "after: ") + reason.words
        values.append(location(DiffPlace(origin.location, side), id: values.count + 1, words))
      }
    }
    return values
  }

  private func location(_ place: DiffPlace, id: Int? = nil, _ words: String? = nil) -> JSONValue {
    let uri = DiffSARIF.uri(sources.file(place.location, place.side))
    var artifact: [(String, JSONValue)] = [("uri", .string(uri))]
    if !uri.hasPrefix("file:") { artifact.append(("uriBaseId", .string("%SRCROOT%"))) }
    var region: [(String, JSONValue)] = [
      ("startLine", .integer(max(1, place.location.line))),
      ("startColumn", .integer(max(1, place.location.column))),
    ]
    if let line = sources.line(place.location, place.side) {
      region.append(("snippet", .object([("text", .string(line))])))
    }
    var members: [(String, JSONValue)] = []
    if let id { members.append(("id", .integer(id))) }
    members.append(
      ("physicalLocation", .object([("artifactLocation", .object(artifact)), ("region", .object(region))]))
    )
    if let words { members.append(("message", DiffSARIF.text(words))) }
    return .object(members)
  }
}

extension SubjectGroup {
  fileprivate var properties: [(String, JSONValue)] {
    [("subjects", .array(subjects.map { .string($0.name) }))]
  }
}

extension PolicyID {
  fileprivate var key: String { [kind.rawValue, namespace, name].joined(separator: "\0") }
}

extension Origin {
  /// Without its line: a fingerprint outlives edits above it.
  fileprivate var key: String { policy.key + "\0" + path }
}

/// What makes a result the same in two runs.
private enum Fingerprint {
  /// Sixteen hexadecimal digits: FNV-1a, 64 bits. Protects nothing.
  static func of(_ parts: [String]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
