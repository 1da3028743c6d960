import Automata
import Backends
import Foundation
import Testing
import _PolicyTestSupport

/// The decoder reads whatever it is given and never traps, hangs or grows.
@Suite struct CompiledHostileTests {
  /// Decodes; if that works, asks everything that can be asked. Returns whether it worked.
  private func survives(_ bytes: [UInt8], deep: Bool) -> Bool {
    guard let profiles = try? CompiledPolicy.decode(bytes) else { return false }
    for profile in profiles {
      for name in ["", "/", "/etc/secret", "/bin/S"] { _ = profile.filePermissions(Array(name.utf8)) }
      _ = profile.allowsLink(name: Array("/a".utf8), target: Array("/x".utf8), owner: true)
      _ = profile.attaches(to: Array("/bin/S".utf8))
      _ = profile.allowsSocket(family: 2, type: 1)
      _ = profile.policyDBPermissions(prefix: [7, 0, 1])
      guard deep else { continue }
      let (classifier, records) = profile.fileClassifier()
      for name in ["", "/", "/etc/secret", "/bin/S", "x\u{0}y"].map({ Array($0.utf8) }) {
        let expected = profile.filePermissions(name).effective
        #expect(records[Int(classifier.label(of: name))] == expected)
      }
      _ = profile.fileClassifier(.namesAndPairs)
    }
    return true
  }

  @Test func everyTruncation() {
    let bytes = GoldenPolicy.bytes
    // The first profile is a stream of its own.
    let whole = [0, 1330, bytes.count]
    for length in 0...bytes.count {
      #expect(survives(Array(bytes[..<length]), deep: false) == whole.contains(length), "\(length) bytes")
    }
  }

  @Test func randomMutations() {
    let environment = ProcessInfo.processInfo.environment
    var random = SeededGenerator.fresh(environment)
    // 0.7 ms each in a debug build; 200,000 have been run.
    let rounds = environment["ARMORC_ROUNDS"].flatMap { Int($0) } ?? 6_000
    print("compiled policy mutations: \(rounds) with ARMORC_SEED=\(random.seed)")
    let original = GoldenPolicy.bytes
    let interesting: [UInt8] = [0, 1, 2, 4, 5, 6, 7, 8, 11, 12, 0x7f, 0x80, 0xff]
    // Where the structure is; the empty halves of the comb are hit by the other half of the mutations.
    let structure = original.indices.filter { original[$0] != 0 }
    var accepted = 0
    for round in 0..<rounds {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let position = random.chance(50) ? random.pick(structure) : Int.random(in: bytes.indices, using: &random)
        guard position < bytes.count else { continue }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: bytes[position] = random.pick(interesting)
        case 4..<7: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 7: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 8: bytes.insert(random.pick(interesting), at: position)
        default: bytes.remove(at: position)
        }
      }
      if survives(bytes, deep: round % 64 == 0) { accepted += 1 }
    }
    // Otherwise the mutations do not get past the first checks, and the test is worth nothing.
    #expect(accepted > rounds / 20)
  }

  /// Two states whose default is the other, both differential: the kernel refuses them, a walk would not end.
  @Test func differentialCycles() throws {
    let bytes = GoldenPolicy.bytes
    let magic = try #require(
      (0..<bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual([0x1b, 0x5e, 0x78, 0x3d]) }
    )
    // The policy database of the first profile: 3 states; flags at 12, BASE at 72, DEF at 96 of the automaton.
    func patched(_ changes: [Int: UInt8]) -> [UInt8] {
      var result = bytes
      for (offset, byte) in changes { result[magic + offset] = byte }
      return result
    }
    let base = 72 + 12
    let fallback = 96 + 12
    #expect(survives(patched([13: 1]), deep: true))
    // A chain 1 -> 0 that ends is fine.
    #expect(survives(patched([13: 1, base + 4: 0x80]), deep: true))
    for (cycle, message) in [
      ([13: 1, base + 8: 0x80, fallback + 5: 2], "has no end"),
      ([13: 1, base + 4: 0x80, fallback + 3: 2, base + 8: 0x80, fallback + 5: 1], "has no end"),
      ([base + 8: 0x80, fallback + 5: 1], "the header does not say so"),
      ([base + 8: 0x20], "out-of-band"),
      ([base + 8: 0x40], "unknown flags"),
      ([fallback + 5: 3], "out of range"),
      ([base + 11: 1], "out of range"),
      ([24 + 12: 1], "trap state"),
    ] as [([Int: UInt8], String)] {
      do throws(CompiledPolicyError) {
        _ = try CompiledPolicy.decode(patched(cycle))
        Issue.record("accepted: \(message)")
      } catch {
        #expect(error.message.contains(message))
        #expect(error.offset == magic)
      }
    }
  }
}
