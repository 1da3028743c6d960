import Analysis
import Diagnostics
import Frontend
import IR

/// The work of `test`: files of tests to groups of expectations, each group judged, the outcomes put back in their places.
struct TestRun {
  private let options: PolicyOptions
  private let filter: String?
  private var report = TestReport(files: [], policyErrors: [], groups: [], policies: [], subjects: [])

  /// A file of tests on its way.
  private struct Draft {
    let file: FileResult
    /// By document: its set of policies, nil if that cannot be had.
    var sets: [Int?] = []
    var findings: [Diagnostic]
    var isBroken: Bool { findings.contains { $0.severity == .error } }
  }

  private struct GroupKey: Hashable {
    let set: Int
    let subject: String
    let kind: Subject
    let settings: PolicyTestSettings
  }

  /// Where the expectations of a test went.
  private struct Placement {
    let file: Int
    let suite: Int
    let test: Int
    /// By subject: the group and the index of the test's first expectation in it.
    var groups: [(group: Int, start: Int)]
  }

  private init(_ options: PolicyOptions, filter: String?) {
    self.options = options
    self.filter = filter
  }

  /// Runs the tests of files given in order of name; nil if the filter leaves no test.
  static func run(
    _ files: [(name: String, bytes: [UInt8])],
    _ options: PolicyOptions,
    filter: String?
  ) throws -> TestReport? {
    var run = TestRun(options, filter: filter)
    return try run.run(files)
  }

  private mutating func run(_ files: [(name: String, bytes: [UInt8])]) throws -> TestReport? {
    struct Input: Sendable {
      let name: String
      let bytes: [UInt8]
    }
    let results = parallelMap(files.map { Input(name: $0.name, bytes: $0.bytes) }, jobs: options.jobCount) {
      Frontend.readTests(name: $0.name, bytes: $0.bytes, index: 0)
    }
    var drafts = results.map { Draft(file: $0, findings: $0.diagnostics) }
    let sets = try load(&drafts)

    var keys: [GroupKey: Int] = [:]
    var placements: [Placement] = []
    for number in drafts.indices where !drafts[number].isBroken {
      place(number, &drafts[number], sets, &keys, &placements)
    }
    let placed = placements.filter { !drafts[$0.file].isBroken }
    if filter != nil, placed.isEmpty, !drafts.contains(where: \.isBroken) { return nil }

    let groups = report.groups
    let progress = Progress("testing")
    let outcomes = parallelMap(
      groups,
      jobs: options.jobCount,
      finished: { progress.show($0, of: groups.count) }
    ) { group -> Result<[ExpectationOutcome], TestFault> in
      do throws(TestFault) { return .success(try group.judge()) } catch { return .failure(error) }
    }
    try assemble(drafts, sets, placed, outcomes)
    keepUsed(sets, drafts)
    return report
  }

  // MARK: Policies

  /// Loads every set of policies once.
  private mutating func load(_ drafts: inout [Draft]) throws -> [TestPolicies] {
    var numbers: [[String]: Int] = [:]
    var lists: [[(name: String, bytes: [UInt8])]] = []
    for draft in drafts.indices {
      for tests in drafts[draft].file.tests {
        let file = drafts[draft].file.file.name
        let named = tests.suite.policies ?? ["."]
        var paths: [String] = []
        for (index, path) in named.enumerated() {
          let resolved = TestPolicyPaths.resolve(path, from: file)
          do {
            _ = try InputFiles([resolved])
            paths.append(resolved)
          } catch let failure as Failure {
            let span = tests.spans.policies.indices.contains(index) ? tests.spans.policies[index] : tests.spans.document
            drafts[draft].findings.append(
              Diagnostic(TestCode.noPolicies.rawValue, .error, failure.message, at: span)
            )
          }
        }
        guard !drafts[draft].isBroken else {
          drafts[draft].sets.append(nil)
          continue
        }
        let names = try InputFiles(paths).names
        if let known = numbers[names] {
          drafts[draft].sets.append(known)
          continue
        }
        numbers[names] = lists.count
        drafts[draft].sets.append(lists.count)
        lists.append(try InputFiles(paths).read(jobs: options.jobCount))
      }
    }
    let options = options
    return lists.map { TestPolicies($0, options) }
  }

