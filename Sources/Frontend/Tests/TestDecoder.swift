import Diagnostics
import IR

/// Turns one document of a test file into values; every error is reported.
struct TestDecoder {
  let reader: ObjectReader
  /// How many errors there were before this document.
  private let errorsBefore: Int

  init(_ reader: ObjectReader) {
    self.reader = reader
    errorsBefore = reader.findings.errorCount
  }

  /// A document that is a Kubernetes object: it would be lost under this name.
  static func isObject(_ root: Node) -> Bool {
    guard let mapping = root.mapping else { return false }
    return mapping["kind"] != nil || mapping["apiVersion"] != nil
  }

  static func reportObject(_ root: Node, _ reader: ObjectReader) {
    let kind =
      if case .scalar(let scalar) = root.mapping?["kind"]?.content { scalar.value } else { "Kubernetes object" }
    reader.findings.add(
      .objectInTestFile,
      "a \(kind.prefix(60)) in a file of tests",
      at: reader.firstLine(reader.kindSpan(root)),
      notes: [
        "files named '*.test.yaml' and '*.test.yml' hold tests alone; every other command passes over them",
        "move the object to a file with another name",
      ]
    )
  }

  /// Nil for a document without anything.
  mutating func suite(_ root: Node, isBroken: Bool) -> LoadedTests? {
    if root.isNull { return nil }
    if TestDecoder.isObject(root) {
      TestDecoder.reportObject(root, reader)
      return nil
    }
    let anchor = root.mapping?.entries.first?.key.span ?? reader.firstLine(root.span)
    guard let fields = reader.open(root, as: TestSchema.suite, anchor: anchor, name: nil) else { return nil }
    var suite = PolicyTestSuite()
    var spans = TestSpans(document: root.span)
    if let policies = reader.located(fields["policies"]) {
      suite.policies = policies.map(\.0)
      spans.policies = policies.map(\.1)
      if let slot = fields["policies"], policies.isEmpty, slot.value.sequence?.isEmpty ?? false {
        reader.findings.add(
          .emptyList,
          "'policies' is an empty list",
          at: slot.value.span,
          notes: ["name files or directories, or remove it to mean the directory of the test file"]
        )
      }
    }
    suite.settings = settings(fields, PolicyTestSettings())
    let outer = subject(fields)
    var names: [String: Span] = [:]
    if let slot = fields["tests"] {
      let items = reader.items(slot)
      if items.isEmpty, slot.value.sequence?.isEmpty ?? false {
        noExpectation("'tests' is an empty list", slot.value.span)
      }
      for item in items {
        guard let (test, place) = test(item, suite.settings, outer) else { continue }
        if let first = names[test.name] {
          reader.findings.add(
            .duplicateTest,
            "test \(quoted(test.name)) is there twice",
            at: place.name,
            severity: .warning,
            labels: [Label(first, "the other one")],
            notes: ["results name a test by its name"]
          )
        } else {
          names[test.name] = place.name
        }
        suite.tests.append(test)
        spans.tests.append(place)
      }
    }
    let isIncomplete = isBroken || reader.findings.errorCount > errorsBefore
    return LoadedTests(suite: suite, spans: spans, isIncomplete: isIncomplete)
  }

  private func test(
    _ item: Node,
    _ outer: PolicyTestSettings,
    _ outerSubject: (SubjectQuery?, Span?)
  ) -> (PolicyTest, TestSpans.Test)? {
    let anchor = reader.firstLine(item.span)
    guard let fields = reader.open(item, as: TestSchema.test, anchor: anchor, name: nil) else { return nil }
    let name = reader.string(fields["name"])
    if let name, name.allSatisfy(\.isWhitespace), let slot = fields["name"] {
      reader.empty("'name'", at: slot.key.span, expected: "what the test shows, in a few words")
    }
    var (subject, place) = subject(fields)
    if fields["subject"] == nil {
      (subject, place) = outerSubject
      if place == nil {
        reader.findings.add(
          .missingField,
          "test has no 'subject'",
          at: fields["name"]?.value.span ?? anchor,
          caption: "expected 'subject' here or at the top of the file",
          notes: [TestDecoder.subjectForms]
        )
      }
    }
    let settings = settings(fields, outer)
    var expectations: [PolicyExpectation] = []
    var spans = TestSpans.Test(name: fields["name"]?.value.span ?? anchor, subject: place ?? anchor)
    if let slot = fields["expect"] {
      let items = reader.items(slot)
      if items.isEmpty, slot.value.sequence?.isEmpty ?? false {
        noExpectation("'expect' is an empty list", slot.value.span)
      }
      for item in items {
        guard let (expectation, place) = expectation(item) else { continue }
        expectations.append(expectation)
        spans.expectations.append(place)
      }
    }
    guard let name, let subject else { return nil }
    let test = PolicyTest(
      name: name,
      subject: subject,
      settings: settings,
      expectations: expectations,
      location: reader.location(item.span)
    )
    return (test, spans)
  }

