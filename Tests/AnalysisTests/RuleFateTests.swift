import Analysis
import Automata
import Diagnostics
import Foundation
import IR
import Testing
import _PolicyTestSupport

/// What the linter says of rules, held against the decision table (which rules can go?) and the evaluator (who decides?).
@Suite struct RuleFateTests {
  /// One random subject with the fates of its rules.
  struct Judged {
    let subject: SubjectPolicy
    let rules: [(rule: Rule, fate: RuleFate)]

    init(_ subject: SubjectPolicy) {
      self.subject = subject
      let postures = PartialPostures(
        file: subject.postures.file,
        network: subject.postures.network,
        capabilities: subject.postures.capabilities
      )
      let input = LintInput(
        policies: subject.policies,
        context: ClusterContext(postures: postures),
        base: subject.base
      )
      var rules: [(rule: Rule, fate: RuleFate)] = []
      LintPass(input).forEachFate { _, rule, fate in rules.append((rule, fate)) }
      self.rules = rules
    }

    /// The subject without some rules.
    func without(_ gone: Set<Origin>) -> SubjectPolicy {
      var rest = subject
      for index in rest.policies.indices { rest.policies[index].rules.removeAll { gone.contains($0.origin) } }
      return rest
    }
  }

  private func random(_ name: String) -> RandomPolicy {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("RuleFateTests.\(name) seed \(generator.seed)")
    return RandomPolicy(generator)
  }

  /// What a person sees of a decision: the verdict and, if it is reported, what the report says.
  private func report(_ decision: Decision, _ subject: SubjectPolicy) -> String {
    switch (decision.verdict, decision.decider) {
    case (.allow, _): return "allow"
    case (let verdict, .rule(let origin)):
      let rule = subject.rules.first { $0.origin == origin }
      return "\(verdict.name) \(origin.policy) \(rule?.severity ?? -1) \(rule?.message ?? "") \(rule?.tags ?? [])"
    case (let verdict, let decider): return "\(verdict.name) \(decider)"
    }
  }

  /// Every rule that is said to decide nothing can go, alone and with all others, and no report changes.
  @Test func idleRulesCanGo() throws {
    var random = random("idleRulesCanGo")
    var found = 0
    for _ in 0..<250 {
      let judged = Judged(random.subject(maximumRules: 12))
      let idle = judged.rules.filter(\.fate.isIdle).map(\.rule.origin)
      found += idle.count
      if idle.isEmpty { continue }
      let meaning = try DecisionTable(judged.subject).meaning
      for origin in idle {
        let rest = try DecisionTable(judged.without([origin])).meaning
        #expect(rest == meaning, "\(origin) is no idle rule of\n\(judged.subject)")
      }
      let rest = judged.without(Set(idle))
      #expect(try DecisionTable(rest).meaning == meaning, "\(idle) are not idle together in\n\(judged.subject)")
      let (before, after) = (Evaluator(judged.subject), Evaluator(rest))
      for _ in 0..<200 {
        let event = random.event()
        let reports = [report(before.decide(event), judged.subject), report(after.decide(event), rest)]
        #expect(reports[0] == reports[1], "\(event) without \(idle) of\n\(judged.subject)")
      }
    }
    #expect(found > 20)
  }

