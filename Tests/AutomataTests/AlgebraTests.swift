import Testing

@testable import Automata

struct AlgebraTests {
  /// All strings over `letters` of at most `length` bytes.
  static func strings(_ letters: [UInt8], _ length: Int) -> [[UInt8]] {
    var all: [[UInt8]] = [[]]
    var last = all
    for _ in 0..<length {
      last = last.flatMap { string in letters.map { string + [$0] } }
      all += last
    }
    return all
  }

  static func marked(_ random: inout Seeded) throws -> Classifier {
    try Partition.of([PartitionTests.language(&random)]).classifier
  }

  @Test("product, difference and witness agree with single strings") func pairs() throws {
    let seed = Seeded.seed
    var random = Seeded(seed)
    let strings = Self.strings(Array("/ab.c".utf8), 4)
    for _ in 0..<100 {
      let (a, b) = (try Self.marked(&random), try Self.marked(&random))
      let both = try a.product(b) { $0 * 16 + $1 }
      for string in strings { #expect(both.label(of: string) == a.label(of: string) * 16 + b.label(of: string)) }
      let difference = a.firstDifference(b)
      #expect((difference == nil) == (a == b), "ARMORC_SEED=\(seed)")
      #expect(try difference?.count == a.firstWitness(with: b) { $0 != $1 }?.count)
      if let difference {
        #expect(a.label(of: difference) != b.label(of: difference))
        #expect(!strings.contains { $0.count < difference.count && a.label(of: $0) != b.label(of: $0) })
      }
      #expect(a.isEmpty { $0 == 1 } == (a.shortestWitnesses()[1] == nil))
      #expect(try both.relabelled { $0 / 16 } == a.product(b) { left, _ in left })
    }
  }

  @Test("witnesses are shortest and carry their label") func witnesses() throws {
    let seed = Seeded.seed
    var random = Seeded(seed)
    let strings = Self.strings(Array("/ab.c".utf8), 4)
    for _ in 0..<60 {
      let languages = (0..<3).map { _ in PartitionTests.language(&random) }
      let partition = try Partition.of(languages)
      let witnesses = partition.classifier.shortestWitnesses()
      #expect(witnesses.count == partition.members.count)
      for (label, witness) in witnesses {
        #expect(partition.classifier.label(of: witness) == label)
        #expect(!strings.contains { $0.count < witness.count && partition.classifier.label(of: $0) == label })
        let first = partition.classifier.strings(ofLabel: label, limit: 5)
        #expect(first.first == witness, "ARMORC_SEED=\(seed)")
        #expect(first.allSatisfy { partition.classifier.label(of: $0) == label })
        #expect(Set(first).count == first.count)
        #expect(zip(first, first.dropFirst()).allSatisfy { $0.count <= $1.count })
        for _ in 0..<5 {
          let drawn = partition.classifier.randomString(label: label, using: &random, maxLength: 12)
          if witness.count <= 12 { #expect(drawn.map { partition.classifier.label(of: $0) } == label) }
          #expect(drawn?.count ?? 0 <= 12)
        }
        #expect(partition.classifier.randomString(label: label, using: &random, maxLength: witness.count - 1) == nil)
      }
    }
  }

  @Test("witnesses prefer letters") func readable() throws {
    let partition = try Partition.of([.absolutePath, try Glob(Array("/etc/[^a-y]*".utf8)).language])
    let label = try #require(partition.members.firstIndex(of: [0, 1]))
    #expect(partition.classifier.shortestWitnesses()[UInt32(label)] == Array("/etc/z".utf8))
    let both = partition.classifier.strings(ofLabel: UInt32(label), limit: 3).map {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(both == ["/etc/z", "/etc/za", "/etc/zc"])
  }
}
