internal import Diagnostics
internal import IR

/// A diff as a comment on a pull request.
///
/// A headline and a table stand open, the details are folded. What is looser comes first and is the last to be left out.
/// All text from input stands in code, where GitHub sees no mention, link or markup.
package enum DiffMarkdown {
  /// The first line, by which a later run finds its comment.
  package static let marker = "<!-- armorc diff -->"

  /// At most `limit` bytes of UTF-8 (not less than 4,000), so also at most so many UTF-16 units; what does not fit is
  /// counted.
  package static func render(
    _ diff: PolicyDiff,
    sources: DiffSources,
    witnesses: Int = 1,
    limit: Int = 64_000
  ) -> String {
    var writer = DiffMarkdownWriter(diff, sources, witnesses: max(0, witnesses), limit: max(4_000, limit))
    writer.writeAll()
    return writer.text
  }
}

private struct DiffMarkdownWriter {
  let diff: PolicyDiff
  let sources: DiffSources
  let witnesses: Int
  let limit: Int
  var text = ""
  /// Kept free for the counts of what is left out: every section has at most one line of 150 bytes.
  private let reserve = 1_000

  private enum Most {
    static let rows = 50
    static let warnings = 8
    static let regions = 8
    static let patterns = 12
    static let reasons = 4
    static let equal = 40
    /// Changes of one subject that are chosen before those of the next get their turn.
    static let turn = 10
  }

  init(_ diff: PolicyDiff, _ sources: DiffSources, witnesses: Int, limit: Int) {
    self.diff = diff
    self.sources = sources
    self.witnesses = witnesses
    self.limit = limit
  }

  private var room: Int { limit - reserve - text.utf8.count }

  mutating func writeAll() {
    let summary = DiffSummary(diff)
    text += DiffMarkdown.marker + "\n### armorc: \(summary.headline)\n"
    let groups = SubjectGroup.all(of: diff)
    let parts = EqualPart.all(of: diff)
    if !summary.isEqual || !parts.equal.isEmpty || !parts.metadata.isEmpty {
      text += "\n\(MarkupText.code(sources.oldName, most: 80)) → \(MarkupText.code(sources.newName, most: 80))\n"
    }
    writeWarnings(summary, groups)
    let changes = Change.inTurn(groups, turn: Most.turn)
    writeTable(groups, changes)
    writeDetails(groups, changes)
    write(parts.equal, titled: "No change in meaning")
    write(parts.metadata, titled: "Metadata")
    if !changes.isEmpty { text += "\n<sub>The reference evaluator confirmed both verdicts of every example.</sub>\n" }
  }

  /// One entry of one group.
  private struct Change {
    let group: Int
    let index: Int
    let entry: ChangeEntry
    var isLooser: Bool { entry.direction == .looser }

    /// Looser first; within both, some of every subject before more of any.
    static func inTurn(_ groups: [SubjectGroup], turn: Int) -> [Change] {
      var changes: [(turn: Int, change: Change)] = []
      for (number, group) in groups.enumerated() {
        var counts = (looser: 0, tighter: 0)
        for (index, entry) in group.classes.flatMap(\.entries).enumerated() {
          let change = Change(group: number, index: index, entry: entry)
          let place = change.isLooser ? counts.looser : counts.tighter
          if change.isLooser { counts.looser += 1 } else { counts.tighter += 1 }
          changes.append((place / turn, change))
        }
      }
      return changes.sorted {
        ($0.change.isLooser ? 0 : 1, $0.turn, $0.change.group, $0.change.index)
          < ($1.change.isLooser ? 0 : 1, $1.turn, $1.change.group, $1.change.index)
      }.map(\.change)
    }
  }

  // MARK: Warnings

  private mutating func writeWarnings(_ summary: DiffSummary, _ groups: [SubjectGroup]) {
    guard !summary.warnings.isEmpty else { return }
    var items = groups.compactMap { group -> String? in
      group.first.problem.map { "not compared: \(name(group)): \(MarkupText.code($0))" }
    }
    items += UnjudgedPart.all(of: diff).map { part in
      let names =
        part.subjects.isEmpty ? "" : ", applies to " + MarkupText.code(WordList.joined(part.subjects, most: 4))
      return "not judged: \(MarkupText.code(part.words))\(names)\(place(part.place, before: ", "))"
    }
    text += "\n> [!WARNING]\n"
    for warning in summary.warnings { text += "> **\(warning)**\n>\n" }
    var shown = 0
    for item in items.prefix(Most.warnings) {
      let line = "> - \(item)\n"
      guard line.utf8.count <= room else { break }
      text += line
      shown += 1
    }
    if shown < items.count { text += "> - and \(Count.number(items.count - shown)) more\n" }
  }

