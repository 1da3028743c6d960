import Backends
import Diagnostics
import Foundation
import Frontend
import IR
import Runtime
import Testing

/// Every policy file of the corpus, where it is at hand (`../shared`): built or refused for a reason, taken by the parser,
/// and proved.
@Suite struct CorpusProfileTests {
  private static let shared = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")

  @Test func everyPolicyIsBuiltAndProved() throws {
    let root = Self.shared.appending(path: "corpus/policies")
    guard let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil) else { return }
    let files = walk.compactMap { $0 as? URL }.filter { ["yaml", "yml"].contains($0.pathExtension) }
      .sorted { $0.path < $1.path }
    guard !files.isEmpty, let parser = AppArmorParser.locate(features: KernelFeatures.text) else {
      print("CorpusProfileTests: no corpus beside the project or no apparmor_parser; nothing was built")
      return
    }
    var tally: [String: Int] = [:]
    for file in files {
      let loaded = Frontend.load(sources: [(name: file.lastPathComponent, bytes: Array(try Data(contentsOf: file)))])
      let sound = loaded.policies.map(\.policy).filter { !$0.isIncomplete }
      if sound.count < loaded.policies.count || loaded.policies.isEmpty {
        // Refused: the reason is an error on a line of the file.
        #expect(loaded.hasErrors || loaded.policies.isEmpty, "\(file.lastPathComponent)")
        tally["refused", default: 0] += 1
      }
      for subject in Resolution(policies: sound, context: loaded.clusterContext()).subjects {
        let build = try SubjectBuild(subject)
        let text = build.apparmor.text.bytes
        _ = try parser.compile(text)
        let verification = try AppArmorVerification(
          compiled: try parser.compile(AppArmorVerification.withoutNative(text, subject)),
          enter: build.apparmor.entryLabel,
          subject: subject,
          table: build.table,
          floor: .runtimeDefault,
          model: build.differences
        )
        let first = verification.undeclared.first.map { "\($0)" } ?? ""
        #expect(verification.undeclared.isEmpty, "\(file.lastPathComponent): \(first)")
        tally["proved", default: 0] += verification.undeclared.isEmpty ? 1 : 0
        for rule in build.exactness { tally[rule.label.rawValue, default: 0] += 1 }
      }
    }
    print("CorpusProfileTests: \(files.count) files, \(tally.sorted { $0.key < $1.key })")
    #expect(tally["proved", default: 0] > 300)
  }
}