  private mutating func keepUsed(_ sets: [TestPolicies], _ drafts: [Draft]) {
    for (number, set) in sets.enumerated() {
      guard drafts.contains(where: { $0.sets.contains(number) }) else { continue }
      if !set.errors.isEmpty { report.policyErrors.append((set.errors, set.loaded.sourceMap)) }
      report.policies += set.side.policies
      report.subjects += set.finder.subjects
    }
  }

  // MARK: Subjects

  private mutating func place(
    _ number: Int,
    _ draft: inout Draft,
    _ sets: [TestPolicies],
    _ keys: inout [GroupKey: Int],
    _ placements: inout [Placement]
  ) {
    for (suite, tests) in draft.file.tests.enumerated() {
      guard let set = draft.sets[suite], sets[set].errors.isEmpty else { continue }
      for (index, test) in tests.suite.tests.enumerated() {
        if let filter, !"\(draft.file.file.name): \(test.name)".lowercased().contains(filter.lowercased()) { continue }
        let spans = tests.spans.tests[index]
        let found = sets[set].finder.find(test.subject).map { test.settings.applied(to: $0) }
        guard !found.isEmpty else {
          draft.findings.append(unknown(test.subject, spans.subject, sets[set]))
          continue
        }
        // Whoever writes 'by: nothing' knows.
        if found.allSatisfy(\.policies.isEmpty), !test.expectations.contains(where: { $0.decider == .nothing }) {
          draft.findings.append(
            Diagnostic(
              TestCode.noPolicyApplies.rawValue,
              .note,
              "no policy applies to '\(test.subject)'",
              at: spans.subject,
              caption: "everything is allowed"
            )
          )
        }
        for (expectation, span) in zip(test.expectations, spans.expectations) {
          for subject in found {
            if let diagnostic = checked(expectation, span, subject) { draft.findings.append(diagnostic) }
          }
        }
        var placement = Placement(file: number, suite: suite, test: index, groups: [])
        for subject in found {
          let key = GroupKey(set: set, subject: subject.name, kind: subject.subject, settings: test.settings)
          let group = keys[key] ?? report.groups.count
          if group == report.groups.count {
            keys[key] = group
            report.groups.append(TestGroup(subject: subject, fixed: test.settings.postures))
          }
          placement.groups.append((group, report.groups[group].expectations.count))
          report.groups[group].expectations += test.expectations
        }
        placements.append(placement)
      }
    }
  }

  private func unknown(_ subject: SubjectQuery, _ span: Span, _ set: TestPolicies) -> Diagnostic {
    let names = set.finder.subjects.map(\.name)
    let near: [String] = if case .name(let name) = subject { set.finder.near(name) } else { [] }
    let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return Diagnostic(
      TestCode.unknownSubject.rawValue,
      .error,
      "no subject '\(String(subject.description.prefix(100)))'",
      at: span,
      caption: near.first.map { "did you mean '\($0)'?" } ?? "",
      notes: names.isEmpty
        ? ["there is no policy"] : ["there are \(shown)" + (names.count > 8 ? " and \(names.count - 8) more" : "")],
      fixes: near.count == 1
        ? [FixIt("write '\(near[0])'", span: span, replacement: near[0], applicability: .unsafe)] : []
    )
  }

