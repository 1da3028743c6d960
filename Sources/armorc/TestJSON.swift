import Analysis
import Diagnostics
import IR

/// The outcome of tests for programs; members may be added under the same version.
enum TestJSON {
  static func text(_ report: TestReport, _ coverage: TestCoverage?, _ mutation: TestMutation?) -> String {
    let counts = report.counts
    var members: [(String, JSONValue)] = [
      ("version", .integer(1)),
      ("files", .array(report.files.map(file))),
      (
        "policyErrors",
        .array(report.policyErrors.flatMap { findings, map in findings.map { finding($0, map) } })
      ),
      (
        "summary",
        .object([
          ("files", .integer(counts.files)), ("notRun", .integer(counts.broken)), ("tests", .integer(counts.tests)),
          ("expectations", .integer(counts.expectations)), ("failed", .integer(counts.failed)),
        ])
      ),
    ]
    if let coverage { members.append(("coverage", value(coverage))) }
    if let mutation { members.append(("mutation", value(mutation))) }
    return JSONValue.object(members).text(indent: 2)
  }

  private static func finding(_ one: Diagnostic, _ map: SourceMap) -> JSONValue {
    .object([
      ("code", .string(one.code)), ("severity", .string(one.severity.rawValue)), ("message", .string(one.message)),
      ("caption", .string(one.caption)), ("place", one.span.map { place($0, map) } ?? .null),
      ("notes", .array(one.notes.map(JSONValue.string))),
    ])
  }

  private static func place(_ span: Span, _ map: SourceMap) -> JSONValue {
    let position = map[span.file].position(of: span.start)
    return .object([
      ("file", .string(map[span.file].name)), ("line", .integer(position.line)), ("column", .integer(position.column)),
    ])
  }

  private static func place(_ location: Location) -> JSONValue {
    .object([
      ("file", .string(location.file)), ("line", .integer(location.line)), ("column", .integer(location.column)),
    ])
  }

  private static func file(_ file: TestReport.File) -> JSONValue {
    .object([
      ("file", .string(file.name)),
      ("result", .string(file.isBroken || file.isHeldUp ? "notRun" : file.isPass ? "pass" : "fail")),
      ("findings", .array(file.findings.inOrder().map { finding($0, file.map) })),
      ("tests", .array(file.tests.map(test))),
    ])
  }

  private static func test(_ test: TestReport.Test) -> JSONValue {
    .object([
      ("name", .string(test.name)), ("subject", .string(test.subject)), ("line", .integer(test.location.line)),
      ("expectations", .array(test.expectations.map { expectation($0, test.map) })),
    ])
  }

  private static func expectation(_ one: TestReport.Expectation, _ map: SourceMap) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("event", .string(one.expectation.eventText)), ("expected", .string(one.expectation.verdict.name)),
      ("by", one.expectation.decider.map { .string($0.text) } ?? .null),
      ("line", .integer(one.expectation.location.line)), ("result", .string(one.isPass ? "pass" : "fail")),
      (
        "decisions",
        .array(
          one.outcomes.flatMap { _, outcome in
            outcome.found.map { found in
              var place: JSONValue = .null
              if case .rule(let origin) = found.decision.decider { place = TestJSON.place(origin.location) }
              return .object([
                ("event", .string(found.event.description)), ("verdict", .string(found.decision.verdict.name)),
                ("by", .string(DeciderReference(found.decision.decider).text)), ("place", place),
              ])
            }
          }
        )
      ),
    ]
    if let failure = one.failure { members.append(("failure", finding(failure, map))) }
    return .object(members)
  }

  private static func value(_ coverage: TestCoverage) -> JSONValue {
    .object([
      ("decided", .integer(coverage.decided)), ("total", .integer(coverage.total)),
      ("percent", .integer(coverage.percent)),
      (
        "sections",
        .array(
          coverage.sections.map { section in
            .object([
              ("name", .string(section.name)), ("place", section.location.map { place($0) } ?? .null),
              ("decided", .integer(section.decided)), ("total", .integer(section.total)),
              ("items", .array(section.items.map(item))),
            ])
          }
        )
      ),
    ])
  }

  private static func item(_ item: TestCoverage.Item) -> JSONValue {
    var members: [(String, JSONValue)]
    switch item.kind {
    case .rule(let rule):
      members = [
        ("rule", .string(rule.origin.path)), ("words", .string(rule.words)), ("place", place(rule.origin.location)),
      ]
    case .posture(let resourceClass, _): members = [("posture", .string(resourceClass.rawValue))]
    }
    members += [
      ("decided", .integer(item.decided)), ("covered", .integer(item.covered)), ("canDecide", .bool(item.canDecide)),
    ]
    return .object(members)
  }

  private static func value(_ mutation: TestMutation) -> JSONValue {
    .object([
      ("tried", .integer(mutation.tried)), ("killed", .integer(mutation.killed)),
      ("equivalent", .integer(mutation.equivalent)), ("unknown", .integer(mutation.unknown)),
      ("percent", .integer(mutation.percent)),
      (
        "alive",
        .array(
          mutation.survivors.map { survivor in
            var location: JSONValue = .null
            if case .rule(let rule, _) = survivor.mutant.change { location = place(rule.origin.location) }
            return .object([
              ("place", location), ("change", .string(survivor.mutant.words)),
              ("subject", .string(survivor.subject.name)), ("event", .string(survivor.expectation.eventText)),
              ("verdict", .string(survivor.expectation.verdict.name)),
              ("by", survivor.expectation.decider.map { .string($0.text) } ?? .null),
            ])
          }
        )
      ),
    ])
  }
}
