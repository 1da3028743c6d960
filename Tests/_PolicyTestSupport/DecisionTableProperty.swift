import IR

/// What must hold of every subject, for the fuzzer and for the replay of what it found.
package enum DecisionTableProperty {
  /// Traps where the property fails: the fuzzer's way of noticing.
  package static func check(_ tape: [UInt8]) {
    var random = RandomPolicy(SeededGenerator(seed: 1, tape: tape))
    let subject = random.subject(maximumRules: 6)
    guard let table = try? DecisionTable(subject) else { preconditionFailure("over budget: \(subject)") }
    let evaluator = Evaluator(subject)
    for _ in 0..<40 {
      let event = random.event()
      precondition(table.decide(event) == evaluator.decide(event), "\(event)")
    }
    let reversed = try? DecisionTable(rules: subject.rules.reversed(), postures: subject.postures)
    precondition(reversed?.meaning == table.meaning, "the meaning depends on the order of rules")
  }
}
