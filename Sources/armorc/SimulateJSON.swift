import Analysis
import Diagnostics
import IR

/// Replayed events and totals for programs; members may be added under the same version.
enum SimulateJSON {
  private static let version = ("version", JSONValue.integer(1))

  private static func add(_ members: [(String, JSONValue)], _ number: Int, _ file: String?, _ out: inout [UInt8]) {
    var all = [version]
    if let file { all.append(("file", .string(file))) }
    all.append(("line", .integer(number)))
    out += Array(JSONValue.object(all + members).text().utf8)
    out.append(UInt8(ascii: "\n"))
  }

  static func unparsed(_ number: Int, _ why: String, _ file: String?, _ out: inout [UInt8]) {
    add([("unparsed", .string(why))], number, file, &out)
  }

  static func noAccess(_ number: Int, _ why: String, _ file: String?, _ out: inout [UInt8]) {
    add([("noAccess", .string(why))], number, file, &out)
  }

  static func event(
    _ number: Int,
    _ record: Record,
    _ now: Replay.Ruling,
    _ old: Replay.Ruling?,
    _ file: String?,
    _ out: inout [UInt8]
  ) {
    var members: [(String, JSONValue)] = [
      ("form", .string(record.form.rawValue)), ("event", .string("\(record.event)")),
      ("subject", .string(now.workload.name)),
    ]
    members += ruling(now, record.event)
    if let old { members.append(("old", .object(ruling(old, record.event)))) }
    if let outcome = record.outcome {
      members.append(
        (
          "recorded",
          .object([("verdict", .string(outcome.verdict.name)), ("policy", outcome.policy.map { .string($0) } ?? .null)])
        )
      )
    }
    add(members, number, file, &out)
  }

  /// `verdict` is null where it is not certain; then `possible` and `why` say more.
  private static func ruling(_ ruling: Replay.Ruling, _ event: PartialEvent) -> [(String, JSONValue)] {
    var members: [(String, JSONValue)] = [("verdict", ruling.judgement.verdict.map { .string($0.name) } ?? .null)]
    if let decision = ruling.decision { members += decider(decision.decider) }
    switch ruling.judgement {
    case .decided: break
    case .free: members.append(("decider", .string("no policy")))
    case .dependsOnOwner(let owner, let other):
      members.append(("asOwner", owner.verdict.map { .string($0.name) } ?? .null))
      members.append(("asOther", other.verdict.map { .string($0.name) } ?? .null))
    case .undetermined(let set): members.append(("possible", .array(set.verdicts.map { .string($0.name) })))
    case .unclear: break
    }
    let reasons = ruling.reasons(event, details: true)
    if !reasons.isEmpty { members.append(("why", .array(reasons.map { .string($0) }))) }
    return members
  }

  /// As `explain` names it.
  private static func decider(_ decider: Decider) -> [(String, JSONValue)] {
    switch decider {
    case .nothing: [("decider", .string("no rule")), ("policy", .null), ("rule", .null), ("location", .null)]
    case .posture(let resourceClass):
      [
        ("decider", .string("default posture of \(resourceClass.rawValue)")), ("policy", .string("DefaultPosture")),
        ("rule", .null), ("location", .null),
      ]
    case .rule(let origin):
      [
        ("decider", .string("rule")), ("policy", .string("\(origin.policy)")), ("rule", .string(origin.path)),
        (
          "location",
          .object([
            ("file", .string(origin.location.file)), ("line", .integer(origin.location.line)),
            ("column", .integer(origin.location.column)),
          ])
        ),
      ]
    }
  }

  // MARK: Totals