  /// Whether what `by` names is there.
  private func checked(
    _ expectation: PolicyExpectation,
    _ spans: TestSpans.Expectation,
    _ subject: SubjectPolicy
  ) -> Diagnostic? {
    guard let decider = expectation.decider, let span = spans.decider else { return nil }
    let rules = subject.rules
    switch decider {
    case .posture, .nothing: return nil
    case .rule, .place: if rules.contains(where: { decider.names($0.origin) }) { return nil }
    }
    var candidates: [String] = []
    var notes = ["subject: \(subject.name)"]
    switch decider {
    case .rule(let policy, let path):
      let ids = Set(rules.map(\.origin.policy.description)).sorted()
      let mine = rules.filter { $0.origin.policy.description == policy || $0.origin.policy.name == policy }
      if let path, !mine.isEmpty {
        candidates = Spelling.correction(of: path, among: mine.map(\.origin.path)).map { ["\(policy) \($0)"] } ?? []
        notes.insert("'\(policy)' has \(mine.count) rule\(mine.count == 1 ? "" : "s") for it", at: 0)
      } else {
        candidates = Spelling.correction(of: policy, among: ids).map { [$0 + (path.map { " " + $0 } ?? "")] } ?? []
        let shown = ids.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
        notes.insert(ids.isEmpty ? "no policy applies" : "there are \(shown)", at: 0)
      }
    case .place(let file, let line):
      let near = rules.filter { DeciderReference.place(file: file, line: $0.origin.location.line).names($0.origin) }
        .min { abs($0.origin.location.line - line) < abs($1.origin.location.line - line) }
      candidates = near.map { ["\(file):\($0.origin.location.line)"] } ?? []
      notes.insert("a rule is named by the line where its entry begins", at: 0)
    case .posture, .nothing: break
    }
    return Diagnostic(
      TestCode.unknownDecider.rawValue,
      .error,
      "no rule '\(String(decider.text.prefix(100)))' applies to the subject",
      at: span,
      caption: candidates.first.map { "did you mean '\($0)'?" } ?? "",
      notes: notes,
      fixes: candidates.prefix(1).map { FixIt("write '\($0)'", span: span, replacement: $0, applicability: .unsafe) }
    )
  }

  // MARK: Outcomes

  private mutating func assemble(
    _ drafts: [Draft],
    _ sets: [TestPolicies],
    _ placements: [Placement],
    _ outcomes: [Result<[ExpectationOutcome], TestFault>]
  ) throws {
    var files = drafts.map { draft in
      TestReport.File(
        name: draft.file.file.name,
        map: SourceMap([draft.file.file]),
        findings: draft.findings,
        isHeldUp: !draft.isBroken && draft.sets.contains { $0.map { !sets[$0].errors.isEmpty } ?? false },
        tests: []
      )
    }
    for placement in placements {
      let tests = drafts[placement.file].file.tests[placement.suite]
      let test = tests.suite.tests[placement.test]
      let spans = tests.spans.tests[placement.test]
      guard let set = drafts[placement.file].sets[placement.suite] else { continue }
      var made = TestReport.Test(
        name: test.name,
        subject: test.subject.description,
        location: test.location,
        map: sets[set].sourceMap(drafts[placement.file].file.file),
        expectations: test.expectations.map { TestReport.Expectation(expectation: $0, outcomes: []) }
      )
      var fault: Diagnostic?
      for (group, start) in placement.groups {
        switch outcomes[group] {
        case .success(let all):
          for index in test.expectations.indices {
            let outcome = all[start + index]
            made.expectations[index].outcomes.append((group, outcome))
            guard made.expectations[index].failure == nil, let found = outcome.failure else { continue }
            made.expectations[index].failure = TestFailure(
              policies: sets[set],
              spans: spans.expectations[index],
              test: test
            ).diagnostic(
              test.expectations[index],
              found,
              isPartial: outcome.found.contains { test.expectations[index].holds(for: $0.decision) },
              report.groups[group].subject
            )
          }
        case .failure(.tooLarge(let error)):
          fault = Diagnostic(
            TestCode.subjectTooLarge.rawValue,
            .error,
            "the policies of '\(report.groups[group].subject.name)' need more than \(error.limit) \(error.quantity.rawValue)",
            at: spans.subject,
            notes: error.rules.prefix(3).map { "\($0.location) costs much: '\($0.policy)' \($0.path)" }
          )
        case .failure(let fault): throw Failure(fault)
        }
      }
      if let fault { files[placement.file].findings.append(fault) } else { files[placement.file].tests.append(made) }
    }
    report.files = files
  }
}
