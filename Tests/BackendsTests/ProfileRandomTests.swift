import Automata
import Backends
import Foundation
import IR
import Runtime
import Testing
import _PolicyTestSupport

@Suite struct ProfileRandomTests {
  /// Whatever the policy: the parser takes the text, its binary says what our model says, and nothing is looser than the
  /// policy.
  @Test func randomSubjects() throws {
    let parser = AppArmorParser.locate(features: KernelFeatures.text)
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("ProfileRandomTests.randomSubjects seed \(generator.seed)")
    var random = RandomPolicy(generator)
    var counts: [String: Int] = [:]
    for index in 0..<80 {
      let subject = random.subject()
      let options = AppArmorBackend.Options(floor: index % 4 == 0 ? .runtimeDefault : .none)
      let outcome = try ProfileOutcome(subject, options)
      counts[outcome.artifact.layout.rawValue, default: 0] += 1
      if outcome.differences.isEmpty { counts["exact", default: 0] += 1 }
      for kind in Set(outcome.differences.map(\.kind)) { counts["\(kind)", default: 0] += 1 }
      let unexpected = outcome.looser.filter { !isKnown($0, outcome) }
      #expect(unexpected.isEmpty, "\(outcome.describe(unexpected))\n\(outcome.text)")
      guard let parser else { continue }
      do {
        let disagreements = try outcome.disagreements(parser)
        #expect(disagreements.isEmpty, "\(disagreements.prefix(4).joined(separator: "\n"))\n\(outcome.text)")
      } catch {
        Issue.record("\(error)\n\(outcome.text)")
      }
    }
    print(counts)
  }

  /// What AppArmor cannot do better: a union's first process has the rights of every source, and a source must be able to
  /// read the executables of its class.
  private func isKnown(_ difference: ProfileDifference, _ outcome: ProfileOutcome) -> Bool {
    if outcome.artifact.layout == .union, difference.label == [outcome.artifact.entryLabel] { return true }
    guard difference.kind == .permits, case .path(.read, let path) = difference.witness.access else { return false }
    return outcome.artifact.profiles.profiles.contains {
      difference.label.contains($0.name) && $0.sources.contains(path)
    }
  }
}
