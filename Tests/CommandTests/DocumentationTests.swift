import Foundation
import Testing

/// The pages that people wrote, held against the files and the command.
@Suite struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static let pages: [String] = {
    let docs = try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs").path)
    return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
      + (docs ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
  }()

  private func text(_ page: String) throws -> String {
    String(decoding: try Data(contentsOf: DocumentationTests.root.appendingPathComponent(page)), as: UTF8.self)
  }

  /// As GitHub makes them of headings.
  private func anchors(_ text: String) -> Set<String> {
    Set(
      text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
        heading.drop { $0 == "#" || $0 == " " }.lowercased()
          .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
          .replacing(" ", with: "-")
      }
    )
  }

  @Test func thePagesAreThere() {
    #expect(DocumentationTests.pages.count >= 8)
  }

  @Test(arguments: DocumentationTests.pages)
  func linksLeadSomewhere(_ page: String) throws {
    let text = try text(page)
    let folder = DocumentationTests.root.appendingPathComponent(page).deletingLastPathComponent()
    for link in text.matches(of: /\]\(([^)#]*)(?:#([^)]*))?\)/) {
      let target = String(link.1)
      if target.hasPrefix("http") { continue }
      let file =
        target.isEmpty ? DocumentationTests.root.appendingPathComponent(page) : folder.appendingPathComponent(target)
      #expect(FileManager.default.fileExists(atPath: file.path), "\(page): \(target)")
      guard let anchor = link.2 else { continue }
      let there = anchors(String(decoding: try Data(contentsOf: file), as: UTF8.self))
      #expect(there.contains(String(anchor)), "\(page): \(target)#\(anchor)")
    }
  }

  @Test func findingsThatPagesNameAreKnown() async throws {
    let list = try await Command.run(["rule"], in: Scratch()).output
    for page in DocumentationTests.pages {
      for code in try text(page).matches(of: /ARM[0-9]{4}/) { #expect(list.contains(code.0), "\(page): \(code.0)") }
    }
  }

  @Test(arguments: ["lint", "build", "verify", "diff", "explain", "simulate", "test"])
  func theGuideNamesEveryOption(_ subcommand: String) async throws {
    let guide = try text("docs/guide.md")
    let help = try await Command.run([subcommand, "--help"], in: Scratch()).output
    let options = Set(help.matches(of: /--[a-z][a-z-]+/).map { String($0.0) }).subtracting([
      "--help", "--version", "--check",
    ])
    #expect(options.count > 2)
    for option in options { #expect(guide.contains(option), "\(option)") }
  }

  /// A bad and a good page of each: `rule` knows its codes, and says so of others.
  @Test func rulePrintsPages() async throws {
    let page = try await Command.run(["rule", "ARM2006"], in: Scratch())
    #expect(page.status == 0 && page.output.hasPrefix("# ARM2006: "), "\(page.all)")
    let unknown = try await Command.run(["rule", "ARM9999"], in: Scratch())
    #expect(unknown.status == 2 && unknown.output.isEmpty, "\(unknown.all)")
  }
}
