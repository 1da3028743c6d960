/// The compiled matcher (`bpf/armor.bpf.c`), an ELF file for libbpf.
package enum MatcherObject {
  package static let bytes: [UInt8] = matcherText.withUTF8Buffer { digits in
    stride(from: 0, to: digits.count, by: 2).map { unsafe value(digits[$0]) << 4 | value(digits[$0 + 1]) }
  }

  private static func value(_ digit: UInt8) -> UInt8 {
    digit < UInt8(ascii: "a") ? digit &- UInt8(ascii: "0") : digit &- UInt8(ascii: "a") &+ 10
  }
}
