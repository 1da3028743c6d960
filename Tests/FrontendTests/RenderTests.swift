import Diagnostics
import Foundation
import Testing

@Suite struct RenderTests {
  private func map(_ text: String) -> SourceMap { SourceMap([SourceFile(name: "a.yaml", bytes: Array(text.utf8))]) }
  private func span(_ start: Int, _ end: Int) -> Span {
    Span(file: FileID(index: 0), start: UInt32(start), end: UInt32(end))
  }

  @Test func textShowsLineCaretsLabelsNotesAndFixes() {
    let finding = Diagnostic(
      "ARM1000",
      .error,
      "wrong 'x'",
      at: span(3, 4),
      caption: "here",
      labels: [Label(span(15, 16), "there")],
      notes: ["expected y"],
      fixes: [FixIt("write 'y'", span: span(3, 4), replacement: "y", applicability: .safe)]
    )
    let expected = """
      error[ARM1000]: wrong 'x'
       --> a.yaml:1:4
        |
      1 | a: x
        |    ^ here
      ...
      4 | b: z
        |    - there
        |
        = note: expected y
        = help: write 'y'

      1 error in 1 file

      """
    #expect(TextRenderer().render([finding], map("a: x\n# 1\n#2\nb: z\n")) == expected)
  }

  @Test func caretsStandUnderWideTabbedAndControlText() {
    let text = "\t日本\u{7}\u{301}: bad"
    let start = Array(text.utf8).count - 3
    let finding = Diagnostic("ARM1000", .warning, "m", at: span(start, start + 3))
    let lines = TextRenderer().render(finding, map(text)).split(separator: "\n")
    #expect(lines[3].contains("→   日本\\x07\u{301}"))
    // Arrow 4, two wide characters 4, escape 4, combining mark 0, colon and blank 2.
    #expect(lines[4].hasSuffix("| " + String(repeating: " ", count: 14) + "^^^"))
    #expect(!TextRenderer().render(finding, map("\u{1B}[31m" + text)).contains("\u{1B}"))
    #expect(TextRenderer(colour: true).render(finding, map(text)).contains("\u{1B}[33;1m"))
  }

  @Test func longLinesAreCutAroundTheSpan() {
    let text = String(repeating: "a", count: 100_000) + "BAD" + String(repeating: "b", count: 100_000)
    let finding = Diagnostic("ARM1000", .error, "m", at: span(100_000, 100_003))
    let lines = TextRenderer(width: 80).render(finding, map(text)).split(separator: "\n")
    #expect(lines[3].count < 110)
    let caret = lines[4].distance(from: lines[4].startIndex, to: lines[4].firstIndex(of: "^") ?? lines[4].startIndex)
    let shown = lines[3].range(of: "BAD").map { lines[3].distance(from: lines[3].startIndex, to: $0.lowerBound) }
    #expect(shown == caret)
  }

  @Test func orderIsByFileOffsetAndCode() {
    let findings = [
      Diagnostic("ARM1002", .error, "b", at: span(1, 2)), Diagnostic("ARM1001", .error, "a", at: span(1, 2)),
      Diagnostic("ARM1003", .note, "c", at: span(0, 1)), Diagnostic("ARM1004", .warning, "d", at: nil),
    ]
    #expect(findings.inOrder().map(\.message) == ["d", "c", "a", "b"])
    #expect(findings.inOrder() == Array(findings.reversed()).inOrder())
    #expect(Summary(findings, files: 1).text == "2 errors, 1 warning, 1 note in 1 file")
    #expect(ConciseRenderer.render(Array(findings.prefix(1)), map("ab")) == "a.yaml:1:2: error[ARM1002] b\n")
  }

  @Test func jsonIsReadByAnotherParser() throws {
    let message = "quote \" backslash \\ newline \n nul \0 \u{2028} 😀 \u{7F}"
    let finding = Diagnostic("ARM1000", .error, message, at: span(2, 4), labels: [Label(span(0, 1), "l")])
    let text = JSONRenderer.render([finding], map("é: x\n"))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["version"] as? Int == 1)
    let findings = try #require(object["findings"] as? [[String: Any]])
    #expect(findings[0]["message"] as? String == message)
    let place = try #require(findings[0]["span"] as? [String: Any])
    #expect(place["start"] as? Int == 2)
    #expect(place["column"] as? Int == 2)
    #expect(JSONValue.bytes([0x61, 0xFF]).text() == "\"a\u{FFFD}\"")
    #expect(JSONValue.object([("b", .array([])), ("a", .null)]).text(indent: 2) == "{\n  \"b\": [],\n  \"a\": null\n}")
  }

  @Test func linesEndWithAnyBreak() {
    let file = SourceFile(name: "x", bytes: Array("a\r\nb\rc\nd".utf8))
    #expect((1...4).map { String(decoding: file.line($0), as: UTF8.self) } == ["a", "b", "c", "d"])
    #expect(file.position(of: 7) == LineColumn(line: 4, column: 1))
    #expect(file.position(of: 4_000_000_000) == LineColumn(line: 4, column: 2))
  }
}
