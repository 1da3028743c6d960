import Analysis
import Automata
import Foundation
import IR
import Testing
import _PolicyTestSupport

/// Explanations of random subjects, against the evaluator.
@Suite struct ExplanationTests {
  private func random() -> RandomPolicy {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("ExplanationTests: seed \(generator.seed)")
    return RandomPolicy(generator)
  }

  private func without(_ rule: Rule, _ subject: SubjectPolicy) -> SubjectPolicy {
    var changed = subject
    changed.policies = subject.policies.map { policy in
      var policy = policy
      policy.rules.removeAll { $0.origin == rule.origin }
      return policy
    }
    return changed
  }

  /// Reasons are true: exactly one rule decides, if one does, and taking away what a reason names changes what it says.
  @Test func reasonsHold() throws {
    var random = random()
    var seen: Set<String> = []
    for _ in 0..<400 {
      let subject = random.subject(maximumRules: 12)
      let evaluator = Evaluator(subject)
      for _ in 0..<25 {
        let event = random.event()
        let explanation = Explanation(subject: subject, event: event)
        #expect(explanation.decision == evaluator.decide(event))
        let deciding = explanation.covering.filter { $0.fate == .decides }
        if case .rule(let origin) = explanation.decision.decider {
          #expect(deciding.map(\.rule.origin) == [origin])
          #expect(explanation.decider?.origin == origin)
          if origin.policy.kind != .base, let decider = explanation.decider {
            let rest = Explanation(subject: without(decider, subject), event: event)
            #expect(rest.decision.decider != explanation.decision.decider, "\(event)")
          }
        } else {
          #expect(deciding.isEmpty && explanation.decider == nil)
        }
        #expect(explanation.covering.map(\.rule) == evaluator.rulesCovering(event))
        for one in explanation.covering {
          seen.insert(one.fate.name)
          check(one, explanation)
        }
        if case .posture = explanation.decision.decider {
          #expect(explanation.allowListedBy != nil)
          #expect(explanation.policyName == "DefaultPosture")
        }
      }
    }
    // Every reason comes up with the seed that is used by default.
    if random.generator.seed == 1 { #expect(seen.count == 9, "\(seen.sorted())") }
  }

  private func check(_ one: Explanation.CoveringRule, _ explanation: Explanation) {
    let (subject, event, rule) = (explanation.subject, explanation.event, one.rule)
    #expect(!one.fate.words(of: rule).isEmpty)
    func withoutDecider() -> Decision {
      explanation.decider.map { Evaluator(without($0, subject)).decide(event) } ?? explanation.decision
    }
    switch one.fate {
    case .decides: break
    case .silent:
      #expect(rule.readOnly || rule.ownerOnly)
      if rule.action != .allow { #expect(Evaluator(without(rule, subject)).decide(event) == explanation.decision) }
    case .yields(let other):
      #expect(rule.sources.isEmpty && !other.sources.isEmpty && other.action == .allow)
    case .overruled(let other):
      #expect(explanation.verdict == .block && other == explanation.decider && rule.action != .block)
    case .lessSevere(let other): #expect(other == explanation.decider && other.severity > rule.severity)
    case .later(let other):
      #expect(other == explanation.decider && other.severity == rule.severity && !(rule.origin < other.origin))
    case .reported(let other): #expect(other.action == .audit && explanation.verdict == .audit && rule.action == .allow)
    case .grantsNothing:
      #expect(rule.action == .audit && explanation.decision == Decision(.block, by: .posture(rule.resourceClass)))
    case .reportedByPosture:
      #expect(rule.action == .audit && explanation.decision == Decision(.audit, by: .posture(rule.resourceClass)))
    }
  }

  private func covers(_ sources: SourceSet, _ source: BytePath?) -> Bool {
    switch sources {
    case .any: true
    case .only(let paths): source.map(paths.contains) ?? false
    case .allBut(let paths): !(source.map(paths.contains) ?? false)
    case .programsBut(let paths): source.map { !paths.contains($0) } ?? false
    case .matching, .allButMatching: true
    }
  }

  private func covers(_ language: PathLanguage, _ path: BytePath) throws -> Bool {
    func matches(_ pattern: String) throws -> Bool {
      GlobMatcher(try Glob(Array(pattern.utf8))).matches(path.bytes)
    }
    return try language.include.contains(where: matches) && !language.except.contains(where: matches)
  }

  private static let sources: [BytePath?] =
    [nil, BytePath("/no/rule/names/it")]
    + RandomPolicy.sourcePaths.map { BytePath($0) }

  /// Who can do one thing, against asking the evaluator for every source.
  @Test func holdersAreComplete() throws {
    var random = random()
    for _ in 0..<150 {
      let subject = random.subject(maximumRules: 12)
      let table = try DecisionTable(subject)
      let evaluator = Evaluator(subject)
      for _ in 0..<8 {
        let event = random.event()
        let objects: AccessQuery.Objects
        switch event.access {
        case .path(let operation, let path): objects = .paths(operation, .literal(path))
        case .network(let socket): objects = .socket(socket)
        case .capability(let capability): objects = .capability(capability)
        case .syscall: continue
        }
        let holders = try AccessHolders(subject, table: table, AccessQuery(objects: objects))
        for source in Self.sources {
          for isOwner in [false, true] {
            let asked = Event(source: source, access: event.access, isOwner: isOwner)
            let verdict = evaluator.decide(asked).verdict
            let found = holders.entries.filter { covers($0.sources, source) && $0.owner.holds(isOwner: isOwner) }
            #expect(found.map(\.verdict) == (verdict == .block ? [] : [verdict]), "\(asked) \(found)")
          }
        }
      }
    }
  }

  /// Who can do something below a pattern, path by path.
  @Test func holdersOfPatternsAreComplete() throws {
    var random = random()
    var compared = 0
    for _ in 0..<20 {
      let subject = random.subject(maximumRules: 8)
      let table = try DecisionTable(subject)
      let evaluator = Evaluator(subject)
      let pattern = random.generator.pick(["/a/**", "/**", "/*/b*", "/{a,b}/*", "/etc/**"])
      let glob = try Glob(Array(pattern.utf8))
      let operation = random.generator.pick(PathOperation.allCases)
      let holders = try AccessHolders(
        subject,
        table: table,
        AccessQuery(objects: .paths(operation, .glob(glob)))
      )
      for _ in 0..<30 {
        let path = random.path()
        guard GlobMatcher(glob).matches(path.bytes) else { continue }
        for source in Self.sources {
          for isOwner in [false, true] {
            let event = Event(source: source, access: .path(operation, path), isOwner: isOwner)
            let verdict = evaluator.decide(event).verdict
            let found = holders.entries.filter { covers($0.sources, source) && $0.owner.holds(isOwner: isOwner) }
            guard found.allSatisfy({ $0.part?.isExact ?? true }) else { continue }
            let fitting = try found.filter { try $0.part.map { try covers($0, path) } ?? true }
            #expect(fitting.map(\.verdict) == (verdict == .block ? [] : [verdict]), "\(event) \(pattern)")
            compared += 1
          }
        }
      }
    }
    #expect(compared > 0)
  }

  /// What a person reads of a subject is what the evaluator says, event by event.
  @Test func wholeSubjectsAreTrue() throws {
    var random = random()
    var compared = 0
    for _ in 0..<20 {
      let subject = random.subject(maximumRules: 10)
      let policy = EffectivePolicy(subject, table: try DecisionTable(subject))
      let evaluator = Evaluator(subject)
      for _ in 0..<60 {
        let event = random.event()
        guard let section = policy.sections.first(where: { covers($0, event) }), section.resourceClass != .syscalls
        else {
          continue
        }
        guard let verdict = try verdict(section, event) else { continue }
        #expect(verdict == evaluator.decide(event).verdict, "\(event)")
        compared += 1
      }
    }
    #expect(compared > 0)
  }

  private func covers(_ section: EffectivePolicy.Section, _ event: Event) -> Bool {
    guard case .path(let operation, _) = event.access else {
      return section.resourceClass == event.access.resourceClass
    }
    return section.operations.contains(operation)
  }

  /// Nil where a line is not exact.
  private func verdict(_ section: EffectivePolicy.Section, _ event: Event) throws -> Verdict? {
    // A named source's own part goes before the common one.
    for part in section.parts.dropFirst().filter({ covers($0.sources, event.source) }) + section.parts.prefix(1) {
      for line in part.lines where line.owner.holds(isOwner: event.isOwner) {
        switch (line.objects, event.access) {
        case (.paths(_, let language), .path(_, let path)):
          guard language.isExact else { return nil }
          if try covers(language, path) { return line.verdict }
        case (.sockets(let cells, _), .network(let socket)):
          if cells.contains(SocketCell(socket)) { return line.verdict }
        case (.capabilities(let list), .capability(let capability)):
          if list.contains(capability) { return line.verdict }
        default: Issue.record("a line of another class")
        }
      }
    }
    return section.rest
  }
}
