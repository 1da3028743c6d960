import Bundle
import IR
import Testing

@testable import Backends

@Suite struct ImageSizeTests {
  /// Paths that share neither beginnings nor ends.
  private func paths(_ count: Int) -> [String] {
    var state: UInt64 = 1
    return (0..<count).map { number in
      var tail = ""
      for _ in 0..<40 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        tail.unicodeScalars.append(Unicode.Scalar(UInt8(ascii: "a") + UInt8((state >> 33) % 26)))
      }
      return "/srv/\(number)/\(tail)"
    }
  }

  @Test(arguments: [10, 100, 1000]) func literalRulesFit(_ count: Int) throws {
    for perRule in [false, true] {
      let subject = literalSubject(paths(count), perRule: perRule)
      let table = try DecisionTable(subject)
      let artifact = try BPFBackend.emit(subject, table)
      let image = try ImageReader.read(artifact.bytes)
      print(
        "ImageSizeTests: \(count) literals, \(perRule ? "a policy each" : "one policy"): \(artifact.imageBytes) bytes, "
          + "tier \(artifact.tier), \(artifact.states) states in \(artifact.slots) slots"
      )
      #expect(try ImageVerification(image, table, subject: subject.name).isProved)
      #expect(artifact.records == (perRule ? count : 1))
      // Nearly every slot is used.
      #expect(artifact.slots < artifact.states * 5 / 2 + 300)
    }
  }
}
