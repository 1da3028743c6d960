import Analysis
import Foundation
import Frontend
import IR
import Testing
import _PolicyTestSupport

/// Mutants, survivors and written tests on random subjects, held against the evaluator.
@Suite struct MutationTests {
  private static func random(_ salt: UInt64) -> RandomPolicy {
    var generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    for _ in 0..<salt { _ = generator.next() }
    return RandomPolicy(generator)
  }

  /// What the policies say of some random events, now and then with the one who decides.
  private static func expectations(_ subject: SubjectPolicy, _ count: Int, _ random: inout RandomPolicy) throws
    -> [PolicyExpectation]
  {
    let table = try DecisionTable(subject)
    return (0..<count).map { _ in
      var expectation = PolicyExpectation.stating(random.event(), table)
      if random.generator.chance(60) { expectation.decider = nil }
      return expectation
    }
  }

  /// The subject with its rules in a file of their own.
  private static func placed(_ subject: SubjectPolicy, _ file: String) -> SubjectPolicy {
    var subject = subject
    for policy in subject.policies.indices {
      for rule in subject.policies[policy].rules.indices {
        let origin = subject.policies[policy].rules[rule].origin
        subject.policies[policy].rules[rule].origin = Origin(
          policy: origin.policy,
          position: origin.position,
          path: origin.path,
          location: Location(file: file, line: origin.location.line, column: 1)
        )
      }
    }
    return subject
  }

  private static func holds(_ expectations: [PolicyExpectation], _ subject: SubjectPolicy) -> Bool {
    let evaluator = Evaluator(subject)
    return expectations.allSatisfy { one in one.events.allSatisfy { one.holds(for: evaluator.decide($0)) } }
  }

  /// The short cut tries few expectations on few rules; the evaluator tries all on all.
  @Test func killedMeansThatAnExpectationFails() throws {
    var random = MutationTests.random(1)
    var counts = (killed: 0, alive: 0)
    for _ in 0..<60 {
      var subjects = (0..<2).map { MutationTests.placed(random.subject(), "\($0).yaml") }
      // The same rules under other postures: a mutant changes both.
      subjects.append(subjects[0])
      subjects[2].postures = Postures(file: .block, network: .allow, capabilities: .block)
      let groups = try subjects.map {
        TestGroup(subject: $0, expectations: try MutationTests.expectations($0, 12, &random))
      }
      let index = MutationIndex(groups)
      for mutant in MutationRun.mutants(of: groups) {
        let fails = index.groups(of: mutant).contains {
          !MutationTests.holds(groups[$0].expectations, mutant.applied(to: groups[$0].subject))
        }
        #expect(index.kills(mutant) == fails, "seed \(random.generator.seed): \(mutant.words)")
        if fails { counts.killed += 1 } else { counts.alive += 1 }
      }
    }
    #expect(counts.killed > 500 && counts.alive > 500, "\(counts)")
  }

  /// The groups that a mutant does not name do not have its rule.
  @Test func mutantsChangeTheGroupsTheyName() throws {
    var random = MutationTests.random(2)
    for _ in 0..<30 {
      let groups = (0..<3).map { TestGroup(subject: MutationTests.placed(random.subject(), "\($0).yaml")) }
      let index = MutationIndex(groups)
      for mutant in MutationRun.mutants(of: groups) {
        let named = index.groups(of: mutant)
        #expect(!named.isEmpty)
        guard case .rule(let rule, _) = mutant.change else { continue }
        for number in groups.indices {
          let holds = groups[number].subject.policies.flatMap(\.rules).contains {
            RuleKey($0.origin) == RuleKey(rule.origin)
          }
          #expect(holds == named.contains(number))
        }
      }
    }
  }

