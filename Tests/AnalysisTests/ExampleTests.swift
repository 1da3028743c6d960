import Analysis
import Diagnostics
import Frontend
import IR
import Testing

/// Every rule finds what its own page says, where the page says it, and nothing where the page says nothing.
@Suite struct ExampleTests {
  static let examples: [Case] = Lint.rules.flatMap { rule in
    let page = rule.page
    return page.bad.map { Case(id: page.id, example: $0, isBad: true) }
      + page.good.map { Case(id: page.id, example: $0, isBad: false) }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let id: String
    let example: RuleExample
    let isBad: Bool
    var testDescription: String { "\(id) \(isBad ? "bad" : "good")" }
  }

  @Test(arguments: examples) func example(_ example: Case) {
    let loaded = LoadedInput([(name: "example.yaml", bytes: Array(example.example.text.utf8))])
    #expect(loaded.load.diagnostics.filter { $0.severity != .note } == [])
    let findings = Lint.check(loaded.input)
    let mine = findings.filter { $0.code == example.id }
    #expect(mine.map { $0.span.map { Int($0.start) } } == example.example.markers.map { $0 })
    #expect(example.example.markers.isEmpty != example.isBad)
    // Other rules have nothing to say either, but for notes.
    #expect(findings.filter { $0.code != example.id && $0.severity != .note } == [])
    // Every text can be shown, and every fix lies in the file.
    for finding in findings {
      #expect(!finding.message.isEmpty && !finding.message.hasSuffix("."))
      for fix in finding.fixes { #expect(Int(fix.span.end) <= example.example.text.utf8.count) }
    }
  }
}
