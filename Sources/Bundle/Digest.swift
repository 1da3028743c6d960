import Crypto
import FoundationEssentials

/// SHA-256 as 64 lower-case hexadecimal digits.
package func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

/// SHA-1 as 40 lower-case hexadecimal digits: what kernels before 6.8 state of AppArmor profiles, and for nothing else.
package func sha1(_ bytes: [UInt8]) -> String { hexadecimal(Insecure.SHA1.hash(data: bytes)) }

private func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  text.reserveCapacity(64)
  for byte in digest {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}
