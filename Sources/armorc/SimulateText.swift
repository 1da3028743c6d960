import Analysis
import Diagnostics
import IR

/// Replayed events for people: a line each, and tables of totals.
enum SimulateText {
  // MARK: Lines

  private static func add(_ number: Int, _ file: String?, _ verdict: String, _ rest: String, _ out: inout [UInt8]) {
    let place = (file.map { $0 + ":" } ?? "") + "\(number)"
    let padded = String(repeating: " ", count: max(0, 6 - place.count)) + DisplayText.safe(place)
    out += Array((padded + "  " + verdict + "  " + DisplayText.safe(rest) + "\n").utf8)
  }

  static func unparsed(_ number: Int, _ why: String, _ file: String?, _ out: inout [UInt8]) {
    add(number, file, "!    ", "not understood: " + why, &out)
  }

  static func noAccess(_ number: Int, _ why: String, _ file: String?, _ out: inout [UInt8]) {
    add(number, file, "-    ", why, &out)
  }

  static func event(
    _ number: Int,
    _ record: Record,
    _ now: Replay.Ruling,
    _ old: Replay.Ruling?,
    _ file: String?,
    isColoured: Bool,
    _ out: inout [UInt8]
  ) {
    var notes = [now.workload.name, SimulateWords.full(now, record.event)]
    if let old {
      notes = [
        now.workload.name, "was: " + SimulateWords.full(old, record.event),
        "now: " + SimulateWords.full(now, record.event),
      ]
    }
    if let recorded = record.outcome, let verdict = now.judgement.verdict, recorded.verdict != verdict {
      notes.append("recorded: \(recorded.verdict.name)" + (recorded.policy.map { " by \($0)" } ?? ""))
    }
    let words = (old.map { SimulateWords.verdict($0) + " → " } ?? "") + SimulateWords.verdict(now)
    let width = old == nil ? 5 : 13
    let verdict =
      coloured(words, now.judgement.verdict, isColoured) + String(repeating: " ", count: max(0, width - words.count))
    add(number, file, verdict, "\(record.event)  (\(notes.joined(separator: "; ")))", &out)
  }

  private static func coloured(_ text: String, _ verdict: Verdict?, _ isColoured: Bool) -> String {
    guard isColoured else { return text }
    let code =
      switch verdict {
      case .block?: "31"
      case .audit?: "33"
      case .allow?: "32"
      case nil: "35"
      }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }

  // MARK: Totals

  /// Most rows of a table.
  private static let mostRows = 40

  static func heading(_ tally: ReplayTally) -> String {
    let words: [Record.Form: String] = [
      .event: "armorc's form", .kubearmor: "KubeArmor", .apparmor: "AppArmor", .selinux: "SELinux",
    ]
    let forms = Record.Form.allCases.compactMap { form in tally.forms[form].map { "\($0) of \(words[form] ?? "")" } }
    var parts = [Plural.of(tally.events, "event") + (forms.isEmpty ? "" : " (\(forms.joined(separator: ", ")))")]
    for outcome in [ReplayTally.Outcome.block, .audit, .allow, .free, .open] where tally.outcomes[outcome] > 0 {
      parts.append("\(tally.outcomes[outcome]) \(SimulateWords.outcome(outcome))")
    }
    let none = tally.noAccess.values.reduce(0, +)
    if none > 0 { parts.append("\(none) no access") }
    if tally.unparsed > 0 { parts.append("\(Plural.of(tally.unparsed, "line")) not understood") }
    return Plural.of(tally.lines, "line") + ": " + parts.joined(separator: ", ")
  }

