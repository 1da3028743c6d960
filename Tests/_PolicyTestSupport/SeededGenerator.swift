/// SplitMix64: small, fast, and the same on every machine, so that a printed seed replays a failure.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  package let seed: UInt64
  private var state: UInt64
  /// Bytes that are handed out first, so that a fuzzer can steer the choices.
  private var tape: ArraySlice<UInt8>

  package init(seed: UInt64, tape: [UInt8] = []) {
    self.seed = seed
    self.tape = tape[...]
    state = seed
  }

  /// The seed of `ARMORC_SEED`: a number, or `any` for a random one; without it the same seed in every run, so that a red
  /// run is the fault of what changed. `make fuzz` looks further. Printed by the caller.
  package static func fresh(_ environment: [String: String]) -> SeededGenerator {
    let wanted = environment["ARMORC_SEED"]
    return SeededGenerator(seed: wanted == "any" ? UInt64.random(in: 0 ... .max) : wanted.flatMap { UInt64($0) } ?? 1)
  }

  package mutating func next() -> UInt64 {
    // One byte decides in the high bits, where `Int.random` looks first.
    if let byte = tape.popFirst() { return UInt64(byte) << 56 | UInt64(byte) << 24 | UInt64(byte) }
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  package mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  package mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &self)]
  }
}