  private func noExpectation(_ message: String, _ span: Span) {
    reader.findings.add(.emptyTest, message, at: span, notes: ["a test without an expectation passes whatever happens"])
  }

  // MARK: What tests share

  private func settings(_ fields: Fields, _ outer: PolicyTestSettings) -> PolicyTestSettings {
    var own = PolicyTestSettings()
    if let slot = fields["posture"], let values = reader.open(slot, as: TestSchema.posture) {
      own.postures.file = posture(values["file"])
      own.postures.network = posture(values["network"])
      own.postures.capabilities = posture(values["capabilities"])
    }
    if let slot = fields["base"], let text = reader.string(slot) {
      if text == "none" {
        own.base = .none
      } else if let list = BaseList.named(text) {
        own.base = .list(list)
      } else {
        reader.unknown(.unknownBase, "base list", text, BaseList.all.map(\.name) + ["none"], slot.value.span)
      }
    }
    return own.or(outer)
  }

  private func posture(_ slot: Fields.Slot?) -> Posture? {
    guard let slot, let text = reader.string(slot) else { return nil }
    if let posture = Posture(rawValue: text) { return posture }
    reader.unknown(.badTestPosture, "posture", text, Posture.allCases.map(\.rawValue), slot.value.span)
    return nil
  }

  private static let subjectForms =
    "a subject is 'namespace/key=value[:container]', 'host:name', or a name that 'armorc build' gives it"

  /// The subject, and where it stands if it is there at all.
  private func subject(_ fields: Fields) -> (SubjectQuery?, Span?) {
    guard let slot = fields["subject"] else { return (nil, nil) }
    guard let text = reader.string(slot) else { return (nil, slot.value.span) }
    do throws(SubjectQueryError) { return (try SubjectQuery(parsing: text), slot.value.span) } catch {
      reader.findings.add(
        .badSubject,
        error.message,
        at: reader.firstLine(slot.value.span),
        notes: error.message.contains("expected") ? [] : [TestDecoder.subjectForms]
      )
      return (nil, slot.value.span)
    }
  }

  // MARK: Expectations

  private static let verdicts: [Verdict] = [.allow, .audit, .block]

  private func expectation(_ item: Node) -> (PolicyExpectation, TestSpans.Expectation)? {
    let anchor = reader.firstLine(item.span)
    if case .scalar(let scalar) = item.content, !item.isNull {
      let known = TestDecoder.verdicts.first { scalar.value.hasPrefix($0.name + " ") }
      reader.findings.add(
        .noVerdict,
        "an entry of 'expect' is \(item.kindName), expected a verdict and an event",
        at: anchor,
        caption: known.map { "expected '\($0.name): …'" }
          ?? "expected 'block: \(scalar.value.prefix(60))' or another verdict"
      )
      return nil
    }
    guard let fields = reader.open(item, as: TestSchema.expectation, anchor: anchor, name: nil) else { return nil }
    let given = TestDecoder.verdicts.compactMap { verdict in fields[verdict.name].map { (verdict, $0) } }
    var decider: DeciderReference?
    if let slot = fields["by"], let text = reader.string(slot) {
      decider = DeciderReference(text)
      if decider == nil {
        reader.findings.add(
          .badDecider,
          "\(quoted(text)) names no rule",
          at: reader.firstLine(slot.value.span),
          notes: [
            "expected 'namespace/policy', 'namespace/policy spec.file.matchPaths[0]', 'file.yaml:17', 'DefaultPosture' or "
              + "'nothing'"
          ]
        )
      }
    }
    guard let (verdict, slot) = given.first else {
      reader.findings.add(
        .noVerdict,
        "an entry of 'expect' has no verdict",
        at: anchor,
        caption: "expected 'allow', 'audit' or 'block' with an event"
      )
      return nil
    }
    if given.count > 1 {
      reader.findings.add(
        .noVerdict,
        "an entry of 'expect' has \(given.count) verdicts",
        at: given[1].1.key.span,
        labels: [Label(slot.key.span, "the other")],
        notes: ["write an entry of its own for each"]
      )
      return nil
    }
    guard let events = TestEventReader(reader: reader).events(slot) else { return nil }
    let expectation = PolicyExpectation(
      verdict: verdict,
      events: events,
      decider: decider,
      location: reader.location(item.span)
    )
    let spans = TestSpans.Expectation(
      verdict: slot.key.span,
      event: reader.firstLine(slot.value.span),
      decider: fields["by"]?.value.span
    )
    return (expectation, spans)
  }
}
