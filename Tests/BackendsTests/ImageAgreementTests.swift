import Backends
import Bundle
import Foundation
import IR
import Testing
import _ImageTestSupport
import _PolicyTestSupport

@Suite struct ImageAgreementTests {
  /// Evaluator, decision table and image say the same of random events: the verdict, and what an alert tells of the rule.
  /// ARMORC_FULL=1 runs a million pairs.
  @Test func agreesOnRandomPairs() throws {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("ImageAgreementTests.agreesOnRandomPairs seed \(generator.seed)")
    let pairs = ProcessInfo.processInfo.environment["ARMORC_FULL"] == nil ? 40_000 : 1_000_000
    var random = RandomPolicy(generator)
    var hashed = 0
    for _ in 0..<pairs / 400 {
      let subject = random.subject()
      let rules = subject.rules
      let table = try DecisionTable(subject)
      let evaluator = Evaluator(subject)
      let image = try ImageReader.read(BPFBackend.emit(subject, table).bytes)
      let proof = try ImageVerification(image, table, subject: subject.name)
      #expect(proof.isProved, "\(proof.differences) \(proof.defects)\n\(subject)")
      let key = random.generator.next()
      let loaded = try #require(KernelImage(image, generation: 7, key: key))
      for _ in 0..<400 {
        let event = random.event()
        let decision = evaluator.decide(event)
        #expect(table.decide(event) == decision, "\(event)\n\(subject)")
        #expect(image.decide(event) == inRecords(decision, rules), "\(event)\n\(subject)")
        if let source = event.source {
          // By hash as by bytes, for whatever is named.
          let found = loaded.classes(ofHash: KernelImage.hash(source.bytes, key: key))
          if image.sources.contains(source) {
            #expect(found == image.classes(of: source))
            hashed += 1
          } else {
            #expect(found == nil)
            #expect(image.classes(of: source).source == 0)
          }
        }
      }
    }
    print("ImageAgreementTests: \(pairs) pairs, \(hashed) sources found by hash")
    #expect(hashed > pairs / 20)
  }
}
