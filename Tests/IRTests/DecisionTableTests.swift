import Foundation
import IR
import Testing
import _PolicyTestSupport

@Suite struct DecisionTableTests {
  /// Two implementations of SEMANTICS.md agree on every event: the evaluator, and automata with tables.
  @Test func agreesWithEvaluator() throws {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("DecisionTableTests.agreesWithEvaluator seed \(generator.seed)")
    var random = RandomPolicy(generator)
    for _ in 0..<300 {
      let subject = random.subject()
      let table = try DecisionTable(subject)
      let evaluator = Evaluator(subject)
      for _ in 0..<400 {
        let event = random.event()
        #expect(table.decide(event) == evaluator.decide(event), "\(event)\n\(subject)")
      }
    }
  }

  /// The order of rules and policies leaves no trace in the meaning; a change of a verdict does.
  @Test func meaningIsCanonical() throws {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("DecisionTableTests.meaningIsCanonical seed \(generator.seed)")
    var random = RandomPolicy(generator)
    var different = 0
    for _ in 0..<150 {
      let subject = random.subject()
      let table = try DecisionTable(subject)
      let shuffled = try DecisionTable(
        rules: subject.rules.shuffled(using: &random.generator),
        postures: subject.postures
      )
      #expect(table.meaning == shuffled.meaning, "\(subject)")
      let fewer = try DecisionTable(rules: Array(subject.rules.dropFirst()), postures: subject.postures)
      let isEqual = table.meaning == fewer.meaning
      if !isEqual { different += 1 }
      for _ in 0..<300 {
        let event = random.event()
        let differs = table.decide(event).verdict != fewer.decide(event).verdict
        #expect(!(isEqual && differs), "equal meanings but \(event) differs\n\(subject)")
      }
    }
    #expect(different > 10)
  }

  /// Rules written differently that say the same have byte-identical meanings.
  @Test func equivalentRulesMeanTheSame() throws {
    func table(_ sets: [PathSet]) throws -> [UInt8] {
      let id = PolicyID(kind: .pod, namespace: "default", name: "p")
      let rules = sets.enumerated().map { index, set in
        Rule(
          target: .file(set),
          action: .block,
          origin: Origin(policy: id, position: index, path: "", location: Location(file: "", line: 1, column: 1))
        )
      }
      return try DecisionTable(rules: rules, postures: Postures()).meaning
    }
    let a = try #require(BytePath("/a"))
    let inside = try #require(BytePath("/a/x"))
    let directory = PathSet.directory(a, recursive: true, includesSelf: true)
    #expect(try table([directory]) == table([directory, .literal(inside)]))
    #expect(try table([directory]) == table([.literal(a), .directory(a, recursive: true, includesSelf: false)]))
    #expect(try table([directory]) != table([.directory(a, recursive: true, includesSelf: false)]))
  }
}

/// Inputs that the fuzzer once stumbled over, and its seeds.
@Suite struct DecisionTableRegressions {
  @Test func replay() throws {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fuzz/Regressions/FuzzDecisionTable")
    let inputs = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
    #expect(!inputs.isEmpty)
    for input in inputs { DecisionTableProperty.check(Array(try Data(contentsOf: input))) }
  }
}