  // MARK: Table

  private mutating func writeTable(_ groups: [SubjectGroup], _ changes: [Change]) {
    guard !changes.isEmpty else { return }
    let head = "\n| subject | class | change | for example | because of |\n|---|---|---|---|---|\n"
    var size = head.utf8.count
    var rows: [(change: Change, text: String)] = []
    let most = min(room, limit * 2 / 5)
    for change in changes.prefix(Most.rows) {
      let row = self.row(change, groups[change.group])
      guard size + row.utf8.count <= most else { break }
      rows.append((change, row))
      size += row.utf8.count
    }
    if !rows.isEmpty {
      let ordered = rows.sorted {
        ($0.change.isLooser ? 0 : 1, $0.change.group, $0.change.index)
          < ($1.change.isLooser ? 0 : 1, $1.change.group, $1.change.index)
      }
      text += head + ordered.map(\.text).joined()
    }
    if rows.count < changes.count {
      let rest = changes.dropFirst(rows.count).map(\.entry)
      text += "\nand \(Folded.entries(rest)) not in this table\n"
    }
  }

  private func row(_ change: Change, _ group: SubjectGroup) -> String {
    let entry = change.entry
    let witness = entry.regions.first?.witnesses.first
    let example = witness.map { MarkupText.code($0.event.description) } ?? ""
    let reasons = EntryReason.all(of: entry, .new) + EntryReason.all(of: entry, .old)
    // The line to look at: the cause's on the new side, else on the old one.
    let named = entry.cause.new ?? entry.cause.old
    let origin = named?.origin ?? reasons.lazy.compactMap(\.origin).first
    let place = origin.map { "<br>" + MarkupText.code($0.location.description) } ?? ""
    let cause = MarkupText.words(entry.cause.title(in: entry.resourceClass))
    return
      "| \(name(group)) | \(entry.resourceClass.rawValue) | \(badge(entry.direction))<br>\(entry.old.done)&nbsp;→&nbsp;\(entry.new.done) "
      + "| \(example) | \(cause)\(place) |\n"
  }

  // MARK: Details

  private mutating func writeDetails(_ groups: [SubjectGroup], _ changes: [Change]) {
    var chosen: [Int: [(index: Int, text: String)]] = [:]
    var size = 0
    for change in changes {
      let text = details(change.entry)
      let frame = chosen[change.group] == nil ? header(groups[change.group]).utf8.count + 150 : 0
      guard size + frame + text.utf8.count <= room else { break }
      size += frame + text.utf8.count
      chosen[change.group, default: []].append((change.index, text))
    }
    for (number, group) in groups.enumerated() {
      guard let details = chosen[number] else { continue }
      text += header(group) + details.sorted { $0.index < $1.index }.map(\.text).joined()
      if details.count < group.first.entries.count {
        let shown = Set(details.map(\.index))
        let all = group.classes.flatMap(\.entries)
        let rest = all.indices.filter { !shown.contains($0) }.map { all[$0] }
        text += "\nand \(Folded.entries(rest))\n"
      }
      text += "\n</details>\n"
    }
    let rest = groups.indices.filter { chosen[$0] == nil && !groups[$0].first.entries.isEmpty }.map { groups[$0] }
    if !rest.isEmpty {
      text += "\nand \(Folded.subjects(rest)) without details here; the formats `json` and `html` have them all\n"
    }
  }

  private func header(_ group: SubjectGroup) -> String {
    let title = "<code>\(MarkupText.html(clipped(group.first.name, 130)))</code>"
    let more = group.subjects.count > 1 ? " and \(Count.number(group.subjects.count - 1)) more" : ""
    var out = "\n<details><summary><b>\(title)\(more)</b>: \(MarkupText.html(group.classWords))</summary>\n"
    if !group.first.description.isEmpty { out += "\n\(MarkupText.code(group.first.description, most: 500))\n" }
    if group.subjects.count > 1 {
      let names = WordList.joined(group.subjects.dropFirst().map(\.name), most: 20)
      out += "\nalike: \(MarkupText.code(names, most: 2_000))\n"
    }
    if !group.first.settings.isEmpty {
      out += "\n"
      for setting in group.first.settings.prefix(Most.reasons) {
        out += "- \(MarkupText.words(setting.words(located: true)))\n"
      }
      let rest = group.first.settings.count - Most.reasons
      if rest > 0 { out += "- and \(rest) more settings\n" }
    }
    return out
  }