  /// `isFull`: all tables, not only that of the changes.
  static func totals(_ tally: ReplayTally, isComparison: Bool, isFull: Bool) -> String {
    var parts = [heading(tally)]
    if isFull {
      parts += [subjects(tally), deciders(tally), recorded(tally)]
      parts.append(list("undetermined", tally.reasons))
      parts.append(list("no access", tally.noAccess))
    }
    if isComparison { parts.append(changes(tally)) }
    if tally.unparsed > 0 {
      var lines = ["  not understood"]
      for one in tally.firstUnparsed {
        lines.append("    \(place(one.file, one.line)): \(DisplayText.safe(one.reason))")
      }
      let more = tally.unparsed - tally.firstUnparsed.count
      if more > 0 { lines.append("    and \(more) more (--show-unparsed)") }
      parts.append(lines.joined(separator: "\n"))
    }
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  private static func number(_ value: Int) -> String { value == 0 ? "·" : "\(value)" }

  private static func more(_ count: Int, _ noun: String) -> String {
    count > mostRows ? "\n  and \(Plural.of(count - mostRows, noun)) more (--format json names all)" : ""
  }

  private static func subjects(_ tally: ReplayTally) -> String {
    guard !tally.subjects.isEmpty else { return "" }
    var table = TextTable(["workload", "block", "audit", "allow", "undetermined", "no policy"])
    let sorted = tally.subjects.sorted { a, b in
      let (x, y) = (a.value, b.value)
      return (y[.block], y[.audit], y.total, a.key) < (x[.block], x[.audit], x.total, b.key)
    }
    for (name, counts) in sorted.prefix(mostRows) {
      table.add([DisplayText.safe(name)] + [.block, .audit, .allow, .open, .free].map { number(counts[$0]) })
    }
    return table.text + more(sorted.count, "workload")
  }

  private static func deciders(_ tally: ReplayTally) -> String {
    let sorted = SimulateTotals.deciders(tally)
    guard !sorted.isEmpty else { return "" }
    var table = TextTable(["decided by", "verdict", "events"])
    for (decision, count) in sorted.prefix(mostRows) {
      table.add([DisplayText.safe(SimulateWords.decider(decision.decider)), decision.verdict.name, "\(count)"])
    }
    return table.text + more(sorted.count, "rule")
  }

  private static func recorded(_ tally: ReplayTally) -> String {
    guard !tally.recorded.isEmpty else { return "" }
    var table = TextTable(["recorded", "would be", "events"])
    var examples: [String] = []
    for (key, found) in SimulateTotals.recorded(tally) {
      table.add([key.recorded.name, SimulateWords.outcome(key.outcome), "\(found.count)"])
      guard key.differs else { continue }
      for one in found.first.prefix(1) {
        examples.append("  recorded \(key.recorded.name), would be \(SimulateWords.outcome(key.outcome)): \(line(one))")
      }
    }
    return ([table.text] + examples).joined(separator: "\n")
  }

  private static func line(_ example: ReplayTally.Example) -> String {
    place(example.file, example.line) + ", " + DisplayText.safe("\(example.event) (\(example.subject))")
  }

  private static func place(_ file: String?, _ line: Int) -> String {
    file.map { DisplayText.safe($0) + ":\(line)" } ?? "line \(line)"
  }

  private static func list(_ title: String, _ counts: [String: Int]) -> String {
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    guard !sorted.isEmpty else { return "" }
    let lines = sorted.prefix(10).map { "    \($0.value)  \(DisplayText.safe($0.key))" }
    let rest = sorted.count > 10 ? ["    and \(sorted.count - 10) more reasons"] : []
    return (["  " + title] + lines + rest).joined(separator: "\n")
  }

  private static func changes(_ tally: ReplayTally) -> String {
    let sorted = SimulateTotals.changes(tally)
    guard !sorted.isEmpty else { return "  no event changes its verdict" }
    var kinds: [VerdictChange: Int] = [:]
    for (key, found) in sorted { kinds[key.kind, default: 0] += found.count }
    let summary = VerdictChange.allCases.compactMap { kind in kinds[kind].map { "\($0) \(kind.rawValue)" } }
    var lines = ["  \(Plural.of(tally.changed, "event")) changed: \(summary.joined(separator: ", "))"]
    for (key, found) in sorted.prefix(mostRows) {
      lines.append("")
      lines.append(
        "  \(key.kind.rawValue)  \(SimulateWords.outcome(key.old)) → \(SimulateWords.outcome(key.new))  "
          + Plural.of(found.count, "event")
      )
      for (name, decision) in [("was", key.oldDecision), ("now", key.newDecision)] {
        if let decision { lines.append("    \(name): " + DisplayText.safe(SimulateWords.decider(decision.decider))) }
      }
      for one in found.first { lines.append("    " + line(one)) }
    }
    return lines.joined(separator: "\n") + more(sorted.count, "change")
  }
}
