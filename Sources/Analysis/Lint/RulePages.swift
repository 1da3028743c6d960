import Diagnostics

/// The pages of `docs/rules`, as files.
package struct RulePages: Sendable {
  package let pages: [RulePage]

  /// - Parameter pages: in any order.
  package init(_ pages: [RulePage]) { self.pages = pages.sorted { $0.id < $1.id } }

  /// File name and contents, sorted by name: one page per code and the index.
  package var files: [(name: String, text: String)] {
    (pages.map { ($0.id + ".md", RulePages.text($0)) } + [("README.md", index)]).sorted { $0.0 < $1.0 }
  }

  /// One page.
  package static func text(_ page: RulePage) -> String {
    var out = "# \(page.id): \(page.summary)\n\n"
    out += "`\(page.name)` · \(page.severity.rawValue)\n\n"
    out += "## Why\n\n\(page.why)\n\n"
    out += section("Found in", page.bad)
    out += section("Not found in", page.good)
    out += "## What to do\n\n\(page.fix)\n\n"
    return out + "<!-- Written by `make docs` from the rule itself; do not edit. -->\n"
  }

  private static func section(_ title: String, _ examples: [RuleExample]) -> String {
    if examples.isEmpty { return "" }
    return "## \(title)\n\n" + examples.map { "```yaml\n\(body($0.text))\n```\n\n" }.joined()
  }

  private static func body(_ text: String) -> String {
    var text = text[...]
    while text.last == "\n" { text = text.dropLast() }
    return String(text)
  }

  /// The table of all codes.
  package var index: String {
    var out = "# Findings of `armorc lint`\n\n| code | name | severity | what |\n|---|---|---|---|\n"
    for page in pages {
      let summary = page.summary.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
      out += "| [\(page.id)](\(page.id).md) | `\(page.name)` | \(page.severity.rawValue) | \(summary) |\n"
    }
    return out + "\n<!-- Written by `make docs` from the rules themselves; do not edit. -->\n"
  }
}
