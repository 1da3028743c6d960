import Diagnostics
package import IR

/// Writes test files that a person would keep.
package enum TestFileText {
  /// A whole file. `policies` are as they are to stand in it, nil leaves them out; with `statesPostures` every test says
  /// the postures in force.
  package static func file(
    _ draft: TestDraft,
    policies: [String]?,
    base: BaseList?,
    statesPostures: Bool
  ) -> String {
    var out = """
      # What these policies say today, written by 'armorc test --generate': one event for every way in which an event is
      # decided, and one for every small mistake in a rule that these would not notice. Read it line by line: a line that
      # is not what you mean is a fault of the policy.

      """
    if let policies { out += "policies: [" + policies.map { YAMLText.flow($0) }.joined(separator: ", ") + "]\n" }
    if let base { out += "base: \(YAMLText.plain(base.name))\n" }
    out += "tests:\n"
    for subject in draft.subjects {
      out += "  # \(YAMLText.comment(title(subject.subject)))\n"
      if let problem = subject.problem { out += "  # no tests: \(YAMLText.comment(problem))\n" }
      for section in subject.sections {
        out += "  - name: \(YAMLText.plain("\(subject.subject.name): \(name(section.resourceClass))"))\n"
        out += "    subject: \(YAMLText.plain(subject.subject.name))\n"
        if statesPostures {
          let postures = subject.subject.postures
          out += "    posture: {file: \(postures.file.rawValue), network: \(postures.network.rawValue), "
          out += "capabilities: \(postures.capabilities.rawValue)}\n"
        }
        out += "    expect:\n"
        out += expectations(section.entries, subject.subject)
      }
    }
    return out
  }

  /// The items of `expect` under a comment for each rule that decides.
  private static func expectations(_ entries: [TestDraft.Entry], _ subject: SubjectPolicy) -> String {
    let evaluator = Evaluator(subject)
    let rules = Dictionary(subject.rules.map { (RuleKey($0.origin), $0) }, uniquingKeysWith: { first, _ in first })
    var out = ""
    var heading = ""
    for entry in entries {
      guard let event = entry.expectation.events.first else { continue }
      let next: String
      switch evaluator.decide(event).decider {
      case .rule(let origin):
        next = rules[RuleKey(origin)].map { "\(origin.location): \($0.words)" } ?? "\(origin.location)"
      case .posture: next = "what the allow-list does not name"
      case .nothing: next = "what no rule speaks of"
      }
      if next != heading { out += "      # \(YAMLText.comment(next))\n" }
      heading = next
      out += item(entry.expectation, indent: 6, comment: entry.reason)
    }
    return out
  }

  /// One item of `expect`, ready to be pasted.
  package static func item(_ expectation: PolicyExpectation, indent: Int, comment: String? = nil) -> String {
    let pad = String(repeating: " ", count: indent)
    let remark = comment.map { " # " + YAMLText.comment($0) } ?? ""
    var out = "\(pad)- \(expectation.verdict.name): \(YAMLText.plain(expectation.eventText))\(remark)\n"
    if let decider = expectation.decider { out += "\(pad)  by: \(YAMLText.plain(decider.text))\n" }
    return out
  }

  private static func title(_ subject: SubjectPolicy) -> String {
    switch subject.subject {
    case .container(let workload, let identity):
      return "\(workload.isEmpty ? "a workload" : workload) of namespace \(identity.namespace)"
        + (identity.container.isEmpty ? "" : ", container \(identity.container)")
    case .host(let host): return "node \(host.name)"
    case .selection(let selector): return selector.canonicalText
    }
  }

  private static func name(_ resourceClass: ResourceClass) -> String {
    switch resourceClass {
    case .process: "programs"
    case .file: "files"
    case .network: "sockets"
    case .syscalls: "system calls"
    default: resourceClass.rawValue
    }
  }
}

/// Text as YAML.
package enum YAMLText {
  /// A scalar on one line, quoted only where a reader would take it for something else.
  package static func plain(_ text: String) -> String { isPlain(text, inFlow: false) ? text : quoted(text) }

  /// The same inside brackets.
  package static func flow(_ text: String) -> String { isPlain(text, inFlow: true) ? text : quoted(text) }

  /// Safe after '# '.
  package static func comment(_ text: String) -> String { DisplayText.safe(text) }

  private static func isPlain(_ text: String, inFlow: Bool) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, last != 0x20 else { return false }
    // '.' alone is a string, a leading one may be a number.
    let isStart = (0x61...0x7A).contains(first) || (0x41...0x5A).contains(first) || first == 0x2F || first == 0x2E
    guard isStart, !words.contains(text.lowercased()), !looksLikeNumber(text) else { return false }
    var previous: UInt8 = 0
    for byte in text.utf8 {
      if byte < 0x20 || byte >= 0x7F { return false }
      if byte == UInt8(ascii: "#"), previous == 0x20 { return false }
      if previous == UInt8(ascii: ":"), byte == 0x20 { return false }
      if inFlow, "[]{},".utf8.contains(byte) { return false }
      previous = byte
    }
    return previous != UInt8(ascii: ":")
  }

  private static let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]

  private static func looksLikeNumber(_ text: String) -> Bool {
    text.hasPrefix(".") && text.utf8.dropFirst().contains { (0x30...0x39).contains($0) || $0 == 0x69 || $0 == 0x6E }
      && !text.contains("/")
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      default:
        let category = scalar.properties.generalCategory
        let isShown =
          scalar.value >= 0x20 && scalar.value != 0x7F && scalar.value < 0xD800
          && category != .control && category != .format && category != .lineSeparator
          && category != .paragraphSeparator
          && category != .unassigned && category != .privateUse && category != .surrogate
        if isShown {
          out.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          out += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
      }
    }
    return out + "\""
  }
}
