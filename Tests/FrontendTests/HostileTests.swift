import Diagnostics
import Frontend
import Testing

/// Input that means harm: nothing traps, hangs or takes more than linear memory, and each limit has its own error.
@Suite struct HostileTests {
  private func codes(_ text: String, limits: Limits = Limits()) -> [String] {
    codes(Array(text.utf8), limits: limits)
  }

  private func codes(_ bytes: [UInt8], limits: Limits = Limits()) -> [String] {
    let result = Frontend.load(sources: [("x", bytes)], limits: limits)
    checkSpans(result)
    return result.diagnostics.map(\.code)
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "{", "[{a: "])
  func depth(_ opening: String) {
    #expect(!codes(String(repeating: opening, count: 100_000)).isEmpty)
  }

  @Test func depthOfFlowLists() {
    #expect(codes(String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)) == ["ARM1004"])
  }

  @Test func depthOfBlocks() {
    var text = ""
    for level in 0..<400 { text += String(repeating: " ", count: level) + "a:\n" }
    #expect(codes(text) == ["ARM1004"])
    #expect(codes(String(repeating: "a:\n ", count: 1)).isEmpty == false)
  }

  @Test func billionLaughs() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<40 {
      text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ") + "]\n"
    }
    #expect(codes(text) == ["ARM1005"])
    var merges = "a0: &a0 {x: 1}\n"
    for level in 1..<40 {
      merges += "a\(level): &a\(level)\n  k: [*a\(level - 1), *a\(level - 1)]\n  <<: [*a\(level - 1), *a\(level - 1)]\n"
    }
    #expect(codes(merges) == ["ARM1005"])
    #expect(codes("a: &a [*a]\n").contains("ARM1024"))
  }

  @Test func sizes() {
    #expect(codes("a: " + String(repeating: "x", count: 10 << 20)) == ["ARM1003"])
    #expect(codes("a: " + String(repeating: "x", count: 1 << 20)) == ["ARM1007"])
    var limits = Limits()
    limits.fileBytes = 100
    #expect(codes(String(repeating: "a", count: 101), limits: limits) == ["ARM1001"])
    limits = Limits()
    limits.documents = 3
    #expect(codes("---\na: b\n---\n---\n---\n", limits: limits) == ["ARM1002"])
    limits = Limits()
    limits.nodes = 50
    #expect(codes("[" + String(repeating: "a,", count: 60) + "]", limits: limits) == ["ARM1006"])
  }

  @Test func findingsAreCut() {
    let rules = String(repeating: "    - path: a\n", count: 5000)
    let result = codes(policy("file:\n  matchPaths:") + rules)
    #expect(result.count == Limits().findings + 1)
    #expect(result.last == "ARM1028")
  }

  @Test func manyKeysAreLinear() {
    let clock = ContinuousClock()
    var text = "a: b\n"
    for index in 0..<40_000 { text += "key\(index): value\n" }
    text += "key1: again\n"
    var found: [String] = []
    let time = clock.measure { found = codes(text) }
    #expect(found.contains("ARM1022"))
    // A guard against quadratic growth, far from the second this takes: machines are noisy.
    #expect(time < .seconds(240))
  }

  @Test func randomBytes() {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    let alphabet = Array("abc:-#[]{},'\"|>&*!%@`?\t \n\r  \n  /~<=\\é\u{85}".utf8) + [0, 0xFF, 0xC3, 0xEF, 0xBB, 0xBF]
    for round in 0..<3000 {
      let count = Int(next() % 120)
      let bytes = (0..<count).map { _ in
        round % 3 == 0 ? UInt8(truncatingIfNeeded: next()) : alphabet[Int(next() % UInt64(alphabet.count))]
      }
      _ = codes(bytes)
    }
  }

  @Test func everyPrefixAndEveryByteChanged() {
    let text = policy(
      "selector:\n  matchLabels: {app: \"wéb\"}\nfile:\n  matchPaths:\n  - path: /a # x\n    fromSource:\n"
        + "    - path: '/b'\ntags: [a, \"b\"]\nmessage: >\n  folded\n  text\n"
    )
    let bytes = Array(text.utf8)
    for end in 0...bytes.count { _ = codes(Array(bytes[..<end])) }
    for index in bytes.indices {
      for byte in [UInt8(ascii: "\t"), 0x22, 0x5B, 0x3A, 0x0A, 0x20, 0xFF, 0x7B] {
        var changed = bytes
        changed[index] = byte
        _ = codes(changed)
      }
    }
  }
}
