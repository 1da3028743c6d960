internal import Diagnostics
internal import IR

/// A diff for programs: docs/diff-json.md.
package enum DiffJSON {
  /// Nothing is left out.
  package static func render(_ diff: PolicyDiff, sources: DiffSources) -> String {
    let summary = DiffSummary(diff)
    var out = "{\"version\":1"
    out += ",\"old\":" + JSONValue.string(sources.oldName).text()
    out += ",\"new\":" + JSONValue.string(sources.newName).text()
    out += ",\"direction\":" + JSONValue.string(diff.direction.rawValue).text()
    out += ",\"isPartlyUnknown\":" + JSONValue.bool(!(summary.uncompared == 0 && summary.unjudged == 0)).text()
    out += ",\"summary\":" + object(summary).text()
    out += ",\"subjects\":" + list(diff.subjects) { subject($0) }
    out += ",\"edits\":" + list(diff.edits) { edit($0) }
    return out + "}\n"
  }

  /// One element a line.
  private static func list<Element>(_ elements: [Element], _ value: (Element) -> JSONValue) -> String {
    var out = "["
    for (index, element) in elements.enumerated() { out += (index > 0 ? ",\n" : "\n") + value(element).text() }
    return out + (elements.isEmpty ? "]" : "\n]")
  }

  private static func object(_ summary: DiffSummary) -> JSONValue {
    .object([
      ("subjects", .integer(summary.subjects)),
      ("equal", .integer(summary.equal)),
      ("looser", .integer(summary.looser)),
      ("tighter", .integer(summary.tighter)),
      ("both", .integer(summary.both)),
      ("added", .integer(summary.added)),
      ("removed", .integer(summary.removed)),
      ("notCompared", .integer(summary.uncompared)),
      ("notJudged", .integer(summary.unjudged)),
      ("entries", .integer(summary.entries)),
    ])
  }

  // MARK: Subjects

  private static func subject(_ subject: SubjectDiff) -> JSONValue {
    let front: [(String, JSONValue)] = [("name", .string(subject.name)), ("description", .string(subject.description))]
    guard case .object(let changes) = changes(of: subject) else { return .object(front) }
    return .object(front + changes)
  }

  /// Everything of a subject but its name and description: equal for two subjects that change alike.
  static func changes(of subject: SubjectDiff) -> JSONValue {
    let classes = ResourceClass.allCases.compactMap { resourceClass -> (String, JSONValue)? in
      let direction = subject.direction(of: resourceClass)
      return direction == .equal ? nil : (resourceClass.rawValue, .string(direction.rawValue))
    }
    return .object([
      ("presence", .string(subject.presence.rawValue)),
      ("direction", .string(subject.direction.rawValue)),
      ("classes", .object(classes)),
      ("problem", subject.problem.map(JSONValue.string) ?? .null),
      ("settings", .array(subject.settings.map(setting))),
      ("entries", .array(subject.entries.map(entry))),
      ("notJudged", .array(subject.unjudged.map(unjudged))),
    ])
  }

  private static func setting(_ change: SettingChange) -> JSONValue {
    var members: [(String, JSONValue)]
    switch change {
    case .posture(let resourceClass, let old, let new):
      members = [
        ("kind", .string("posture")), ("class", .string(resourceClass.rawValue)), ("old", .string(old.rawValue)),
        ("new", .string(new.rawValue)),
      ]
    case .allowListOn(let resourceClass, let by):
      members = [("kind", .string("allowListOn")), ("class", .string(resourceClass.rawValue)), ("rule", rule(by))]
    case .allowListOff(let resourceClass, let by):
      members = [("kind", .string("allowListOff")), ("class", .string(resourceClass.rawValue)), ("rule", rule(by))]
    case .baseList(let old, let new):
      members = [
        ("kind", .string("baseList")), ("old", old.map(JSONValue.string) ?? .null),
        ("new", new.map(JSONValue.string) ?? .null),
      ]
    case .policyJoined(let id, let place):
      members = [("kind", .string("policyJoined")), ("policy", policy(id)), ("location", location(place))]
    case .policyLeft(let id, let place):
      members = [("kind", .string("policyLeft")), ("policy", policy(id)), ("location", location(place))]
    }
    return .object(members + [("words", .string(change.words))])
  }

  private static func unjudged(_ change: UnjudgedChange) -> JSONValue {
    .object([
      ("what", .string(change.what)),
      ("kind", .string(change.kind.rawValue)),
      ("policy", policy(change.policy)),
      ("location", location(change.location)),
    ])
  }

  // MARK: Entries

  private static func entry(_ entry: ChangeEntry) -> JSONValue {
    .object([
      ("class", .string(entry.resourceClass.rawValue)),
      ("direction", .string(entry.direction.rawValue)),
      ("old", .string(entry.old.name)),
      ("new", .string(entry.new.name)),
      ("cause", cause(entry.cause, in: entry.resourceClass)),
      ("regions", .array(entry.regions.map(region))),
    ])
  }

  private static func cause(_ cause: Cause, in resourceClass: ResourceClass) -> JSONValue {
    .object([
      ("kind", .string(cause.kind.rawValue)),
      ("words", .string(cause.words(in: resourceClass))),
      ("oldRule", cause.old.map(rule) ?? .null),
      ("newRule", cause.new.map(rule) ?? .null),
      ("oldPosture", cause.oldPosture.map { .string($0.rawValue) } ?? .null),
      ("newPosture", cause.newPosture.map { .string($0.rawValue) } ?? .null),
    ])
  }

  private static func region(_ region: ChangeRegion) -> JSONValue {
    .object([
      ("words", .string(region.words(most: .max))),
      ("objects", objects(region.objects)),
      ("sources", sources(region.sources)),
      ("owner", .string(owner(region.owner))),
      ("witnesses", .array(region.witnesses.map(witness))),
    ])
  }

  private static func objects(_ objects: ChangeRegion.Objects) -> JSONValue {
    switch objects {
    case .paths(let operations, let paths):
      .object([
        ("kind", .string("paths")),
        ("operations", .array(operations.map { .string($0.name) })),
        ("paths", language(paths)),
      ])
    case .sockets(let cells, let words):
      .object([
        ("kind", .string("sockets")),
        ("words", .string(words)),
        ("examples", .array(cells.map { socket($0.representative) })),
      ])
    case .capabilities(let all):
      .object([("kind", .string("capabilities")), ("names", .array(all.map { .string($0.name) }))])
    case .syscalls(let names, let paths):
      .object([
        ("kind", .string("syscalls")),
        ("names", .array(names.map(JSONValue.string))),
        ("paths", paths.map(language) ?? .null),
        ("withoutPath", .bool(false)),
      ])
    case .syscallsWithoutPath(let names):
      .object([
        ("kind", .string("syscalls")),
        ("names", .array(names.map(JSONValue.string))),
        ("paths", .null),
        ("withoutPath", .bool(true)),
      ])
    }
  }

  private static func language(_ language: PathLanguage) -> JSONValue {
    .object([
      ("include", .array(language.include.map(JSONValue.string))),
      ("except", .array(language.except.map(JSONValue.string))),
      ("isExact", .bool(language.isExact)),
      ("samples", .array(language.samples.map(path))),
    ])
  }

  private static func sources(_ set: SourceSet) -> JSONValue {
    switch set {
    case .any: .object([("kind", .string("any"))])
    case .only(let paths): .object([("kind", .string("only")), ("paths", .array(paths.map(path)))])
    case .allBut(let paths): .object([("kind", .string("allBut")), ("paths", .array(paths.map(path)))])
    case .programsBut(let paths):
      .object([("kind", .string("programsBut")), ("paths", .array(paths.map(path)))])
    case .matching(let paths): .object([("kind", .string("matching")), ("paths", language(paths))])
    case .allButMatching(let paths): .object([("kind", .string("allButMatching")), ("paths", language(paths))])
    }
  }

  private static func owner(_ condition: OwnerCondition) -> String {
    switch condition {
    case .any: "any"
    case .owner: "owner"
    case .other: "other"
    }
  }

  // MARK: Witnesses

  private static func witness(_ witness: ChangeWitness) -> JSONValue {
    .object(
      [
        ("text", .string(witness.event.description)),
        ("event", event(witness.event)),
        ("old", decision(witness.old)),
        ("new", decision(witness.new)),
      ] + (witness.enforced.map { [("policies", policies($0))] } ?? [])
    )
  }

  /// What the policies say where the verdicts are an enforcer's.
  private static func policies(_ enforced: EnforcedWitness) -> JSONValue {
    .object([
      ("old", .string(enforced.oldPolicy.name)),
      ("new", .string(enforced.newPolicy.name)),
      ("oldReason", enforced.oldReason.isEmpty ? .null : .string(enforced.oldReason)),
      ("newReason", enforced.newReason.isEmpty ? .null : .string(enforced.newReason)),
    ])
  }

  private static func event(_ event: Event) -> JSONValue {
    var members: [(String, JSONValue)]
    switch event.access {
    case .path(let operation, let object):
      members = [("operation", .string(operation.name)), ("path", path(object))]
    case .network(let asked): members = [("operation", .string("network")), ("socket", socket(asked))]
    case .capability(let capability):
      members = [("operation", .string("capability")), ("capability", .string(capability.name))]
    case .syscall(let name, let object):
      members = [
        ("operation", .string("syscall")), ("syscall", .string(name)), ("path", object.map(path) ?? .null),
      ]
    }
    members.append(("source", event.source.map(path) ?? .null))
    members.append(("isOwner", .bool(event.isOwner)))
    return .object(members)
  }

  private static func socket(_ socket: Socket) -> JSONValue {
    .object([
      ("family", .integer(Int(socket.family))),
      ("type", .integer(Int(socket.type))),
      ("protocol", .integer(Int(socket.protocolNumber))),
    ])
  }

  private static func decision(_ decision: Decision) -> JSONValue {
    var decider = "none"
    var found: Origin?
    switch decision.decider {
    case .nothing: break
    case .rule(let origin): (decider, found) = ("rule", origin)
    case .posture: decider = "posture"
    }
    return .object([
      ("verdict", .string(decision.verdict.name)),
      ("decider", .string(decider)),
      ("policy", found.map { policy($0.policy) } ?? .null),
      ("rule", found.map { .string($0.path) } ?? .null),
      ("location", found.map { location($0.location) } ?? .null),
    ])
  }

  // MARK: Edits

  private static func edit(_ edit: PolicyEdit) -> JSONValue {
    var members: [(String, JSONValue)] = [("policy", policy(edit.policy))]
    func add(_ kind: String, _ more: (String, JSONValue)...) { members += [("kind", .string(kind))] + more }
    switch edit.kind {
    case .policyAdded: add("policyAdded")
    case .policyRemoved: add("policyRemoved")
    case .ruleAdded(let new): add("ruleAdded", ("newRule", rule(new)))
    case .ruleRemoved(let old): add("ruleRemoved", ("oldRule", rule(old)))
    case .ruleChanged(let old, let new): add("ruleChanged", ("oldRule", rule(old)), ("newRule", rule(new)))
    case .reordered: add("reordered")
    case .metadata(let field, let old, let new, let rules):
      add(
        "metadata",
        ("field", .string(field)),
        ("old", .string(old)),
        ("new", .string(new)),
        ("rules", .integer(rules))
      )
    case .selector(let old, let new): add("selector", ("old", .string(old)), ("new", .string(new)))
    case .notCompiled(let what): add("notCompiled", ("what", .string(what)))
    }
    let (effect, reason): (String, JSONValue) =
      switch edit.effect {
      case .meaning: ("meaning", .null)
      case .none(let reason): ("none", .string(reason))
      case .unknown: ("unknown", .null)
      }
    return .object(
      members + [
        ("effect", .string(effect)),
        ("reason", reason),
        ("oldLocation", edit.oldLocation.map(location) ?? .null),
        ("newLocation", edit.newLocation.map(location) ?? .null),
        ("words", .string(edit.words)),
      ]
    )
  }

  // MARK: Parts

  private static func rule(_ rule: Rule) -> JSONValue {
    .object([
      ("policy", policy(rule.origin.policy)),
      ("rule", .string(rule.origin.path)),
      ("location", location(rule.origin.location)),
      ("action", .string(rule.action.rawValue)),
      ("words", .string(rule.words)),
    ])
  }

  private static func policy(_ id: PolicyID) -> JSONValue {
    .object([
      ("kind", .string(id.kind.rawValue)),
      ("namespace", .string(id.namespace)),
      ("name", .string(id.name)),
    ])
  }

  private static func location(_ location: Location) -> JSONValue {
    .object([
      ("file", .string(location.file)),
      ("line", .integer(location.line)),
      ("column", .integer(location.column)),
    ])
  }

  /// As the event language writes it: bytes that are no printable text as `\ooo`.
  private static func path(_ path: BytePath) -> JSONValue { .string(path.description) }
}