  static func totals(_ tally: ReplayTally, isComparison: Bool) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("lines", .integer(tally.lines)), ("events", .integer(tally.events)),
      ("forms", counts(Record.Form.allCases.map { ($0.rawValue, tally.forms[$0] ?? 0) })),
      ("verdicts", .object(outcomes(tally.outcomes))),
      (
        "subjects",
        .array(
          tally.subjects.sorted { $0.key < $1.key }.map { name, counts in
            .object([("subject", .string(name))] + outcomes(counts))
          }
        )
      ),
      (
        "rules",
        .array(
          SimulateTotals.deciders(tally).map { decision, count in
            .object(
              [("verdict", .string(decision.verdict.name))] + decider(decision.decider)
                + [("events", .integer(count))]
            )
          }
        )
      ),
      (
        "recorded",
        .array(
          SimulateTotals.recorded(tally).map { key, found in
            .object(
              [("recorded", .string(key.recorded.name)), ("outcome", .string(name(key.outcome)))]
                + examples(found)
            )
          }
        )
      ),
      ("undetermined", counts(tally.reasons.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })),
      ("noAccess", counts(tally.noAccess.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })),
      ("companions", .integer(tally.companions)), ("unparsed", .integer(tally.unparsed)),
    ]
    if isComparison {
      members.append(("changed", .integer(tally.changed)))
      members.append(("changes", .array(SimulateTotals.changes(tally).map(change))))
    }
    return .object([version, ("summary", .object(members))])
  }

  private static func change(_ key: ReplayTally.Change, _ found: ReplayTally.Examples) -> JSONValue {
    func side(_ outcome: ReplayTally.Outcome, _ decision: Decision?) -> JSONValue {
      .object([("outcome", .string(name(outcome)))] + (decision.map { decider($0.decider) } ?? []))
    }
    return .object(
      [
        ("kind", .string(key.kind.rawValue)), ("old", side(key.old, key.oldDecision)),
        ("new", side(key.new, key.newDecision)),
      ] + examples(found)
    )
  }

  private static func name(_ outcome: ReplayTally.Outcome) -> String {
    switch outcome {
    case .block: "block"
    case .audit: "audit"
    case .allow: "allow"
    case .free: "noPolicy"
    case .open: "undetermined"
    }
  }

  private static func outcomes(_ counts: ReplayTally.Counts) -> [(String, JSONValue)] {
    ReplayTally.Outcome.allCases.map { (name($0), .integer(counts[$0])) }
  }

  private static func counts(_ pairs: [(String, Int)]) -> JSONValue { .object(pairs.map { ($0, .integer($1)) }) }

  private static func examples(_ found: ReplayTally.Examples) -> [(String, JSONValue)] {
    [
      ("events", .integer(found.count)),
      (
        "examples",
        .array(
          found.first.map {
            .object(
              ($0.file.map { [("file", JSONValue.string($0))] } ?? []) + [
                ("line", .integer($0.line)), ("subject", .string($0.subject)), ("event", .string($0.event)),
              ]
            )
          }
        )
      ),
    ]
  }
}

/// Totals in the order in which they are shown: what is most first, what is equal by name.
enum SimulateTotals {
  static func deciders(_ tally: ReplayTally) -> [(Decision, Int)] {
    func key(_ decision: Decision) -> (Int, String, Int) {
      switch decision.decider {
      case .rule(let origin): (0, "\(origin.policy) \(origin.path)", -Int(decision.verdict.rawValue))
      case .posture(let resourceClass): (1, resourceClass.rawValue, -Int(decision.verdict.rawValue))
      case .nothing: (2, "", 0)
      }
    }
    return tally.deciders.sorted { a, b in
      a.value != b.value ? a.value > b.value : key(a.key) < key(b.key)
    }.map { ($0.key, $0.value) }
  }

  static func recorded(_ tally: ReplayTally) -> [(ReplayTally.Difference, ReplayTally.Examples)] {
    tally.recorded.sorted { a, b in
      (b.key.recorded.rawValue, a.key.outcome.rawValue) < (a.key.recorded.rawValue, b.key.outcome.rawValue)
    }.map { ($0.key, $0.value) }
  }

  /// Looser ones first: they are what a reviewer asks for.
  static func changes(_ tally: ReplayTally) -> [(ReplayTally.Change, ReplayTally.Examples)] {
    func rank(_ kind: VerdictChange) -> Int { VerdictChange.allCases.firstIndex(of: kind) ?? 0 }
    func words(_ decision: Decision?) -> String { decision.map { SimulateWords.decider($0.decider) } ?? "" }
    return tally.changes.sorted { a, b in
      if a.key.kind != b.key.kind { return rank(a.key.kind) < rank(b.key.kind) }
      if a.value.count != b.value.count { return a.value.count > b.value.count }
      let (first, second) = (a.value.first.first?.line ?? 0, b.value.first.first?.line ?? 0)
      if first != second { return first < second }
      return (words(a.key.oldDecision), words(a.key.newDecision), a.key.old.rawValue, a.key.new.rawValue)
        < (words(b.key.oldDecision), words(b.key.newDecision), b.key.old.rawValue, b.key.new.rawValue)
    }.map { ($0.key, $0.value) }
  }
}
