package import Diagnostics
import IR

extension ExplanationJSON {
  /// What a subject may do, as one object (docs/guide.md#explain).
  package static func value(_ policy: EffectivePolicy) -> JSONValue {
    .object([
      ("version", .integer(version)),
      ("subject", .string(policy.subject.name)),
      ("description", .string(SubjectWords.text(policy.subject.subject))),
      ("policies", .array(policy.subject.policies.map { .string($0.id.description) })),
      ("sections", .array(policy.sections.map(section))),
      (
        "unjudged",
        .array(
          Explanation.unjudged(policy.subject, nil).map {
            .object([("what", .string($0.what)), ("location", location($0.location))])
          }
        )
      ),
    ])
  }

  private static func section(_ section: EffectivePolicy.Section) -> JSONValue {
    .object([
      ("class", .string(section.resourceClass.rawValue)),
      ("operations", .array(section.operations.map { .string($0.name) })),
      ("allowList", section.allowListedBy.map(rule) ?? .null),
      ("posture", .string(section.posture.rawValue)),
      ("rest", .string(section.rest.name)),
      (
        "parts",
        .array(
          section.parts.map { part in
            .object([("sources", sources(part.sources)), ("lines", .array(part.lines.map(line)))])
          }
        )
      ),
      ("reports", .array(section.reports.map(rule))),
    ])
  }

  private static func line(_ line: EffectivePolicy.Line) -> JSONValue {
    .object([
      ("verdict", .string(line.verdict.name)),
      ("owner", owner(line.owner)),
      ("objects", objects(line.objects)),
      ("rules", .array(line.deciders.map(rule))),
    ])
  }

  /// `any`, `owner`, `other`.
  static func owner(_ condition: OwnerCondition) -> JSONValue {
    switch condition {
    case .any: .string("any")
    case .owner: .string("owner")
    case .other: .string("other")
    }
  }

  /// `any`, `only` or `allBut` with paths, or `matching` with a language.
  static func sources(_ sources: SourceSet) -> JSONValue {
    func list(_ paths: [BytePath]) -> JSONValue { .array(paths.map { .string($0.description) }) }
    switch sources {
    case .any: return .object([("any", .bool(true))])
    case .only(let paths): return .object([("only", list(paths))])
    case .allBut(let paths): return .object([("allBut", list(paths))])
    case .programsBut(let paths): return .object([("programsBut", list(paths))])
    case .matching(let paths): return .object([("matching", language(paths))])
    case .allButMatching(let paths): return .object([("allButMatching", language(paths))])
    }
  }

  static func language(_ language: PathLanguage) -> JSONValue {
    .object([
      ("include", .array(language.include.map(JSONValue.string))),
      ("except", .array(language.except.map(JSONValue.string))),
      ("exact", .bool(language.isExact)),
      ("samples", .array(language.samples.map { .string($0.description) })),
    ])
  }

  private static func objects(_ objects: ChangeRegion.Objects) -> JSONValue {
    switch objects {
    case .paths(_, let paths): return .object([("paths", language(paths))])
    case .sockets(_, let words): return .object([("sockets", .string(words))])
    case .capabilities(let list): return .object([("capabilities", .array(list.map { .string($0.name) }))])
    case .syscalls(let names, let paths):
      return .object([("syscalls", .array(names.map(JSONValue.string))), ("paths", paths.map(language) ?? .null)])
    case .syscallsWithoutPath(let names):
      return .object([("syscallsWithoutPath", .array(names.map(JSONValue.string)))])
    }
  }
}
