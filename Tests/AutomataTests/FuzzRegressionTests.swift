import Automata
import Foundation
import Testing
import _PolicyTestSupport

struct FuzzRegressionTests {
  @Test("inputs that once failed, and seeds") func replay() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Fuzz/Regressions/FuzzGlob")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    for file in files {
      #expect(GlobCheck.failure(of: [UInt8](try Data(contentsOf: file))) == nil, "\(file.lastPathComponent)")
    }
  }

  @Test("random inputs") func random() {
    let seed = Seeded.seed
    var random = Seeded(seed)
    for _ in 0..<200 {
      let text = GlobParserTests.pattern(&random)
      let string = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
      let input = [UInt8(text.count)] + text + [UInt8(ascii: "/")] + string
      #expect(GlobCheck.failure(of: input) == nil, "ARMORC_SEED=\(seed)")
    }
  }
}
