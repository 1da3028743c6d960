import Foundation
import IR
import Testing
import _PolicyTestSupport

@Suite struct EventReplayTests {
  /// Rules found by an index decide as all rules do, looked at one by one.
  @Test func agreesWithEvaluator() throws {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("EventReplayTests.agreesWithEvaluator seed \(generator.seed)")
    var random = RandomPolicy(generator)
    let memo = GlobMemo()
    var deciders: [Origin: Int] = [:]
    var decided = 0
    for _ in 0..<40 {
      let rules = random.manyRules()
      #expect(rules.count > 64)
      let postures = Postures(
        file: random.generator.pick(Posture.allCases),
        network: random.generator.pick(Posture.allCases),
        capabilities: random.generator.pick(Posture.allCases)
      )
      let replay = EventReplay(rules: rules, postures: postures)
      let evaluator = Evaluator(rules: rules, postures: postures, holds: memo.holds)
      for _ in 0..<100 {
        let event = random.event(near: rules)
        let expected = evaluator.decide(event)
        #expect(replay.decide(event) == expected, "\(event)\n\(rules)")
        guard case .rule(let origin) = expected.decider else { continue }
        decided += 1
        deciders[origin, default: 0] += 1
      }
    }
    print("EventReplayTests.agreesWithEvaluator: \(decided) of 4000 events decided by \(deciders.count) rules")
    #expect(decided > 2_000 && deciders.count > 200)
  }
}

extension RandomPolicy {
  /// 65 to 300 rules of several policies, of all kinds or of few, so that every class is an allow-list in some.
  fileprivate mutating func manyRules() -> [Rule] {
    let ids = (0..<3).map { PolicyID(kind: .pod, namespace: "default", name: "p\($0)") }
    let withoutAllow = generator.chance(30)
    return (0..<Int.random(in: 65...300, using: &generator)).map { position in
      var rule = rule(policy: generator.pick(ids), position: position)
      if withoutAllow, rule.action == .allow { rule.action = .audit }
      return rule
    }
  }

  /// Every other path event is on, in or below a path that a rule names.
  fileprivate mutating func event(near rules: [Rule]) -> Event {
    var event = event()
    guard case .path(let operation, _) = event.access, generator.chance(50) else { return event }
    switch generator.pick(rules).target {
    case .file(.literal(let path)), .process(.literal(let path)), .file(.directory(let path, _, _)),
      .process(.directory(let path, _, _)):
      let below = generator.pick(["", "/b", "/b/x.so"])
      guard let near = BytePath((path == .root && !below.isEmpty ? [] : path.bytes) + Array(below.utf8)) else { break }
      event.access = .path(operation, near)
    default: break
    }
    return event
  }
}