  /// At most some 8,000 bytes, so that no entry alone is too large.
  private func details(_ entry: ChangeEntry) -> String {
    let whole = details(entry, regions: Most.regions, patterns: Most.patterns)
    return whole.utf8.count <= 8_000 ? whole : details(entry, regions: 3, patterns: 2)
  }

  private func details(_ entry: ChangeEntry, regions: Int, patterns: Int) -> String {
    let cause = MarkupText.words(entry.cause.title(in: entry.resourceClass))
    var out =
      "\n**\(badge(entry.direction)): \(entry.resourceClass.rawValue) \(entry.old.done) → \(entry.new.done)** (\(cause))\n\n"
    for region in entry.regions.prefix(regions) {
      out += self.region(region, patterns: patterns)
      for witness in region.witnesses.prefix(min(witnesses, patterns)) {
        out += "  - e.g. \(MarkupText.code(witness.event.description)): \(witness.verdictWords)\n"
      }
    }
    if entry.regions.count > regions {
      out += "- and \(Count.of(entry.regions.count - regions, "more region"))\n"
    }
    out += "\n```diff\n"
    for (side, sign) in [(DiffSources.Side.old, "-"), (.new, "+")] {
      let reasons = EntryReason.all(of: entry, side)
      for reason in reasons.prefix(Most.reasons) {
        let place = reason.location.map { $0 + ": " } ?? ""
        out += sign + " " + clipped(place + reason.words, 400) + "\n"
        if let line = reason.line(side, sources) { out += sign + "     " + clipped(line, 200) + "\n" }
      }
      if reasons.count > Most.reasons { out += "\(sign) and \(reasons.count - Most.reasons) more\n" }
    }
    return out + "```\n"
  }

  /// A list item; of more than three patterns each gets an item below it.
  private func region(_ region: ChangeRegion, patterns most: Int) -> String {
    guard let language = region.language, language.include.count + language.except.count > 3 else {
      return "- \(MarkupText.code(region.words(most: most), most: 1_200))\n"
    }
    let front = [
      region.operationWords, region.sources == .any ? nil : region.sources.words(most: 4), region.ownerWords,
    ]
    let code = MarkupText.code(front.compactMap(\.self).joined(separator: " "), most: 500)
    var out = "- \(code)\(language.isExact ? "" : ", some of")\n"
    func add(_ patterns: [String], _ word: String) {
      for pattern in patterns.prefix(most) { out += "  - \(word)\(MarkupText.code(pattern, most: 200))\n" }
      if patterns.count > most { out += "  - \(word)\(patterns.count - most) more\n" }
    }
    add(language.include, "")
    add(language.except, "except ")
    if !language.isExact { add(language.samples.prefix(3).map(\.description), "such as ") }
    return out
  }

  // MARK: Without meaning

  private mutating func write(_ parts: [EqualPart], titled title: String) {
    guard !parts.isEmpty else { return }
    let head = "\n<details><summary>\(title) (\(Count.number(parts.count)))</summary>\n\n"
    let foot = "\n</details>\n"
    guard head.utf8.count + foot.utf8.count < room else {
      text += "\n\(title): \(Count.number(parts.count)) not listed\n"
      return
    }
    text += head
    var shown = 0
    for part in parts.prefix(Most.equal) {
      let reason = part.reason.map { ": " + MarkupText.words($0) } ?? ""
      let line = "- \(MarkupText.code(part.words, most: 400))\(reason)\(place(part.place, before: ", "))\n"
      guard line.utf8.count + foot.utf8.count <= room else { break }
      text += line
      shown += 1
    }
    if shown < parts.count { text += "- and \(Count.number(parts.count - shown)) more\n" }
    text += foot
  }

  // MARK: Parts

  private func badge(_ direction: Direction) -> String {
    switch direction {
    case .looser: "🔓 looser"
    case .tighter: "🔒 tighter"
    case .both, .equal: direction.words
    }
  }

  private func name(_ group: SubjectGroup) -> String {
    let more = group.subjects.count > 1 ? " and \(Count.number(group.subjects.count - 1)) more" : ""
    return MarkupText.code(group.first.name) + more
  }

  private func place(_ place: DiffPlace?, before: String) -> String {
    place.map { before + MarkupText.code($0.location.description) } ?? ""
  }

  private func clipped(_ text: String, _ most: Int) -> String {
    let (shown, isCut) = MarkupText.clipped(DisplayText.safe(text), most)
    return shown + (isCut ? "…" : "")
  }
}
