import Analysis
import Foundation
import Frontend
import IR
import Testing
import _PolicyTestSupport

/// Real policies, where they are at hand, each against itself with its rules shuffled and against the next one.
@Suite struct CorpusComparisonTests {
  private static let folder: URL = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let places = ["../shared/corpus/policies", "../../shared/corpus/policies"].map {
      root.appending(path: $0).standardizedFileURL
    }
    return places.first { FileManager.default.fileExists(atPath: $0.path) } ?? root.appending(path: "no-corpus")
  }()
  private static var isThere: Bool { FileManager.default.fileExists(atPath: folder.path) }

  private static func policies() throws -> [Policy] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    let sources = try names.map {
      (name: $0, bytes: Array(try Data(contentsOf: folder.appendingPathComponent($0))))
    }
    return LoadedInput(sources).load.policies.map(\.policy)
  }

  /// All policies on one subject that none of them needs to select.
  private static func subject(_ policies: [Policy]) -> SubjectPolicy {
    SubjectPolicy(
      name: "corpus",
      subject: .selection(.nothing),
      policies: policies,
      postures: Postures(file: .block)
    )
  }

  /// The same rules in another order, numbered anew as a reader of the file would.
  private static func shuffled(_ policy: Policy, _ generator: inout SeededGenerator) -> Policy {
    var result = policy
    result.rules.shuffle(using: &generator)
    for (position, index) in result.rules.indices.enumerated() {
      let origin = result.rules[index].origin
      result.rules[index].origin = Origin(
        policy: origin.policy,
        position: position,
        path: "shuffled[\(position)]",
        location: origin.location
      )
    }
    return result
  }

  @Test(.enabled(if: isThere)) func shuffledRulesMeanTheSame() throws {
    var generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    let policies = try CorpusComparisonTests.policies()
    #expect(policies.count > 330)
    var reordered = 0
    for policy in policies {
      let shuffled = CorpusComparisonTests.shuffled(policy, &generator)
      let old = CorpusComparisonTests.subject([policy])
      let new = CorpusComparisonTests.subject([shuffled])
      let diff = try SubjectComparison(old: [policy], new: [shuffled])
        .compare(SubjectPair(name: "corpus", presence: .both, old: old, new: new))
      #expect(diff.entries.isEmpty && diff.settings.isEmpty && diff.unjudged.isEmpty, "\(policy.id)")
      #expect(diff.problem == nil)
      for edit in PolicyEdits.of(old: [policy], new: [shuffled], subjects: [diff]) {
        #expect(edit.kind == .reordered, "\(policy.id)")
        guard case .none = edit.effect else {
          Issue.record("a new order of rules means something: \(policy.id)")
          continue
        }
        reordered += 1
      }
    }
    print("CorpusComparisonTests.shuffledRulesMeanTheSame: \(policies.count) policies, \(reordered) reordered")
    #expect(reordered > 100)
  }

  @Test(.enabled(if: isThere)) func nextPolicyReplays() throws {
    let policies = try CorpusComparisonTests.policies()
    var witnesses = 0
    var different = 0
    for (policy, next) in zip(policies, policies.dropFirst()) {
      let old = CorpusComparisonTests.subject([policy])
      let new = CorpusComparisonTests.subject([next])
      let diff = try SubjectComparison(old: [policy], new: [next], searchesPatterns: false)
        .compare(SubjectPair(name: "corpus", presence: .both, old: old, new: new))
      #expect(diff.problem == nil)
      let isEqual = try DecisionTable(old).meaning == DecisionTable(new).meaning
      #expect(diff.entries.isEmpty == isEqual, "\(policy.id) and \(next.id)")
      if !isEqual { different += 1 }
      let (before, after) = (Evaluator(old), Evaluator(new))
      for entry in diff.entries {
        for witness in entry.regions.flatMap(\.witnesses) {
          witnesses += 1
          #expect(before.decide(witness.event) == witness.old && after.decide(witness.event) == witness.new)
          #expect(witness.old.verdict == entry.old && witness.new.verdict == entry.new && entry.old != entry.new)
        }
      }
    }
    print("CorpusComparisonTests.nextPolicyReplays: \(different) pairs differ, \(witnesses) witnesses")
    #expect(different > 100 && witnesses > 100)
  }
}
