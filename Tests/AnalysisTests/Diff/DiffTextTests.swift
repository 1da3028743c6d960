import Analysis
import IR
import Testing

/// The terminal text: it answers first, folds, counts what it folds away, and lets no input reach the terminal.
@Suite struct DiffTextTests {
  @Test(arguments: [40, 60, 80, 120, 200]) func foldsToTheWidth(width: Int) {
    for diff in [DiffFixture.review, DiffFixture.silent, DiffFixture.large(subjects: 2, entries: 50)] {
      let text = DiffText.render(diff, sources: DiffFixture.sources, colour: false, width: width)
      for line in text.split(separator: "\n") where line.count > width {
        // Only a word that fits on no line stands out.
        #expect(!line.drop { $0 == " " }.drop { "-+!·".contains($0) || $0 == " " }.contains(" "), "\(width): \(line)")
      }
      let stat = DiffStat.render(diff, sources: DiffFixture.sources, colour: false, width: width)
      #expect(stat.split(separator: "\n").allSatisfy { $0.count <= width }, "\(width): \(stat)")
    }
  }

  @Test func theHeadlineAnswers() throws {
    let text = DiffText.render(DiffFixture.review, sources: DiffFixture.sources, colour: false, width: 100)
    let first = text.prefix { $0 != "\n" }
    #expect(first == "9 of 13 subjects change: 5 looser, 3 tighter, 1 both looser and tighter")
    let equal = DiffText.render(DiffFixture.nothing, sources: DiffFixture.sources, colour: false, width: 100)
    #expect(equal == "no change in meaning: every verdict of 2 subjects stays the same\n")
  }

  @Test func colourChangesNothingElse() {
    for (_, diff, sources) in DiffGoldenTests.diffs {
      let plain = DiffText.render(diff, sources: sources, colour: false, width: 90)
      let coloured = DiffText.render(diff, sources: sources, colour: true, width: 90)
      #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
      #expect(plain.unicodeScalars.allSatisfy { $0.value == 0x0A || $0.value >= 0x20 && $0.value != 0x7F })
      #expect(!plain.unicodeScalars.contains { [0x202E, 0x2066].contains($0.value) })
    }
  }

  @Test func foldedListsAreCounted() {
    let wide = DiffText.render(
      DiffFixture.large(subjects: 1, entries: 100),
      sources: DiffFixture.sources,
      colour: false,
      width: 100
    )
    #expect(wide.contains("and 60 more changes (10 looser, 50 tighter) of file"))
    let deep = DiffText.render(
      DiffFixture.large(subjects: 100, entries: 1),
      sources: DiffFixture.sources,
      colour: false,
      width: 100
    )
    #expect(deep.contains("and 40 more subjects (40 tighter)"))
  }

  @Test func subjectsThatChangeAlikeAreToldOnce() {
    var diff = DiffFixture.review
    diff.subjects = (0..<300).map { DiffFixture.staging("n\($0)") }
    let text = DiffText.render(diff, sources: DiffFixture.sources, colour: false, width: 100)
    #expect(text.contains("▲ staging.n0.n0 and 299 more looser in file"))
    #expect(text.split(separator: "\n").count { $0.contains("/etc/resolv.conf") } < 6)
  }

  @Test(arguments: [0, 1, 2, 9]) func witnessesAreAsManyAsAskedFor(count: Int) {
    var diff = DiffFixture.review
    diff.subjects = diff.subjects.filter { $0.name == "shop.web.nginx" }
    let text = DiffText.render(diff, sources: DiffFixture.sources, colour: false, width: 100, witnesses: count)
    #expect(text.split(separator: "\n").count { $0.contains("e.g. ") } == [0: 0, 1: 3, 2: 4, 9: 4][count])
  }
}
