import Analysis
import Diagnostics
import Foundation
import Frontend
import IR
import Testing

/// The rules on real policies, where they are at hand. `LINT_REPORT=FILE` writes what is found, for people.
@Suite struct CorpusLintTests {
  private static let folder: URL = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let places = ["../shared/corpus/policies", "../../shared/corpus/policies"].map {
      root.appending(path: $0).standardizedFileURL
    }
    return places.first { FileManager.default.fileExists(atPath: $0.path) } ?? root.appending(path: "no-corpus")
  }()
  private static var isThere: Bool { FileManager.default.fileExists(atPath: folder.path) }

  private static func sources() throws -> [(name: String, bytes: [UInt8])] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted()
    return try names.map { ($0, Array(try Data(contentsOf: folder.appendingPathComponent($0)))) }
  }

  @Test(.enabled(if: isThere)) func findings() throws {
    let loaded = LoadedInput(try CorpusLintTests.sources())
    let pass = LintPass(loaded.input)
    let findings = Lint.check(pass)
    #expect(pass.overBudget == [])
    // Every finding points into a file.
    for finding in findings {
      guard let span = finding.span else {
        Issue.record("no place for \(finding.message)")
        continue
      }
      #expect(Int(span.end) <= loaded.load.sourceMap[span.file].bytes.count && span.start < span.end)
    }
    // Read by hand: these are what is wrong there, and no error is a false one.
    let errors = Dictionary(grouping: findings.filter { $0.severity == .error }, by: \.code).mapValues(\.count)
    #expect(errors == ["ARM2007": 8, "ARM2008": 77, "ARM2009": 2, "ARM2010": 7])
    if let file = ProcessInfo.processInfo.environment["LINT_REPORT"] {
      try Data(TextRenderer().render(findings, loaded.load.sourceMap).utf8).write(to: URL(fileURLWithPath: file))
    }
  }

  /// The same findings again, byte for byte.
  @Test(.enabled(if: isThere)) func isDeterministic() throws {
    let sources = try CorpusLintTests.sources().filter { $0.name.hasPrefix("KubeArmor/examples") }
    func text(_ sources: [(name: String, bytes: [UInt8])]) -> [String] {
      let loaded = LoadedInput(sources)
      return Lint.check(loaded.input).map { TextRenderer().render($0, loaded.load.sourceMap) }
    }
    let first = text(sources)
    #expect(!first.isEmpty && text(sources) == first)
  }
}
