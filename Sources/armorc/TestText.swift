import Analysis
import Diagnostics
import IR

/// The outcome of tests for people.
struct TestText {
  let renderer: TextRenderer

  /// Everything that failed, a line per file, the totals.
  func report(_ report: TestReport) -> String {
    var out = ""
    for (findings, map) in report.policyErrors { for one in findings { out += renderer.render(one, map) + "\n" } }
    for file in report.files {
      for finding in file.findings.inOrder() { out += renderer.render(finding, file.map) + "\n" }
      for test in file.tests {
        for expectation in test.expectations {
          if let failure = expectation.failure { out += renderer.render(failure, test.map) + "\n" }
        }
      }
    }
    // A filter may leave nothing of a file.
    for file in report.files where !file.isPass || !file.tests.isEmpty { out += line(file) + "\n" }
    return out + TestText.summary(report) + "\n"
  }

  private func line(_ file: TestReport.File) -> String {
    let expectations = file.tests.flatMap(\.expectations)
    let failed = expectations.count { !$0.isPass }
    let word = file.isPass ? "ok    " : "FAIL  "
    let name = DisplayText.safe(file.name)
    if file.isBroken { return "\(word)\(name)  not run: see above" }
    if file.isHeldUp { return "\(word)\(name)  not run: its policies have errors" }
    return word + name + "  " + Plural.of(file.tests.count, "test") + ", "
      + Plural.of(expectations.count, "expectation") + (failed == 0 ? "" : ", \(failed) failed")
  }

  static func summary(_ report: TestReport) -> String {
    let counts = report.counts
    var text = "\(Plural.of(counts.expectations, "expectation")) of \(Plural.of(counts.tests, "test")) in "
    text += "\(Plural.of(counts.files, "file")): \(counts.expectations - counts.failed) passed, \(counts.failed) failed"
    if counts.broken > 0 { text += "; \(Plural.of(counts.broken, "file")) not run" }
    return text
  }

  // MARK: Coverage

  static func coverage(_ coverage: TestCoverage) -> String {
    var lines = [
      "coverage: \(coverage.decided) of \(coverage.total) rules and default postures decide some expectation "
        + "(\(coverage.percent) %)"
    ]
    var table = TextTable(["policy or subject", "decided", "of", "%"])
    for section in coverage.sections where section.total > 0 {
      let name = section.location == nil ? section.name + " (postures)" : section.name
      table.add([
        DisplayText.safe(name), "\(section.decided)", "\(section.total)", "\(section.decided * 100 / section.total)",
      ])
    }
    if !table.isEmpty { lines.append(table.text) }
    let items = coverage.sections.flatMap(\.items)
    let open = items.filter { $0.canDecide && $0.decided == 0 }
    if !open.isEmpty {
      lines.append("decided by no expectation:")
      lines += open.map { "  " + words($0) }
    }
    let idle = items.filter { !$0.canDecide }
    if !idle.isEmpty {
      lines.append("decide no event at all, not counted:")
      lines += idle.map { "  " + words($0) }
    }
    return lines.joined(separator: "\n")
  }

  static func words(_ item: TestCoverage.Item) -> String {
    switch item.kind {
    case .rule(let rule):
      let covered = item.covered == 0 ? "" : " (covered by \(Plural.of(item.covered, "expectation")))"
      return DisplayText.safe("\(rule.origin.location): \(rule.words)") + covered
    case .posture(let resourceClass, let subject):
      return DisplayText.safe("\(subject): what its allow-list of \(TestText.name(resourceClass)) does not name")
    }
  }

  static func name(_ resourceClass: ResourceClass) -> String {
    switch resourceClass {
    case .process: "programs"
    case .file: "files"
    case .network: "sockets"
    default: resourceClass.rawValue
    }
  }

  // MARK: Mutants

  static func mutation(_ mutation: TestMutation) -> String {
    var first = "mutants: \(mutation.tried) tried, \(mutation.killed) killed, \(mutation.survivors.count) alive, "
    first += "\(mutation.equivalent) mean the same"
    if mutation.unknown > 0 { first += ", \(mutation.unknown) too large to compare" }
    var lines = [first + " (\(mutation.percent) % of those that matter killed)"]
    for survivor in mutation.survivors {
      lines.append("alive: " + DisplayText.safe("\(survivor.mutant.place(survivor.subject)): \(survivor.mutant.words)"))
      lines.append("  for \(DisplayText.safe(survivor.subject.name)) this expectation would kill it:")
      let item = TestFileText.item(survivor.expectation, indent: 6)
      lines.append(item.hasSuffix("\n") ? String(item.dropLast()) : item)
    }
    return lines.joined(separator: "\n")
  }
}
