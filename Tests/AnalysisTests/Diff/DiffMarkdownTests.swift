import Analysis
import IR
import Testing

/// A comment that GitHub takes, that says what it leaves out, and in which nothing from input is markup.
@Suite struct DiffMarkdownTests {
  @Test(arguments: [(1_250, 4), (1, 5_000), (3, 2)])
  func staysBelowTheLimitAndCountsTheRest(subjects: Int, entries: Int) throws {
    let diff = DiffFixture.large(subjects: subjects, entries: entries)
    let text = DiffMarkdown.render(diff, sources: DiffFixture.sources, witnesses: 2)
    #expect(text.utf8.count <= 64_000)
    #expect(text.utf16.count <= 65_536)
    let total = subjects * entries
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
    #expect(rows.count >= min(total, 50))
    let rest = text.split(separator: "\n").first { $0.hasSuffix("not in this table") }
    if rows.count < total {
      #expect(rest?.hasPrefix("and \(grouped(total - rows.count)) more change") == true)
      // Whoever is left out of the details is counted too.
      let shown = text.split(separator: "\n").count { $0.hasPrefix("**🔓") || $0.hasPrefix("**🔒") }
      let inGroups = text.split(separator: "\n").filter { $0.hasPrefix("and ") && !$0.contains("table") }
      #expect(shown < total && !inGroups.isEmpty)
    } else {
      #expect(rest == nil)
    }
  }

  @Test func nothingLooserIsLeftOutBeforeSomethingTighter() {
    for limit in [4_000, 8_000, 20_000, 64_000] {
      let text = DiffMarkdown.render(
        DiffFixture.large(subjects: 9, entries: 30),
        sources: DiffFixture.sources,
        limit: limit
      )
      #expect(text.utf8.count <= limit)
      let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
      let firstTighter = rows.firstIndex { $0.contains("🔒") } ?? rows.endIndex
      #expect(rows[firstTighter...].allSatisfy { $0.contains("🔒") })
      if firstTighter < rows.endIndex { #expect(firstTighter == 135) }
      let looserDetails = text.split(separator: "\n").count { $0.hasPrefix("**🔓") }
      if text.contains("**🔒") { #expect(looserDetails == 135) }
    }
  }

  /// Even where every text is as long as it can be.
  @Test func longTextsAreCut() {
    let long = String(repeating: "|`<&@x", count: 3_000)
    var diff = DiffFixture.review
    for index in diff.subjects.indices {
      diff.subjects[index].description = long
      if diff.subjects[index].problem != nil { diff.subjects[index].problem = long }
      for entry in diff.subjects[index].entries.indices {
        for region in diff.subjects[index].entries[entry].regions.indices {
          diff.subjects[index].entries[entry].regions[region].objects = .paths(
            [.read],
            PathLanguage(include: [String](repeating: long, count: 20), isExact: false)
          )
        }
      }
    }
    for limit in [4_000, 64_000] {
      let text = DiffMarkdown.render(diff, sources: DiffFixture.sources, limit: limit)
      #expect(text.utf8.count <= limit)
      if limit == 64_000 { #expect(text.split(separator: "\n").count { $0.hasPrefix("**🔓") } == 5) }
    }
  }

  /// Outside of code and of the tags that the renderer writes itself, a trap leaves nothing behind.
  @Test func nothingFromInputIsMarkup() {
    let text = DiffMarkdown.render(DiffFixture.hostile, sources: DiffFixture.hostileSources)
    #expect(text.unicodeScalars.allSatisfy { $0.value == 0x0A || $0.value >= 0x20 && $0.value != 0x7F })
    #expect(!text.unicodeScalars.contains { [0x202E, 0x2066].contains($0.value) })
    var isFenced = false
    var depth = 0
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```diff" || line == "```" {
        isFenced = line != "```"
        continue
      }
      if isFenced {
        #expect(line.hasPrefix("- ") || line.hasPrefix("+ "), "\(line)")
        continue
      }
      let bare = withoutCode(String(line))
      for tag in ["<details>", "<summary>", "<b>", "</b>", "</summary>", "</details>", "<sub>", "</sub>", "<br>"] {
        depth += tag == "<details>" && bare.contains(tag) ? 1 : tag == "</details>" && bare.contains(tag) ? -1 : 0
      }
      let ours = ["<details><summary>", "</summary>", "</details>", "<b>", "</b>", "<sub>", "</sub>", "<br>"]
      let rest = ours.reduce(bare) { $0.split(separator: $1, omittingEmptySubsequences: false).joined() }
      if !line.hasPrefix("<!-- armorc diff -->") {
        #expect(!rest.contains("<") && !rest.contains("@") && !rest.contains("evil") && !rest.contains("]("), "\(line)")
      }
      // A cell more would be a pipe from input.
      if line.hasPrefix("| `s") { #expect(bare.count { $0 == "|" } == 6, "\(line)") }
    }
    #expect(depth == 0 && !isFenced)
  }

  @Test func equalIsOneLine() {
    let text = DiffMarkdown.render(DiffFixture.nothing, sources: DiffFixture.sources)
    #expect(
      text == """
        <!-- armorc diff -->
        ### armorc: no change in meaning: every verdict of 2 subjects stays the same

        """
    )
  }

  private func grouped(_ number: Int) -> String {
    number < 1_000 ? "\(number)" : "\(number / 1_000),\(String(String(1_000 + number % 1_000).dropFirst()))"
  }

  /// The line with its code spans and `code` elements taken out, as CommonMark finds them.
  private func withoutCode(_ line: String) -> String {
    var rest = Substring(line)
    var out = ""
    while let start = rest.firstIndex(where: { $0 == "`" || $0 == "<" }) {
      out += rest[..<start]
      rest = rest[start...]
      if rest.hasPrefix("<code>"), let end = rest.range(of: "</code>") {
        let inner = rest[..<end.lowerBound].dropFirst("<code>".count)
        if inner.contains(where: { "<>`|".contains($0) }) { out += "<not escaped>" }
        rest = rest[end.upperBound...]
      } else if rest.hasPrefix("`"), let end = rest.dropFirst().firstIndex(of: "`") {
        rest = rest[rest.index(after: end)...]
      } else {
        out.append(rest.removeFirst())
      }
    }
    return out + rest
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
