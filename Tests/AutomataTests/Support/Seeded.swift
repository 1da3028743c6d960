import Foundation

/// A small, fast, repeatable generator (SplitMix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The seed of a run: `ARMORC_SEED`, a number or `any` for a random one, else always the same; printed with what fails.
  static var seed: UInt64 {
    let wanted = ProcessInfo.processInfo.environment["ARMORC_SEED"]
    return wanted == "any" ? UInt64.random(in: 0...999_999) : wanted.flatMap { UInt64($0) } ?? 1
  }
}

extension Array {
  func pick(_ random: inout Seeded) -> Element { self[Int.random(in: indices, using: &random)] }
}
