import Analysis
import Diagnostics
import Foundation
import Testing

/// A rule cannot exist unregistered, and its page cannot differ from it.
@Suite struct RegistryTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test func everyFileIsRegistered() throws {
    let folder = RegistryTests.root.appendingPathComponent("Sources/Analysis/Lint/Rules")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
    let registered = Lint.rules.map { "\($0)" }
    #expect(files.map { String($0.dropLast(6)) }.sorted() == registered.sorted())
    #expect(Lint.rules.map { $0.page.name } == registered)
  }

  @Test func codesAreUniqueAndSorted() {
    let codes = Lint.pages.map(\.id)
    #expect(codes == Set(codes).sorted())
    #expect(codes.allSatisfy { $0.hasPrefix("ARM2") && $0.utf8.count == 7 })
  }

  @Test func pagesAreComplete() {
    for page in Lint.pages {
      #expect(!page.summary.isEmpty && !page.summary.hasSuffix(".") && !page.why.isEmpty && !page.fix.isEmpty)
      // The one defect that no short text shows is size.
      if page.id != "ARM2015" { #expect(!page.bad.isEmpty && !page.good.isEmpty, "\(page.id)") }
    }
  }

  /// `RECORD=1` writes the pages, and fails.
  @Test func pagesInTheTree() throws {
    let folder = RegistryTests.root.appendingPathComponent("docs/rules")
    for file in RulePages(Lint.pages).files where file.name != "README.md" {
      let place = folder.appendingPathComponent(file.name)
      if ProcessInfo.processInfo.environment["RECORD"] == "1" {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(file.text.utf8).write(to: place)
        Issue.record("wrote \(file.name)")
        continue
      }
      let found = (try? String(contentsOf: place, encoding: .utf8)) ?? ""
      #expect(found == file.text, "docs/rules/\(file.name) differs; 'make docs' writes it")
    }
  }

  @Test func markersAreStripped() {
    let example = RuleExample("a: 1️⃣x\nb: 2️⃣é 3\n")
    #expect(example.text == "a: x\nb: é 3\n")
    #expect(example.markers == [3, 8])
  }
}
