internal import Diagnostics
internal import IR

/// A diff for a person in a terminal.
///
/// A headline answers first; then, looser first, every subject with its classes, entries, regions, examples and the lines
/// at fault; then what could not be judged and what changes no meaning. Long lists end in a count of what is not shown.
package enum DiffText {
  /// Folds to `width` columns (at least 40); `witnesses` examples per region.
  package static func render(
    _ diff: PolicyDiff,
    sources: DiffSources,
    colour: Bool,
    width: Int,
    witnesses: Int = 1
  ) -> String {
    var writer = DiffTextWriter(diff, sources, TextPage(colour: colour, width: width), witnesses: max(0, witnesses))
    writer.writeAll()
    return writer.page.text
  }
}

/// Most things of one kind that the text lists.
private enum Most {
  static let groups = 60
  static let names = 6
  static let entries = 40
  static let regions = 12
  static let patterns = 8
  static let reasons = 4
  static let edits = 30
}

private struct DiffTextWriter {
  let diff: PolicyDiff
  let sources: DiffSources
  var page: TextPage
  let witnesses: Int

  init(_ diff: PolicyDiff, _ sources: DiffSources, _ page: TextPage, witnesses: Int) {
    self.diff = diff
    self.sources = sources
    self.page = page
    self.witnesses = witnesses
  }

  mutating func writeAll() {
    let summary = DiffSummary(diff)
    page.line(0, .init(summary.headline, .bold))
    if !summary.isEqual || !diff.edits.isEmpty {
      page.line(0, .init("- ", .red), .init(safe(sources.oldName)))
      page.line(0, .init("+ ", .green), .init(safe(sources.newName)))
    }
    for warning in summary.warnings { page.line(0, .init("! " + warning, .alarm)) }
    let groups = SubjectGroup.all(of: diff)
    for group in groups.prefix(Most.groups) { write(group) }
    if groups.count > Most.groups {
      let rest = groups.dropFirst(Most.groups)
      page.blank()
      page.line(0, .init("and " + Folded.subjects(rest), .bold))
    }
    writeUnjudged()
    writeEqual()
  }

  // MARK: Subjects

  private mutating func write(_ group: SubjectGroup) {
    let subject = group.first
    page.blank()
    let tint = subject.problem == nil && group.direction != .equal ? style(group.direction) : .alarm
    let glyph = tint == .alarm ? "!" : group.direction.glyph
    page.line(
      0,
      .init(glyph, tint),
      .init(" "),
      .init(group.title, .bold),
      .init(" "),
      .init(group.classWords, tint)
    )
    if !subject.description.isEmpty { page.line(2, .init(safe(subject.description), .dim)) }
    if group.subjects.count > 1 {
      let others = group.subjects.dropFirst().map(\.name)
      page.line(2, .init("alike: " + WordList.joined(others.map(safe), most: Most.names), .dim))
    }
    for setting in subject.settings { page.line(2, .init("· "), .init(setting.words(located: true))) }
    if let problem = subject.problem { page.line(2, .init("! not compared: " + safe(problem), .alarm)) }
    for unjudged in subject.unjudged {
      page.line(2, .init("! not judged: " + unjudged.words, .alarm))
    }
    for (_, entries) in group.classes { write(entries) }
  }

  private mutating func write(_ entries: [ChangeEntry]) {
    for entry in entries.prefix(Most.entries) { write(entry) }
    if entries.count > Most.entries, let first = entries.first {
      page.blank()
      let rest = Folded.entries(entries.dropFirst(Most.entries))
      page.line(2, .init("and \(rest) of \(first.resourceClass.rawValue)", .bold))
    }
  }

  // MARK: Entries

  private mutating func write(_ entry: ChangeEntry) {
    let tint = style(entry.direction)
    page.blank()
    page.line(
      2,
      .init(entry.direction.glyph, tint),
      .init(" "),
      .init(entry.resourceClass.rawValue, .bold),
      .init(" \(entry.old.done) → \(entry.new.done)", tint)
    )
    for region in entry.regions.prefix(Most.regions) { write(region) }
    if entry.regions.count > Most.regions {
      page.line(4, .init("and \(Count.of(entry.regions.count - Most.regions, "more region"))"))
    }
    page.line(4, hanging: 8, .init("because ", .dim), .init(entry.cause.title(in: entry.resourceClass)))
    write(EntryReason.all(of: entry, .old), "-", .red, .old)
    write(EntryReason.all(of: entry, .new), "+", .green, .new)
  }