  @Test func survivorsComeWithWhatKillsThem() throws {
    var random = MutationTests.random(3)
    var counts = (alive: 0, equivalent: 0)
    for _ in 0..<40 {
      let subject = random.subject()
      let table = try DecisionTable(subject)
      let group = TestGroup(subject: subject, expectations: try MutationTests.expectations(subject, 4, &random))
      let index = MutationIndex([group])
      for mutant in MutationRun.mutants(of: [group]) where !index.kills(mutant) {
        let changed = mutant.applied(to: subject)
        switch try index.survival(of: mutant, table: { _ in table }) {
        case .unknown: Issue.record("seed \(random.generator.seed): \(mutant.words) is unknown")
        case .equivalent:
          counts.equivalent += 1
          let (before, after) = (Evaluator(subject), Evaluator(changed))
          for _ in 0..<200 {
            let event = random.event()
            #expect(before.decide(event).verdict == after.decide(event).verdict, "\(mutant.words): \(event)")
          }
        case .alive(let expectation, let number):
          counts.alive += 1
          #expect(number == 0)
          #expect(MutationTests.holds([expectation], subject))
          var bare = expectation
          bare.decider = nil
          #expect(
            !MutationTests.holds([bare], changed),
            "seed \(random.generator.seed): \(mutant.words): \(expectation.words)"
          )
          var more = index
          more.add(expectation, to: 0)
          #expect(more.kills(mutant))
        }
      }
    }
    #expect(counts.alive > 300 && counts.equivalent > 20, "\(counts)")
  }

  /// A difference is found exactly where the meanings differ, and no random event is a shorter one.
  @Test func differencesAreRealAndShortest() throws {
    var random = MutationTests.random(4)
    var differing = 0
    for _ in 0..<150 {
      let subject = random.subject(maximumRules: 5)
      var other = subject
      if random.generator.chance(50) {
        other = random.subject(maximumRules: 5)
      } else if let mutant = MutationRun.mutants(of: [TestGroup(subject: subject)]).randomElement(
        using: &random.generator
      ) {
        other = mutant.applied(to: subject)
      }
      let tables = (try DecisionTable(subject), try DecisionTable(other))
      let witness = try TableDifference.witness(tables.0, tables.1)
      #expect((witness == nil) == (tables.0.meaning == tables.1.meaning), "seed \(random.generator.seed)")
      guard let witness else { continue }
      differing += 1
      let (before, after) = (Evaluator(subject), Evaluator(other))
      #expect(before.decide(witness).verdict != after.decide(witness).verdict, "\(witness)")
      for _ in 0..<200 {
        let event = random.event()
        guard before.decide(event).verdict != after.decide(event).verdict else { continue }
        #expect(event.description.utf8.count >= witness.description.utf8.count, "\(event) is shorter than \(witness)")
      }
    }
    #expect(differing > 60)
  }

  /// What is written holds, decides every rule that can decide, leaves no mutant alive but equivalent ones, and reads back.
  @Test func writtenTestsAreComplete() throws {
    var random = MutationTests.random(5)
    for round in 0..<25 {
      var subject = random.subject()
      subject.name = "default.random.\(round)"
      let draft = try TestDraft([subject])
      let expectations = draft.subjects.flatMap { $0.sections.flatMap { $0.entries.map(\.expectation) } }
      #expect(MutationTests.holds(expectations, subject), "seed \(random.generator.seed)")

      let group = TestGroup(subject: subject, expectations: expectations)
      let coverage = TestCoverage(policies: subject.policies, subjects: [subject], groups: [(group, try group.judge())])
      #expect(coverage.percent == 100, "seed \(random.generator.seed)")
      let table = try DecisionTable(subject)
      let deciders = table.deciders
      for item in coverage.sections.flatMap(\.items) {
        guard case .rule(let rule) = item.kind else { continue }
        let canDecide = deciders.rules.contains { table.rules[$0].origin == rule.origin }
        #expect(item.canDecide == canDecide && (item.decided > 0) == canDecide)
      }

      let index = MutationIndex([group])
      var equivalent = 0
      for mutant in MutationRun.mutants(of: [group]) where !index.kills(mutant) {
        guard case .equivalent = try index.survival(of: mutant, table: { _ in table }) else {
          Issue.record("seed \(random.generator.seed): \(mutant.words) lives")
          continue
        }
        equivalent += 1
      }
      // A later expectation may notice who decides where the verdict is the same.
      #expect(draft.unknown == 0 && draft.equivalent >= equivalent)

      let text = TestFileText.file(draft, policies: ["a b", "."], base: .runtimeV1, statesPostures: true)
      let read = Frontend.readTests(name: "a.test.yaml", bytes: Array(text.utf8), index: 0)
      #expect(read.diagnostics.isEmpty, "\(text)")
      let suite = try #require(read.tests.first?.suite)
      #expect(suite.policies == ["a b", "."])
      let back = suite.tests.flatMap(\.expectations)
      #expect(back.map(\.events) == expectations.map(\.events))
      #expect(back.map(\.verdict) == expectations.map(\.verdict))
      #expect(back.map(\.decider) == expectations.map(\.decider))
      for test in suite.tests {
        #expect(test.subject == .name(subject.name))
        #expect(test.settings.applied(to: subject).postures == subject.postures)
      }
    }
  }

  /// Scalars that YAML would read as something else are quoted, and read back as they were.
  @Test func scalarsReadBack() throws {
    let texts = [
      "a", ".", "..", "../a", ".5", ".inf", "true", "No", "null", "~", "7", "-", "a: b", "a #b", "a:", "[a]", "{a}",
      "a,b",
      "\"", "'", "\\", "a\tb", "é", "\u{202E}", "\u{0}", "\u{FEFF}", "*a", "&a", "!a", "%a", "@a", "`a", " a", "a ", "",
      "a\nb", "/a/b c", "read \"/a b\" from /c",
    ]
    for text in texts {
      let source =
        "policies: [\(YAMLText.flow(text)), x]\ntests:\n- name: \(YAMLText.plain(text)) # end\n  subject: a\n"
        + "  expect: [{allow: read /a}]\n"
      let read = Frontend.readTests(name: "a.test.yaml", bytes: Array(source.utf8), index: 0)
      #expect(read.tests.first?.suite.policies == [text, "x"], "\(source)")
      #expect(read.tests.first?.suite.tests.first?.name == text, "\(source)")
    }
  }
}