  /// Of the rules that are left nearly none could go as well without a verdict or a report changing.
  @Test func fewIdleRulesAreMissed() throws {
    var random = random("fewIdleRulesAreMissed")
    var (judgedRules, missed) = (0, 0)
    for _ in 0..<200 {
      let judged = Judged(random.subject(maximumRules: 10))
      let idle = Set(judged.rules.filter(\.fate.isIdle).map(\.rule.origin))
      let rest = judged.without(idle)
      let table = try DecisionTable(rest)
      let meaning = table.meaning
      let cells = events(of: table)
      for (rule, _) in judged.rules where !idle.contains(rule.origin) {
        judgedRules += 1
        let fewer = judged.without(idle.union([rule.origin]))
        guard try DecisionTable(fewer).meaning == meaning else { continue }
        let (before, after) = (Evaluator(rest), Evaluator(fewer))
        func isSeen(_ event: Event) -> Bool {
          report(before.decide(event), rest) != report(after.decide(event), fewer)
        }
        if cells.contains(where: isSeen) || (0..<500).contains(where: { _ in isSeen(random.event()) }) { continue }
        missed += 1
      }
    }
    print("RuleFateTests.fewIdleRulesAreMissed: \(missed) of \(judgedRules)")
    // One event per cell may miss a report that changes in a part of the cell, and the linter is cautious where the last
    // 'Allow' with a source would bring back a block.
    #expect(judgedRules > 100 && missed * 100 <= judgedRules)
  }

  /// One event for every cell of paths, sockets and capabilities.
  private func events(of table: DecisionTable) -> [Event] {
    let paths = table.paths.shortestWitnesses().values.compactMap { BytePath($0) }
    var events: [Event] = []
    for source in (0..<table.sources.count).map(table.sources.representative) {
      for path in paths {
        for operation in PathOperation.allCases {
          for isOwner in [false, true] {
            events.append(Event(source: source, access: .path(operation, path), isOwner: isOwner))
          }
        }
      }
      events += SocketCell.all.map { Event(source: source, access: .network($0.representative)) }
      events += Capability.allCases.map { Event(source: source, access: .capability($0)) }
    }
    return events
  }

  /// An overridden `Allow` allows nothing, an unreached `Audit` reports nothing, and others do.
  @Test func fatesOfEvents() {
    var random = random("fatesOfEvents")
    var (overridden, unreached, empty) = (0, 0, 0)
    for _ in 0..<500 {
      let judged = Judged(random.subject(maximumRules: 14))
      let evaluator = Evaluator(judged.subject)
      overridden += judged.rules.filter(\.fate.isOverridden).count
      unreached += judged.rules.filter(\.fate.isUnreached).count
      empty += judged.rules.filter(\.fate.coversNothing).count
      for _ in 0..<200 {
        let event = random.event()
        let covering = Set(evaluator.rulesCovering(event).map(\.origin))
        let decision = evaluator.decide(event)
        for (rule, fate) in judged.rules where covering.contains(rule.origin) {
          #expect(!fate.coversNothing)
          if fate.isOverridden, permits(rule, event) { #expect(decision.verdict == .block, "\(event) \(rule)") }
          if fate.isUnreached { #expect(decision.decider != .rule(rule.origin), "\(event) \(rule)") }
          if fate.isIdle, !fate.isUnreached, !fate.isOverridden, fate.posture != .allow {
            #expect(!fate.deciders.isEmpty, "nobody is named for \(rule) in\n\(judged.subject)")
          }
        }
      }
    }
    #expect(overridden + unreached > 10)
    print("RuleFateTests.fatesOfEvents: \(overridden) overridden, \(unreached) unreached, \(empty) cover nothing")
  }

  private func permits(_ rule: Rule, _ event: Event) -> Bool {
    guard case .path(let operation, _) = event.access else { return true }
    return (!rule.ownerOnly || event.isOwner) && (!rule.readOnly || operation == .read)
  }

  /// Witnesses are covered by the rule they stand for.
  @Test func witnessesAreCovered() {
    var random = random("witnessesAreCovered")
    var count = 0
    for _ in 0..<200 {
      let judged = Judged(random.subject(maximumRules: 10))
      let evaluator = Evaluator(judged.subject)
      for (rule, fate) in judged.rules {
        guard let witness = fate.witness else { continue }
        count += 1
        #expect(evaluator.rulesCovering(witness).contains { $0.origin == rule.origin }, "\(witness) \(rule)")
      }
    }
    #expect(count > 10)
  }
}