  private mutating func write(_ region: ChangeRegion) {
    let line = region.words(most: Most.patterns)
    if let language = region.language, language.include.count + language.except.count > 2,
      TextPage.columns(line) + 6 > page.width
    {
      writeList(region, language)
    } else {
      page.line(4, hanging: 4, .init(line))
    }
    for witness in region.witnesses.prefix(witnesses) {
      page.line(
        6,
        hanging: 5,
        .init("e.g. ", .dim),
        .init(witness.eventWords, .bold),
        .init(": " + witness.verdictWords)
      )
    }
  }

  /// A region whose paths do not fit on a line, one to a line.
  private mutating func writeList(_ region: ChangeRegion, _ language: PathLanguage) {
    let tail = [region.sources == .any ? nil : region.sources.words(most: Most.patterns), region.ownerWords]
    let front = ([region.operationWords] + tail.compactMap(\.self)).joined(separator: " ")
    page.line(4, .init(front + (language.isExact ? ":" : ": some of")))
    write(language.include, "")
    if !language.except.isEmpty {
      page.line(6, .init("except", .dim))
      write(language.except, "  ")
    }
    if !language.isExact, !language.samples.isEmpty {
      let samples = language.samples.map { safe($0.description) }
      page.line(6, .init("such as ", .dim), .init(WordList.joined(samples, most: Most.patterns)))
    }
  }

  private mutating func write(_ patterns: [String], _ indent: String) {
    for pattern in patterns.prefix(Most.patterns) { page.line(6 + indent.utf8.count, .init(safe(pattern))) }
    if patterns.count > Most.patterns {
      page.line(6 + indent.utf8.count, .init("and \(patterns.count - Most.patterns) more", .dim))
    }
  }

  private mutating func write(
    _ reasons: [EntryReason],
    _ sign: String,
    _ style: TextPage.Style,
    _ side: DiffSources.Side
  ) {
    for reason in reasons.prefix(Most.reasons) {
      let place = reason.location.map { [TextPage.Span($0, .cyan), .init(": ")] } ?? []
      page.line(4, hanging: 4, [.init(sign + " ", style)] + place + [.init(reason.words)])
      if let line = reason.line(side, sources) { page.excerpt(6, .init("│ ", .dim), line) }
    }
    if reasons.count > Most.reasons {
      page.line(4, .init(sign, style), .init(" and \(Count.of(reasons.count - Most.reasons, "more decider"))"))
    }
  }

  // MARK: Without meaning

  private mutating func writeUnjudged() {
    let parts = UnjudgedPart.all(of: diff)
    guard !parts.isEmpty else { return }
    page.blank()
    page.line(0, .init("not judged", .alarm), .init(": no verdict speaks of these, look at them yourself"))
    for part in parts.prefix(Most.edits) {
      let names = part.subjects.map(safe)
      let scope = names.isEmpty ? "" : " (applies to \(WordList.joined(names, most: Most.names)))"
      page.line(2, hanging: 4, [.init("! ", .alarm)] + place(part.place) + [.init(part.words + scope)])
      if let place = part.place { excerpt(6, place) }
    }
    if parts.count > Most.edits { page.line(2, .init("and \(parts.count - Most.edits) more", .bold)) }
  }

  private mutating func writeEqual() {
    let parts = EqualPart.all(of: diff)
    write(parts.equal, titled: "no change in meaning")
    write(parts.metadata, titled: "metadata")
  }

  private mutating func write(_ parts: [EqualPart], titled title: String) {
    guard !parts.isEmpty else { return }
    page.blank()
    page.line(0, .init(title, .bold))
    for part in parts.prefix(Most.edits) {
      let reason = part.reason.map { [TextPage.Span(" (" + $0 + ")", .dim)] } ?? []
      page.line(2, hanging: 4, place(part.place) + [.init(part.words)] + reason)
    }
    if parts.count > Most.edits { page.line(2, .init("and \(Count.number(parts.count - Most.edits)) more", .dim)) }
  }

  /// A location that goes before a text.
  private func place(_ place: DiffPlace?) -> [TextPage.Span] {
    place.map { [.init(DisplayText.safe($0.location.description), .cyan), .init(": ")] } ?? []
  }

  private mutating func excerpt(_ indent: Int, _ place: DiffPlace) {
    if let line = place.line(sources) { page.excerpt(indent, .init("│ ", .dim), line) }
  }

  // MARK: Style

  private func style(_ direction: Direction) -> TextPage.Style {
    switch direction {
    case .looser: return .warning
    case .tighter: return .note
    case .both: return .mixed
    case .equal: return .dim
    }
  }

  private func safe(_ text: String) -> String { DisplayText.safe(text) }
}
