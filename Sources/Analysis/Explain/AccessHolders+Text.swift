package import Diagnostics
import IR

extension ExplanationText {
  /// Who can do it, subject by subject, and how many cannot.
  package func render(_ holders: [AccessHolders], _ query: AccessQuery) -> String {
    var page = TextPage(colour: colour, width: width)
    page.line(0, .init(DisplayText.safe(query.description), .bold))
    let able = holders.filter { !$0.entries.isEmpty }
    for one in able {
      page.line(2, .init(DisplayText.safe(one.subject.name), .cyan))
      for entry in one.entries {
        var words = " " + entry.sources.words(most: 12)
        if entry.owner != .any { words += " " + entry.owner.words }
        if let part = entry.part { words += " on " + part.text(most: 12) }
        page.line(4, hanging: 7, [verdict(entry.verdict), .init(words + ": "), .init(reason(entry), .dim)])
      }
    }
    let rest = holders.count - able.count
    let count = able.count == 1 ? "1 subject can" : "\(able.count) subjects can"
    page.line(0, .init(count + ", " + (rest == 0 ? "none cannot" : "\(rest) cannot"), .dim))
    return page.text
  }

  private func reason(_ entry: AccessHolders.Entry) -> String {
    if entry.deciders.count == 1, let rule = entry.deciders.first { return rule.words + " " + places([rule]) }
    if !entry.deciders.isEmpty { return "\(entry.deciders.count) rules " + places(entry.deciders) }
    return entry.byPosture ? "default posture; no rule of the allow-list allows it" : "nothing speaks of it"
  }
}

extension ExplanationJSON {
  /// Who of one subject can do it, as one object (docs/events.md#who-can).
  package static func value(_ holders: AccessHolders, _ query: AccessQuery) -> JSONValue {
    .object([
      ("version", .integer(version)),
      ("access", .string(query.description)),
      ("subject", .string(holders.subject.name)),
      ("can", .bool(!holders.entries.isEmpty)),
      (
        "entries",
        .array(
          holders.entries.map { entry in
            .object([
              ("sources", sources(entry.sources)),
              ("owner", owner(entry.owner)),
              ("verdict", .string(entry.verdict.name)),
              ("part", entry.part.map(language) ?? .null),
              ("rules", .array(entry.deciders.map(rule))),
              ("byPosture", .bool(entry.byPosture)),
            ])
          }
        )
      ),
    ])
  }
}
