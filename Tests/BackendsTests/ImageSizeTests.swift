import Backends
import Bundle
import IR
import Testing
import _ImageTestSupport

@Suite struct ImageSizeTests {
  @Test(arguments: [10, 100, 1000]) func literalRulesFit(_ count: Int) throws {
    for perRule in [false, true] {
      let subject = literalSubject(scatteredPaths(count), perRule: perRule)
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
