import Analysis
import Automata
import Foundation
import IR
import Testing
import _PolicyTestSupport

/// Random pairs of subjects, and pairs that are edits of each other, held against tables, automata and the evaluator.
@Suite struct SubjectComparisonTests {
  private static let environment = ProcessInfo.processInfo.environment
  /// Per pair: 100,000 with `ARMORC_FULL=1` (`make test-full`).
  private static let eventCount = environment["ARMORC_FULL"] == "1" ? 100_000 : 400

  private static func random(_ name: String) -> RandomPolicy {
    let generator = SeededGenerator.fresh(environment)
    print("SubjectComparisonTests.\(name) seed \(generator.seed)")
    return RandomPolicy(generator)
  }

  /// 300 pairs: *equal* is said exactly when the two independent tables are byte-equal and no event differs; all
  /// witnesses differ as they say; the regions are the whole difference.
  @Test func regionsAreTheDifference() throws {
    var random = SubjectComparisonTests.random("regionsAreTheDifference")
    // Of their own, so that the pairs are the same however many events there are.
    var events = RandomPolicy(SeededGenerator(seed: random.generator.next()))
    let memo = GlobMemo()
    var (equal, different, found) = (0, 0, 0)
    for round in 0..<300 {
      let old = random.subject()
      let new = round % 3 == 0 ? random.subject() : random.edited(old)
      let proof = try ComparisonProof(old, new)
      #expect(proof.diff.problem == nil)
      #expect(proof.diff.entries.isEmpty == proof.isEqual, "\(proof.pair)")
      if proof.isEqual { equal += 1 } else { different += 1 }
      proof.checkWitnesses()
      try proof.checkWhole()
      if sample(proof, &events, memo) > 0 { found += 1 }
    }
    print(
      "SubjectComparisonTests.regionsAreTheDifference: \(equal) equal, \(different) different (\(found) by an event), "
        + "\(SubjectComparisonTests.eventCount) events for each"
    )
    #expect(equal > 20 && different > 100)
  }

  /// Directories times names of files are places of their own: too many end with the rules that are to blame.
  @Test func placesAreCounted() throws {
    func rules(_ action: Action) -> [Rule] {
      (0..<40).flatMap { number -> [Rule] in
        let folder = BytePath("/srv/d\(number)") ?? .root
        let sets: [PathSet] = [
          .directory(folder, recursive: true, includesSelf: false), .basename(Array("tool\(number)".utf8)),
        ]
        return sets.enumerated().map { half, set in
          Rule(
            target: .process(set),
            action: action,
            origin: Origin(
              policy: PolicyID(kind: .pod, namespace: "shop", name: "places"),
              position: 2 * number + half,
              path: "spec.process",
              location: Location(file: "places.yaml", line: 1, column: 1)
            )
          )
        }
      }
    }
    func diff(_ budget: TableBudget) throws -> SubjectDiff {
      let sides = [Action.block, .audit].map { action in
        let policy = Policy(
          id: PolicyID(kind: .pod, namespace: "shop", name: "places"),
          selector: .nothing,
          rules: rules(action),
          location: Location(file: "places.yaml", line: 1, column: 1)
        )
        return SubjectPolicy(
          name: "places",
          subject: .selection(.nothing),
          policies: [policy],
          postures: Postures(file: .block)
        )
      }
      return try SubjectComparison(old: sides[0].policies, new: sides[1].policies, budget: budget)
        .compare(SubjectPair(name: "places", presence: .both, old: sides[0], new: sides[1]))
    }
    #expect(try diff(TableBudget(states: StateBudget(states: 1_000))).problem != nil)
    #expect(try diff(TableBudget()).problem == nil)
  }

  /// What is printed of a region is what it is.
  @Test func patternsAreTheRegions() throws {
    var random = SubjectComparisonTests.random("patternsAreTheRegions")
    var (exact, searched) = (0, 0)
    for round in 0..<120 {
      let old = random.subject()
      let new = round % 3 == 0 ? random.subject() : random.edited(old)
      exact += try ComparisonProof(old, new).checkPatterns()
      if round % 10 == 0 { searched += try ComparisonProof(old, new, searchesPatterns: true).checkPatterns() }
    }
    print("SubjectComparisonTests.patternsAreTheRegions: \(exact) exact by their own sets, \(searched) by search")
    #expect(exact > 100 && searched > 10)
  }

  /// Random events through both evaluators; the tables say the same.
  /// - Returns: how many verdicts differ.
  private func sample(_ proof: ComparisonProof, _ random: inout RandomPolicy, _ memo: GlobMemo) -> Int {
    let before = Evaluator(proof.pair.old, holds: memo.holds)
    let after = Evaluator(proof.pair.new, holds: memo.holds)
    var different = 0
    for _ in 0..<SubjectComparisonTests.eventCount {
      let event = random.event()
      let differs = before.decide(event).verdict != after.decide(event).verdict
      if differs { different += 1 }
      if differs, proof.diff.entries.isEmpty { Issue.record("equal, but \(event) differs\n\(proof.pair)") }
      if differs != proof.differs(event) { Issue.record("the tables are wrong on \(event)\n\(proof.pair)") }
    }
    return different
  }

  /// The order of rules and policies is no difference, nor is who wrote what with which words.
  @Test func wordingIsNoDifference() throws {
    var random = SubjectComparisonTests.random("wordingIsNoDifference")
    for _ in 0..<100 {
      let old = random.subject(maximumRules: 12)
      var new = old
      for index in new.policies.indices {
        new.policies[index].rules.shuffle(using: &random.generator)
        for rule in new.policies[index].rules.indices { new.policies[index].rules[rule].message = "other" }
      }
      let diff = try SubjectComparison(old: old.policies, new: new.policies)
        .compare(SubjectPair(name: "random", presence: .both, old: old, new: new))
      #expect(diff.entries.isEmpty && diff.settings.isEmpty && diff.unjudged.isEmpty && diff.problem == nil)
    }
  }
}

extension RandomPolicy {
  /// A copy with one to three edits such as people make.
  mutating func edited(_ subject: SubjectPolicy) -> SubjectPolicy {
    var result = subject
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let index = Int.random(in: 0..<result.policies.count, using: &generator)
      var rules = result.policies[index].rules
      defer { result.policies[index].rules = rules }
      guard !rules.isEmpty else { continue }
      let place = Int.random(in: 0..<rules.count, using: &generator)
      switch Int.random(in: 0..<10, using: &generator) {
      case 0: rules.remove(at: place)
      case 1: rules[place].action = generator.pick(Action.allCases)
      case 2: rules[place].readOnly.toggle()
      case 3: rules[place].ownerOnly.toggle()
      case 4:
        let path = BytePath(generator.pick(RandomPolicy.sourcePaths)) ?? .root
        rules[place].sources = rules[place].sources.isEmpty ? [.literal(path)] : []
      case 5: rules.shuffle(using: &generator)
      case 6: rules.append(rule(policy: result.policies[index].id, position: rules.count))
      case 7:
        result.postures.file = generator.pick(Posture.allCases)
        result.postures.network = generator.pick(Posture.allCases)
      case 8: rules[place].severity += 1
      default: result.base = result.base == nil ? .runtimeV1 : nil
      }
      // Only files have `readOnly`, only files and programs `ownerOnly`; system calls are audited.
      for number in rules.indices {
        switch rules[number].target {
        case .file: continue
        case .process: rules[number].readOnly = false
        default: (rules[number].readOnly, rules[number].ownerOnly) = (false, false)
        }
        if rules[number].resourceClass == .syscalls { rules[number].action = .audit }
      }
    }
    return result
  }
}
