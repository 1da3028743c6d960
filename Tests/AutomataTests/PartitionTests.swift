import Testing

@testable import Automata

struct PartitionTests {
  /// A random expression over a small alphabet.
  static func language(_ random: inout Seeded, depth: Int = 3) -> Language {
    let letters = Array("/ab.".utf8)
    switch Int.random(in: 0..<(depth == 0 ? 3 : 7), using: &random) {
    case 0: return .literal((0..<Int.random(in: 0...4, using: &random)).map { _ in letters.pick(&random) })
    case 1: return .byte(ByteSet((0..<Int.random(in: 0...3, using: &random)).map { _ in letters.pick(&random) }))
    case 2: return [.byte(.nameByte), .anyNameBytes, .anyPathBytes, .epsilon, .nothing].pick(&random)
    case 3, 4:
      return .sequence((0..<Int.random(in: 0...3, using: &random)).map { _ in language(&random, depth: depth - 1) })
    case 5: return .union((0..<Int.random(in: 0...3, using: &random)).map { _ in language(&random, depth: depth - 1) })
    default: return .star(language(&random, depth: depth - 1))
    }
  }

  @Test("equals the textbook construction") func textbook() throws {
    let seed = Seeded.seed
    var random = Seeded(seed)
    for round in 0..<300 {
      var languages = (0..<Int.random(in: 0...5, using: &random)).map { _ in Self.language(&random) }
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let text = GlobParserTests.pattern(&random)
        languages.append((try? Glob(text).language) ?? .literal(text))
        languages.append(.sequence([.literal("/ab"), Self.language(&random, depth: 2)]))
      }
      if round % 2 == 0 { languages.append(.absolutePath) }
      if let last = languages.last, round % 5 == 0 { languages.append(last) }
      let fast = try Partition.of(languages)
      let slow = try Textbook.partition(languages)
      #expect(fast == slow, "\(languages), ARMORC_SEED=\(seed)")
    }
  }

  @Test("the minimiser equals Moore's") func minimiser() {
    let seed = Seeded.seed
    var random = Seeded(seed)
    for _ in 0..<400 {
      let (count, width) = (Int.random(in: 1...30, using: &random), Int.random(in: 1...4, using: &random))
      let far = Int.random(in: 1...count, using: &random)
      let transitions = (0..<count * width).map { cell -> UInt32 in
        // Some automata are nearly acyclic, others not at all.
        let state = cell / width
        return UInt32(min(count - 1, Int.random(in: max(0, state + 1 - far)...state + far, using: &random)))
      }
      let classes = (0..<256).map { _ in UInt8.random(in: 0..<UInt8(width), using: &random) }
      let labels = (0..<count).map { _ in UInt32.random(in: 0...2, using: &random) }
      let fast = Minimizer.minimize(
        classOfByte: classes,
        byteClassCount: width,
        transitions: transitions,
        labels: labels
      )
      let slow = Textbook.minimize(
        classOfByte: classes,
        byteClassCount: width,
        transitions: transitions,
        labels: labels
      )
      #expect(fast == slow, "ARMORC_SEED=\(seed)")
    }
  }

  @Test("order of languages only renames them") func order() throws {
    var random = Seeded(1)
    let languages = (0..<6).map { _ in Self.language(&random) }
    let forth = try Partition.of(languages)
    let back = try Partition.of(languages.reversed())
    #expect(forth.classifier == back.classifier)
    #expect(forth.members == back.members.map { $0.map { languages.count - 1 - $0 }.sorted() })
  }

  @Test("blow-ups end in an answer or a named error") func blowUps() throws {
    let innocent = (0..<20).map { Language.literal("/usr/bin/tool\($0)") } + [.absolutePath]
    let marks = try (0..<16).map { try Glob(Array("/**/a\($0)/**/b\($0)".utf8)).language }
    let budget = StateBudget(states: 20_000)
    do {
      _ = try Partition.of(innocent + marks, budget: budget)
      Issue.record("expected a BudgetError")
    } catch {
      #expect(error.limit == 20_000)
      #expect(!error.culprits.isEmpty && error.culprits.count <= 8)
      #expect(error.culprits.allSatisfy { $0 >= innocent.count })
    }
    let single = try Glob(Array(("/**a" + String(repeating: "?", count: 40)).utf8)).language
    do {
      _ = try Partition.of(innocent + [single] + marks.prefix(2), budget: budget)
      Issue.record("expected a BudgetError")
    } catch {
      #expect(error.culprits == [innocent.count])
    }
    #expect(throws: BudgetError.self) { try Partition.of(innocent, budget: StateBudget(states: 5)) }
  }
}
