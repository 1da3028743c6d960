import Analysis
import Foundation
import IR
import Testing

/// The formats for programs.
@Suite struct DiffDataTests {
  @Test func jsonIsCompleteAndStable() throws {
    for (_, diff, sources) in DiffGoldenTests.diffs {
      let text = DiffJSON.render(diff, sources: sources)
      #expect(text == DiffJSON.render(diff, sources: sources))
      let root = try object(text)
      #expect(root["version"] as? Int == 1)
      let subjects = try #require(root["subjects"] as? [[String: Any]])
      #expect(subjects.map { $0["name"] as? String } == diff.subjects.map(\.name))
      for (value, subject) in zip(subjects, diff.subjects) {
        let entries = try #require(value["entries"] as? [[String: Any]])
        #expect(entries.count == subject.entries.count)
        for (value, entry) in zip(entries, subject.entries) {
          let regions = try #require(value["regions"] as? [[String: Any]])
          #expect(regions.map { ($0["witnesses"] as? [Any])?.count } == entry.regions.map(\.witnesses.count))
          for (value, region) in zip(regions, entry.regions) {
            guard let language = region.pathLanguage else { continue }
            let paths = (value["objects"] as? [String: Any])?["paths"] as? [String: Any]
            #expect(paths?["include"] as? [String] == language.include)
            #expect(paths?["except"] as? [String] == language.except)
          }
        }
      }
      #expect((root["edits"] as? [Any])?.count == diff.edits.count)
    }
  }

  /// Documentation names every member that occurs, and no other.
  @Test func everyMemberIsDocumented() throws {
    var used: Set<String> = []
    for (_, diff, sources) in DiffGoldenTests.diffs {
      names(in: try object(DiffJSON.render(diff, sources: sources)), into: &used)
    }
    // Members of 'classes' are names of classes.
    used.subtract(ResourceClass.allCases.map(\.rawValue))
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/diff-json.md")
    let documentation = try String(contentsOf: page, encoding: .utf8)
    for name in used.sorted() { #expect(documentation.contains("`\(name)`"), "\(name)") }
  }

  // MARK: SARIF

  /// What the schema of SARIF 2.1.0 and GitHub's code scanning require.
  @Test func sarifIsWellFormed() throws {
    for (name, diff, sources) in DiffGoldenTests.diffs {
      let root = try object(DiffSARIF.render(diff, sources: sources, version: "1.2.3"))
      #expect(root["version"] as? String == "2.1.0")
      let run = try #require((root["runs"] as? [[String: Any]])?.first)
      let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
      #expect(driver["name"] as? String == "armorc")
      let rules = try #require(driver["rules"] as? [[String: Any]]).compactMap { $0["id"] as? String }
      let results = try #require(run["results"] as? [[String: Any]])
      let told = SubjectGroup.all(of: diff)
      let expected = told.reduce(0) { $0 + $1.first.entries.count + ($1.first.problem == nil ? 0 : 1) }
      #expect(results.count == expected + UnjudgedPart.all(of: diff).count, "\(name)")
      var fingerprints: Set<String> = []
      for result in results {
        let rule = try #require(result["ruleId"] as? String)
        #expect(rules[try #require(result["ruleIndex"] as? Int)] == rule)
        let level = try #require(result["level"] as? String)
        #expect(rule != "diff/looser" || level == "warning")
        #expect(rule != "diff/tighter" || level == "note")
        let message = try #require((result["message"] as? [String: Any])?["text"] as? String)
        #expect(!message.isEmpty && !message.replacing("\\](", with: "").contains("]("))
        let prints = try #require(result["partialFingerprints"] as? [String: String])
        #expect(fingerprints.insert(try #require(prints.values.first)).inserted)
        let places =
          (result["locations"] as? [[String: Any]] ?? []) + (result["relatedLocations"] as? [[String: Any]] ?? [])
        for place in places {
          let physical = try #require(place["physicalLocation"] as? [String: Any])
          let uri = try #require((physical["artifactLocation"] as? [String: Any])?["uri"] as? String)
          #expect(uri.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !uri.contains(where: { "<>\"|`\\ ".contains($0) }))
          #expect(URL(string: uri) != nil)
          let region = try #require(physical["region"] as? [String: Any])
          #expect(try #require(region["startLine"] as? Int) >= 1)
        }
      }
    }
  }

  @Test func fingerprintsOutliveMovedLines() throws {
    func fingerprints(_ diff: PolicyDiff) throws -> [String] {
      let root = try object(DiffSARIF.render(diff, sources: DiffFixture.sources, version: "1"))
      let results = ((root["runs"] as? [[String: Any]])?.first?["results"] as? [[String: Any]]) ?? []
      return results.compactMap { ($0["partialFingerprints"] as? [String: String])?.values.first }
    }
    var moved = DiffFixture.review
    for subject in moved.subjects.indices {
      for entry in moved.subjects[subject].entries.indices {
        if let rule = moved.subjects[subject].entries[entry].cause.new {
          moved.subjects[subject].entries[entry].cause.new?.origin = Origin(
            policy: rule.origin.policy,
            position: rule.origin.position,
            path: rule.origin.path,
            location: Location(file: rule.origin.location.file, line: rule.origin.location.line + 40, column: 1)
          )
        }
      }
    }
    let before = try fingerprints(DiffFixture.review)
    #expect(before.count == 12)
    #expect(try fingerprints(moved) == before)
  }

  @Test func urisArePercentEncoded() {
    #expect(DiffSARIF.uri("./policies/a b.yaml") == "policies/a%20b.yaml")
    #expect(DiffSARIF.uri("policies/é:%#?.yaml") == "policies/%C3%A9%3A%25%23%3F.yaml")
    #expect(DiffSARIF.uri("/srv/policies/a.yaml") == "file:///srv/policies/a.yaml")
    #expect(DiffSARIF.uri("-") == "-")
  }

  // MARK: Cost

  /// No format does more work per entry when there are more of them, as far as bytes tell: nothing is repeated.
  @Test func outputGrowsLinearly() {
    func sizes(_ count: Int) -> [Int] {
      let diff = DiffFixture.large(subjects: count, entries: 5)
      let sources = DiffFixture.sources
      return [
        DiffJSON.render(diff, sources: sources), DiffSARIF.render(diff, sources: sources, version: "1"),
        DiffHTML.render(diff, sources: sources),
      ].map(\.utf8.count)
    }
    for (small, large) in zip(sizes(50), sizes(500)) { #expect(large < 11 * small) }
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func names(in value: Any, into used: inout Set<String>) {
    if let object = value as? [String: Any] {
      used.formUnion(object.keys)
      for member in object.values { names(in: member, into: &used) }
    } else if let array = value as? [Any] {
      for element in array { names(in: element, into: &used) }
    }
  }
}

extension ChangeRegion {
  fileprivate var pathLanguage: PathLanguage? {
    switch objects {
    case .paths(_, let language): language
    case .syscalls(_, let language): language
    case .sockets, .capabilities, .syscallsWithoutPath: nil
    }
  }
}
