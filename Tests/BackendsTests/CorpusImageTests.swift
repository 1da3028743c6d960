import Backends
import Bundle
import Foundation
import Frontend
import IR
import Runtime
import Testing

/// Every policy file of the corpus, where it is at hand (`../shared`): its map images are read back and proved, and
/// where `bpf()` is permitted the compiled matcher answers by them for a witness of every cell.
@Suite struct CorpusImageTests {
  private static let shared = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")

  @Test func everyImageIsProved() throws {
    let root = Self.shared.appending(path: "corpus/policies")
    let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    let files = (walk?.compactMap { $0 as? URL } ?? []).filter { ["yaml", "yml"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
    guard !files.isEmpty else {
      print("CorpusImageTests: no corpus beside the project; nothing was built")
      return
    }
    var sizes: [Int] = []
    var tally: [String: Int] = [:]
    var matcher = CompiledMatcher.isPermitted ? try CompiledMatcher() : nil
    var asked = 0
    for file in files {
      let loaded = Frontend.load(sources: [(name: file.lastPathComponent, bytes: Array(try Data(contentsOf: file)))])
      let sound = loaded.policies.map(\.policy).filter { !$0.isIncomplete }
      for subject in Resolution(policies: sound, context: loaded.clusterContext()).subjects {
        let table = try DecisionTable(subject)
        let built = try SubjectImage(subject, table)
        let image = try ImageReader.read(built.artifact.bytes)
        let proof = try ImageVerification(
          image,
          table,
          subject: subject.name,
          presets: subject.decidingPresets
        )
        #expect(proof.isProved, "\(file.lastPathComponent): \(proof.differences) \(proof.defects)")
        if var one = matcher.take() {
          let run = try ProgramVerification(image, proof.witnesses, generated: 100, seed: 1, using: &one)
          #expect(run.agrees, "\(file.lastPathComponent): \(run.differences)")
          asked += run.witnesses + run.generated
          matcher = consume one
        }
        sizes.append(built.artifact.imageBytes)
        for rule in built.exactness { tally[rule.label.rawValue, default: 0] += 1 }
      }
    }
    sizes.sort()
    print(
      "CorpusImageTests: \(sizes.count) images of \(files.count) files proved, \(tally.sorted { $0.key < $1.key }); bytes: "
        + "median \(sizes[sizes.count / 2]), 90 % below \(sizes[sizes.count * 9 / 10]), largest \(sizes.last ?? 0); "
        + "\(asked) questions to the compiled matcher"
    )
    #expect((asked > 100_000) == CompiledMatcher.isPermitted)
    #expect(sizes.count > 300)
  }
}
