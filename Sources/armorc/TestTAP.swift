import Diagnostics
import IR

/// The outcome of tests as TAP version 14: a point per expectation.
enum TestTAP {
  static func text(_ report: TestReport, notes: [String]) -> String {
    var points: [String] = []
    func point(_ isPass: Bool, _ name: String) -> String {
      "\(isPass ? "ok" : "not ok") \(points.count + 1) - \(escaped(name))\n"
    }
    for file in report.files {
      if file.isBroken || file.isHeldUp {
        let findings = file.findings.filter { $0.severity == .error }.inOrder()
        var out = point(false, "\(file.name): the file can be run")
        out += "  ---\n"
        if findings.isEmpty { out += "  message: \"its policies have errors\"\n" } else { out += "  messages:\n" }
        for one in findings { out += "    - \(quoted(place(one, file.map) + one.message))\n" }
        points.append(out + "  ...\n")
      }
      for test in file.tests {
        for one in test.expectations {
          var out = point(one.isPass, "\(file.name): \(test.name): \(one.expectation.words)")
          if let failure = one.failure {
            out += "  ---\n  message: \(quoted(failure.message))\n  severity: fail\n"
            out += "  at: \(quoted("\(file.name):\(one.expectation.location.line)"))\n"
            if !failure.labels.isEmpty {
              out += "  because:\n"
              for label in failure.labels {
                let name = test.map[label.span.file].name
                let line = test.map[label.span.file].position(of: label.span.start).line
                out += "    - \(quoted("\(name):\(line): \(label.message)"))\n"
              }
            }
            out += "  notes:\n" + failure.notes.map { "    - \(quoted($0))\n" }.joined() + "  ...\n"
          }
          points.append(out)
        }
      }
    }
    let comments = notes.flatMap { $0.split(separator: "\n").map { "# \($0)\n" } }.joined()
    return "TAP version 14\n1..\(points.count)\n" + points.joined() + comments
  }

  private static func place(_ finding: Diagnostic, _ map: SourceMap) -> String {
    guard let span = finding.span else { return "" }
    let position = map[span.file].position(of: span.start)
    return "\(map[span.file].name):\(position.line):\(position.column): "
  }

  /// `#` begins a directive, a backslash an escape.
  private static func escaped(_ text: String) -> String {
    DisplayText.safe(text).replacing("\\", with: "\\\\").replacing("#", with: "\\#")
  }

  /// JSON strings are YAML scalars.
  private static func quoted(_ text: String) -> String { JSONValue.string(DisplayText.safe(text)).text() }
}
