package import Diagnostics

/// What people read about one code, whoever reports it.
package struct RulePage: Hashable, Sendable {
  /// Stable code, such as `ARM2001`.
  package let id: String
  /// One word in upper camel case, such as `DuplicateRule`.
  package let name: String
  /// The usual severity; single findings may have a lower one.
  package let severity: Severity
  /// One line, lower case, no final period.
  package let summary: String
  /// Why it matters: Markdown paragraphs.
  package let why: String
  /// Policies with the finding at each marker.
  package let bad: [RuleExample]
  /// Policies without it.
  package let good: [RuleExample]
  /// What to do about it: Markdown.
  package let fix: String

  package init(
    id: String,
    name: String,
    severity: Severity,
    summary: String,
    why: String,
    bad: [RuleExample],
    good: [RuleExample],
    fix: String
  ) {
    self.id = id
    self.name = name
    self.severity = severity
    self.summary = summary
    self.why = why
    self.bad = bad
    self.good = good
    self.fix = fix
  }
}

/// A complete YAML text in which `1️⃣`…`9️⃣` stand directly before the first byte of each expected finding.
package struct RuleExample: Hashable, Sendable, ExpressibleByStringLiteral {
  /// The YAML without markers.
  package let text: String
  /// Byte offsets into `text`, ascending.
  package let markers: [Int]

  package init(_ marked: String) {
    var text: [UInt8] = []
    var markers: [Int] = []
    // A marker is a digit, U+FE0F and U+20E3: two scalars that no policy has any use for.
    let scalars = Array(marked.unicodeScalars)
    var index = 0
    while index < scalars.count {
      if index + 2 < scalars.count, scalars[index + 1].value == 0xFE0F, scalars[index + 2].value == 0x20E3 {
        markers.append(text.count)
        index += 3
      } else {
        text += Array(String(scalars[index]).utf8)
        index += 1
      }
    }
    self.text = String(decoding: text, as: UTF8.self)
    self.markers = markers
  }

  package init(stringLiteral value: String) { self.init(value) }
}
