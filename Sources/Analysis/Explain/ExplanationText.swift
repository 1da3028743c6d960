package import Diagnostics
package import IR

/// Explanations for people.
package struct ExplanationText: Sendable {
  package var colour: Bool
  package var width: Int
  /// The files of the policies; without them no source lines are shown.
  package var map: SourceMap?
  /// Where in them the object of a rule stands.
  package var span: @Sendable (Location) -> Span?
  /// Most covering rules that are listed; the rest is counted.
  package static let mostRules = 20

  package init(
    colour: Bool = false,
    width: Int = 120,
    map: SourceMap? = nil,
    span: @escaping @Sendable (Location) -> Span? = { _ in nil }
  ) {
    self.colour = colour
    self.width = width
    self.map = map
    self.span = span
  }

  /// The whole answer: verdict, decider with its line, every other rule with its reason, modes, enforcers.
  package func render(_ explanation: Explanation, enforcers: [EnforcerAnswer] = []) -> String {
    var page = TextPage(colour: colour, width: width)
    let event = DisplayText.safe(explanation.event.description)
    page.line(0, hanging: 6, [verdict(explanation.verdict), .init(" " + event, .bold)])
    page.line(6, hanging: 0, [.init(subjectLine(explanation.subject), .dim)])
    page.blank()
    page.line(2, hanging: 2, [.init(decision(explanation))])
    var text = page.text
    if let shown = explanation.decider ?? explanation.allowListedBy {
      text += excerpt(shown, explanation.decider != nil)
    }
    page = TextPage(colour: colour, width: width)
    others(explanation, &page)
    modes(explanation, &page)
    self.enforcers(enforcers, &page)
    return text + page.text
  }

  /// One event of many subjects: those with one verdict and decider together.
  package func groups(_ explanations: [Explanation], of event: Event) -> String {
    struct Key: Hashable {
      let verdict: Verdict
      let words: String
    }
    var order: [Key] = []
    var names: [Key: [String]] = [:]
    for one in explanations {
      let key = Key(verdict: one.verdict, words: ExplanationText.brief(one))
      if names[key] == nil { order.append(key) }
      names[key, default: []].append(DisplayText.safe(one.subject.name))
    }
    var page = TextPage(colour: colour, width: width)
    page.line(0, .init(DisplayText.safe(event.description), .bold))
    // What is blocked first, as it is asked for most.
    for verdict in [Verdict.block, .audit, .allow] {
      for key in order where key.verdict == verdict {
        page.line(2, hanging: 6, [self.verdict(verdict), .init(" " + key.words)])
        page.line(8, hanging: 2, [.init(WordList.joined(names[key] ?? [], most: 12), .cyan)])
      }
    }
    page.line(0, .init("one of them in full: --subject NAME", .dim))
    return page.text
  }

  /// Verdict and decider on one line, for tables and lists.
  package static func brief(_ explanation: Explanation) -> String {
    switch explanation.decision.decider {
    case .nothing: return "nothing speaks of it"
    case .posture: return "default posture; no rule of the allow-list allows it"
    case .rule(let origin):
      let words = explanation.decider?.words ?? ""
      return "\(DisplayText.safe(origin.location.description)) \(words)"
    }
  }

  // MARK: Parts

  func verdict(_ verdict: Verdict) -> TextPage.Span {
    switch verdict {
    case .allow: .init(verdict.name, .green)
    case .audit: .init(verdict.name, .warning)
    case .block: .init(verdict.name, .alarm)
    }
  }

  func subjectLine(_ subject: SubjectPolicy) -> String {
    DisplayText.safe(subject.name) + " (" + SubjectWords.text(subject.subject) + ")"
  }

  private func decision(_ explanation: Explanation) -> String {
    let name = explanation.event.access.resourceClass.rawValue
    switch explanation.decision.decider {
    case .nothing:
      if explanation.subject.policies.isEmpty { return "no policy applies to this subject" }
      return "no rule covers it, and '\(name)' is no allow-list"
    case .posture:
      let does =
        switch explanation.posture {
        case .block: "blocks"
        case .audit: "audits"
        case .allow: "allows"
        }
      return "the default posture \(does) it: '\(name)' is an allow-list, and no rule allows it"
    case .rule(let origin):
      return "decided by '\(DisplayText.safe(origin.policy.description))': \(explanation.decider?.words ?? origin.path)"
    }
  }

  private func excerpt(_ rule: Rule, _ isDecider: Bool) -> String {
    let location = rule.origin.location
    guard let map, let span = span(location) else {
      return "    --> \(DisplayText.safe(location.description))\n"
    }
    let renderer = TextRenderer(colour: colour, width: max(40, width - 8))
    let caption = isDecider ? "" : "makes it an allow-list"
    return renderer.excerpt(span, caption: caption, isDecider ? .note : .warning, map).split(separator: "\n")
      .map { "    " + $0 + "\n" }.joined()
  }

  private func others(_ explanation: Explanation, _ page: inout TextPage) {
    let others = explanation.covering.filter { $0.fate != .decides }
    guard !others.isEmpty else { return }
    page.line(2, .init(explanation.decider == nil ? "covered by" : "covered too by"))
    for one in others.prefix(ExplanationText.mostRules) {
      let place = DisplayText.safe(one.rule.origin.location.description)
      page.line(4, hanging: 2, [.init(place, .cyan), .init("  " + one.rule.words)])
      page.line(6, hanging: 2, [.init(one.fate.words(of: one.rule), .dim)])
    }
    let rest = others.count - ExplanationText.mostRules
    if rest > 0 { page.line(4, .init("and \(rest) more", .dim)) }
  }

  private func modes(_ explanation: Explanation, _ page: inout TextPage) {
    let name = explanation.event.access.resourceClass.rawValue
    if let first = explanation.allowListedBy, explanation.decider != nil {
      let place = DisplayText.safe(first.origin.location.description)
      let posture =
        switch explanation.posture {
        case .block: "blocked"
        case .audit: "audited"
        case .allow: "allowed"
        }
      page.line(
        2,
        .init("'\(name)' is an allow-list by \(place): what no rule allows is \(posture) (default posture)", .dim)
      )
    }
    for part in explanation.unjudged {
      let place = DisplayText.safe(part.location.description)
      page.line(2, .init("no verdict looks at \(DisplayText.safe(part.what)) (\(place))", .warning))
    }
  }

  /// Those that decide the same in one line.
  private func enforcers(_ answers: [EnforcerAnswer], _ page: inout TextPage) {
    var same: [String] = []
    for one in answers {
      if case .known(let enforcer, _, true, _, let notes) = one, notes.isEmpty {
        same.append(enforcer)
      } else {
        answer(one, &page)
      }
    }
    guard let last = same.popLast() else { return }
    let names = same.isEmpty ? last : same.joined(separator: ", ") + " and " + last
    page.line(2, .init("\(names) \(same.isEmpty ? "decides" : "decide") the same", .dim))
  }

  private func answer(_ answer: EnforcerAnswer, _ page: inout TextPage) {
    switch answer {
    case .unknown(let enforcer, let reason): page.line(2, .init("\(enforcer): " + DisplayText.safe(reason), .warning))
    case .known(let enforcer, let verdict, let isExact, let reason, let notes):
      if isExact {
        page.line(2, .init("\(enforcer) decides the same", .dim))
      } else {
        let does =
          switch verdict {
          case .allow: "allows it"
          case .audit: "audits it"
          case .block: "blocks it"
          }
        page.line(2, .init("\(enforcer) \(does): \(DisplayText.safe(reason))", .warning))
      }
      for note in notes { page.line(4, .init(DisplayText.safe(note), .dim)) }
    }
  }
}
