import Foundation
import IR
import Testing
import _PolicyTestSupport

@Suite struct SelectorTests {
  private struct RandomSelector {
    var generator: SeededGenerator

    mutating func labels(_ most: Int) -> Set<LabelPair> {
      Set((0..<Int.random(in: 0...most, using: &generator)).map { _ in label() })
    }
    mutating func label() -> LabelPair { LabelPair(generator.pick(["app", "tier"]), generator.pick(["a", "b", "c"])) }
    mutating func pods() -> PodSelector {
      let spaces: NamespaceSet =
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .all
        case 1: .one(generator.pick(["n1", "n2"]))
        case 2: NamespaceSet(included: ["n1", "n2"])
        default: NamespaceSet(excluded: [generator.pick(["n1", "n2"])])
        }
      let expressions = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
        LabelExpression(generator.chance(50) ? .in : .notIn, (0...1).map { _ in label() })
      }
      return PodSelector(
        namespaces: spaces,
        labels: labels(2),
        expressions: Set(expressions),
        containers: generator.chance(30) ? Set([generator.pick(["c1", "c2"])]) : nil
      )
    }
    /// A pod has one value per label key.
    mutating func container() -> ContainerIdentity {
      var labels: Set<LabelPair> = []
      for key in ["app", "tier"] where generator.chance(80) {
        labels.insert(LabelPair(key, generator.pick(["a", "b", "c"])))
      }
      return ContainerIdentity(
        namespace: generator.pick(["n1", "n2", "n3"]),
        labels: labels,
        container: generator.pick(["c1", "c2", "c3"])
      )
    }
  }

  /// INVARIANT: if one selector implies another, no container is matched by the first and not by the second.
  @Test func implicationIsSound() {
    var random = RandomSelector(generator: .fresh(ProcessInfo.processInfo.environment))
    print("SelectorTests.implicationIsSound seed \(random.generator.seed)")
    var implied = 0
    for _ in 0..<20_000 {
      let (a, b) = (random.pods(), random.pods())
      guard a.implies(b) else { continue }
      implied += 1
      for _ in 0..<30 {
        let container = random.container()
        #expect(!(a.matches(container) && !b.matches(container)), "\(a) implies \(b) but not for \(container)")
      }
    }
    #expect(implied > 50)
  }

  @Test func expressionsHoldTogether() {
    let selector = PodSelector(
      namespaces: .one("n"),
      expressions: [
        LabelExpression(.in, [LabelPair("app", "a"), LabelPair("app", "b")]),
        LabelExpression(.notIn, [LabelPair("tier", "x")]),
      ]
    )
    func matches(_ labels: [(String, String)]) -> Bool {
      selector.matches(
        ContainerIdentity(namespace: "n", labels: Set(labels.map { LabelPair($0.0, $0.1) }), container: "c")
      )
    }
    #expect(matches([("app", "a")]))
    #expect(matches([("app", "b"), ("tier", "y")]))
    #expect(!matches([("app", "a"), ("tier", "x")]))
    #expect(!matches([("app", "c")]))
    #expect(!matches([]))
  }
}
