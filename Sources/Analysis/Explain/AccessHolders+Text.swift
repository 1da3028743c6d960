package import Diagnostics
import IR

extension ExplanationText {
  /// Who can do it, subject by subject, and how many cannot.
  package func render(_ holders: [AccessHolders], _ query: AccessQuery) -> String {
    var page = TextPage(colour: colour, width: width)
    page.line(0, .init(DisplayText.safe(query.description), .bold))
    let able = holders.filter { !$0.entries.isEmpty }
    // Subjects with one answer stand together.
    var order: [[Row]] = []
    var names: [[Row]: [String]] = [:]
    for one in able {
      let rows = one.entries.map { row($0, query) }
      if names[rows] == nil { order.append(rows) }
      names[rows, default: []].append(DisplayText.safe(one.subject.name))
    }
    for rows in order {
      page.line(2, hanging: 2, [.init(WordList.joined(names[rows] ?? [], most: 12), .cyan)])
      for row in rows {
        page.line(4, hanging: 6, [verdict(row.verdict), .init(" " + row.words + ": "), .init(row.reason, .dim)])
      }
    }
    let rest = holders.count - able.count
    let count = able.count == 1 ? "1 subject can" : "\(able.count) subjects can"
    page.line(0, .init(count + ", " + (rest == 0 ? "none cannot" : "\(rest) cannot"), .dim))
    return page.text
  }

  private struct Row: Hashable {
    let verdict: Verdict
    let words: String
    let reason: String
  }

  private func row(_ entry: AccessHolders.Entry, _ query: AccessQuery) -> Row {
    var words = entry.sources.words(most: 12)
    if entry.owner != query.owner { words += " " + entry.owner.words }
    if let part = entry.part { words += " on " + part.text(most: 12) }
    return Row(verdict: entry.verdict, words: words, reason: reason(entry))
  }

  private func reason(_ entry: AccessHolders.Entry) -> String {
    if entry.deciders.count == 1, let rule = entry.deciders.first { return rule.words + " " + places([rule]) }
    if !entry.deciders.isEmpty { return "\(entry.deciders.count) rules " + places(entry.deciders) }
    return entry.byPosture ? "default posture; no rule of the allow-list allows it" : "nothing speaks of it"
  }
}

extension ExplanationJSON {
  /// Who of one subject can do it, as one object (docs/guide.md#explain).
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
