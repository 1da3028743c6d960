import Diagnostics
import IR

/// The outcome of tests as JUnit XML, as continuous integration reads it: a suite per file, a case per expectation.
enum TestJUnit {
  static func text(_ report: TestReport) -> String {
    let counts = report.counts
    var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    let errors = counts.broken
    out += "<testsuites name=\"armorc test\" tests=\"\(counts.expectations + errors)\" failures=\"\(counts.failed)\" "
    out += "errors=\"\(errors)\">\n"
    for file in report.files { out += suite(file) }
    return out + "</testsuites>\n"
  }

  private static func suite(_ file: TestReport.File) -> String {
    let expectations = file.tests.flatMap(\.expectations)
    let isNotRun = file.isBroken || file.isHeldUp
    var out = "  <testsuite name=\(quoted(file.name)) tests=\"\(expectations.count + (isNotRun ? 1 : 0))\" "
    out +=
      "failures=\"\(expectations.count { !$0.isPass })\" errors=\"\(isNotRun ? 1 : 0)\" file=\(quoted(file.name))>\n"
    if isNotRun {
      let findings = file.findings.filter { $0.severity == .error }.inOrder()
      let message = findings.first?.message ?? "its policies have errors"
      let text = findings.map { TextRenderer().render($0, file.map) }.joined(separator: "\n")
      out += "    <testcase classname=\(quoted(file.name)) name=\"the file can be run\">\n"
      out += "      <error message=\(quoted(message))>\(escaped(text, inAttribute: false))</error>\n    </testcase>\n"
    }
    for test in file.tests {
      for one in test.expectations {
        out += "    <testcase classname=\(quoted("\(file.name): \(test.name)")) name=\(quoted(one.expectation.words)) "
        out += "file=\(quoted(file.name)) line=\"\(one.expectation.location.line)\""
        guard let failure = one.failure else {
          out += "/>\n"
          continue
        }
        out += ">\n      <failure message=\(quoted(failure.message)) type=\(quoted(failure.code))>"
        out += escaped(TextRenderer().render(failure, test.map), inAttribute: false) + "</failure>\n    </testcase>\n"
      }
    }
    return out + "  </testsuite>\n"
  }

  private static func quoted(_ text: String) -> String { "\"" + escaped(text, inAttribute: true) + "\"" }

  /// XML 1.0 knows no way to write most control characters: they are shown as escapes of armorc's own.
  private static func escaped(_ text: String, inAttribute: Bool) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.safe(String($0)) }
    var out = ""
    for scalar in lines.joined(separator: "\n").unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\n": out += inAttribute ? "&#10;" : "\n"
      // Noncharacters are no XML either.
      case "\u{FFFE}", "\u{FFFF}": out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}
