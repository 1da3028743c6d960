import Analysis
import Foundation
import IR
import Testing

/// The HTML page: nothing from outside, nothing from input obeyed.
@Suite struct DiffPageTests {
  /// The policy of the page admits one style, by its digest.
  @Test func theDigestIsTheStyles() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/sha256sum")
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    // Well below what a pipe holds.
    try input.fileHandleForWriting.write(contentsOf: Data(DiffHTML.style.utf8))
    try input.fileHandleForWriting.close()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    let digits = Array(text.prefix(64))
    try #require(digits.count == 64)
    let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    #expect(Data(bytes).base64EncodedString() == DiffHTML.styleDigest)
  }

  @Test func nothingComesFromOutside() {
    for (_, diff, sources) in DiffGoldenTests.diffs {
      let page = DiffHTML.render(diff, sources: sources)
      #expect(page.contains("default-src 'none'"))
      #expect(
        !page.contains("<script") && !page.contains("<img") && !page.contains("<link") && !page.contains(" style=")
      )
      let links = page.components(separatedBy: "href=\"").dropFirst()
      #expect(links.allSatisfy { $0.hasPrefix("#") })
    }
  }

  /// Every tag is closed in order, every attribute quoted, and every tag is one that the renderer writes.
  @Test func pagesAreWellFormed() throws {
    let known: Set = [
      "html", "head", "meta", "title", "style", "body", "a", "header", "div", "p", "b", "code", "h1", "svg", "rect",
      "ul",
      "li", "span", "nav", "main", "section", "h2", "h3", "h4", "details", "summary", "ol", "article", "pre", "footer",
      "br",
    ]
    for (name, diff, sources) in DiffGoldenTests.diffs + [
      ("large", DiffFixture.large(subjects: 3, entries: 60), DiffFixture.sources)
    ] {
      let page = DiffHTML.render(diff, sources: sources).replacing(DiffHTML.style, with: "")
      #expect(page.unicodeScalars.allSatisfy { $0.value == 0x0A || $0.value >= 0x20 && $0.value != 0x7F }, "\(name)")
      var open: [String] = []
      for piece in page.components(separatedBy: "<").dropFirst(2) {
        let end = try #require(piece.firstIndex(of: ">"), "\(name): \(piece)")
        let tag = piece[..<end]
        #expect(piece[piece.index(after: end)...].allSatisfy { $0 != ">" }, "\(name): \(piece)")
        #expect(tag.count { $0 == "\"" }.isMultiple(of: 2), "\(name): \(tag)")
        let word = String(tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber })
        #expect(known.contains(word), "\(name): \(tag)")
        if tag.hasPrefix("/") {
          #expect(open.popLast() == word, "\(name): \(tag)")
        } else if !["meta", "br", "rect"].contains(word) {
          open.append(word)
        }
      }
      #expect(open.isEmpty, "\(name): \(open)")
      let identifiers = page.components(separatedBy: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
      #expect(Set(identifiers).count == identifiers.count)
    }
  }

  @Test func nothingIsLeftOut() {
    let page = DiffHTML.render(DiffFixture.large(subjects: 5, entries: 100), sources: DiffFixture.sources)
    #expect(page.components(separatedBy: "<article").count == 501)
  }
}
