package import Diagnostics
import IR

/// Explanations for programs: one object each (docs/guide.md#explain).
package enum ExplanationJSON {
  package static let version = 1

  /// `verdict`, `policy`, `rule`, `location` and what else the text says. `asOther` is the answer for an actor that does
  /// not own the object, where nobody said whose it is.
  package static func value(
    _ explanation: Explanation,
    id: String? = nil,
    asOther: Explanation? = nil,
    enforcers: [EnforcerAnswer] = []
  ) -> JSONValue {
    var members: [(String, JSONValue)] = [("version", .integer(version))]
    if let id { members.append(("id", .string(id))) }
    members += [
      ("subject", .string(explanation.subject.name)),
      ("event", .string(explanation.event.description)),
    ]
    members += decision(explanation)
    members += [
      ("class", .string(explanation.event.access.resourceClass.rawValue)),
      (
        "allowList",
        explanation.allowListedBy.map {
          .object([("rule", rule($0)), ("posture", .string(explanation.posture.rawValue))])
        }
          ?? .null
      ),
      (
        "covering",
        .array(
          explanation.covering.map { one in
            .object([
              ("rule", rule(one.rule)), ("role", .string(one.fate.name)),
              ("reason", .string(one.fate.words(of: one.rule))),
            ])
          }
        )
      ),
      (
        "unjudged",
        .array(explanation.unjudged.map { .object([("what", .string($0.what)), ("location", location($0.location))]) })
      ),
    ]
    if let asOther { members.append(("asOther", .object(decision(asOther)))) }
    for one in enforcers { members.append((one.enforcer.lowercased(), enforcer(one))) }
    return .object(members)
  }

  private static func decision(_ explanation: Explanation) -> [(String, JSONValue)] {
    let decider = explanation.decider
    return [
      ("verdict", .string(explanation.verdict.name)),
      ("policy", explanation.policyName.map(JSONValue.string) ?? .null),
      ("namespace", decider.map { .string($0.origin.policy.namespace) } ?? .null),
      ("kind", decider.map { .string($0.origin.policy.kind.rawValue) } ?? .null),
      ("rule", decider.map { .string($0.origin.path) } ?? .null),
      ("location", decider.map { location($0.origin.location) } ?? .null),
      ("words", .string(decider?.words ?? ExplanationText.brief(explanation))),
    ]
  }

  static func location(_ location: Location) -> JSONValue {
    .object([
      ("file", .string(location.file)), ("line", .integer(location.line)), ("column", .integer(location.column)),
    ])
  }

  static func rule(_ rule: Rule) -> JSONValue {
    .object([
      ("policy", .string(rule.origin.policy.name)), ("namespace", .string(rule.origin.policy.namespace)),
      ("rule", .string(rule.origin.path)), ("location", location(rule.origin.location)), ("words", .string(rule.words)),
    ])
  }

  private static func enforcer(_ answer: EnforcerAnswer) -> JSONValue {
    switch answer {
    case .unknown(_, let reason):
      return .object([("verdict", .null), ("exact", .null), ("reason", .string(reason)), ("notes", .array([]))])
    case .known(_, let verdict, let isExact, let reason, let notes):
      return .object([
        ("verdict", .string(verdict.name)), ("exact", .bool(isExact)), ("reason", .string(reason)),
        ("notes", .array(notes.map(JSONValue.string))),
      ])
    }
  }
}
