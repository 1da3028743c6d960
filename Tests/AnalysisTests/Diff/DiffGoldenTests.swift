import Analysis
import Foundation
import IR
import Testing

/// What every format makes of the same diffs, as a person reviews it. `RECORD=1` rewrites the files and fails.
@Suite struct DiffGoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/diff")

  static let diffs: [(name: String, diff: PolicyDiff, sources: DiffSources)] = [
    ("equal", DiffFixture.nothing, DiffFixture.sources),
    ("silent", DiffFixture.silent, DiffFixture.sources),
    ("review", DiffFixture.review, DiffFixture.sources),
    ("hostile", DiffFixture.hostile, DiffFixture.hostileSources),
  ]

  static func texts(_ diff: PolicyDiff, _ sources: DiffSources) -> [(suffix: String, text: String)] {
    let page = DiffHTML.render(diff, sources: sources).split(separator: DiffHTML.style)
    return [
      ("60.txt", DiffText.render(diff, sources: sources, colour: false, width: 60, witnesses: 2)),
      ("100.txt", DiffText.render(diff, sources: sources, colour: true, width: 100)),
      ("stat.txt", DiffStat.render(diff, sources: sources, colour: false, width: 100)),
      ("md", DiffMarkdown.render(diff, sources: sources)),
      ("json", DiffJSON.render(diff, sources: sources)),
      ("sarif", DiffSARIF.render(diff, sources: sources, version: "0.0.0")),
      // The style is the same on every page.
      ("html", page.joined(separator: "…")),
    ]
  }

  @Test(arguments: diffs.map(\.name)) func textsAreAsReviewed(name: String) throws {
    let isRecording = ProcessInfo.processInfo.environment["RECORD"] != nil
    let chosen = try #require(Self.diffs.first { $0.name == name })
    for (suffix, text) in Self.texts(chosen.diff, chosen.sources) {
      let file = Self.folder.appending(path: "\(name).\(suffix)")
      if isRecording {
        try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        Issue.record("recorded \(file.lastPathComponent)")
      } else {
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(Array(text.utf8) == Array(golden.utf8), "\(file.lastPathComponent) differs; review, then RECORD=1")
      }
    }
  }
}
