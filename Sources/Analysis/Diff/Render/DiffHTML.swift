internal import Diagnostics
internal import IR

/// A diff as one page without outside assets and without a script: readable at the width of a phone, in light and dark,
/// on paper and through a screen reader.
package enum DiffHTML {
  /// Nothing is left out but witnesses beyond `witnesses` per region; long lists are folded.
  package static func render(_ diff: PolicyDiff, sources: DiffSources, witnesses: Int = 3) -> String {
    var writer = DiffHTMLWriter(diff, sources, witnesses: max(0, witnesses))
    writer.writeAll()
    return writer.text
  }
}

private struct DiffHTMLWriter {
  let diff: PolicyDiff
  let sources: DiffSources
  let witnesses: Int
  let summary: DiffSummary
  let groups: [SubjectGroup]
  private(set) var text = ""

  private enum Most {
    /// Shown before the rest is folded.
    static let patterns = 10
    static let entries = 20
    static let reasons = 4
  }

  init(_ diff: PolicyDiff, _ sources: DiffSources, witnesses: Int) {
    self.diff = diff
    self.sources = sources
    self.witnesses = witnesses
    summary = DiffSummary(diff)
    groups = SubjectGroup.all(of: diff)
  }

  mutating func writeAll() {
    text += """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-\(DiffHTML.styleDigest)'; \
      base-uri 'none'; form-action 'none'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>armorc diff: \(html(summary.headline))</title>
      <style>\(DiffHTML.style)</style>
      </head>
      <body>
      <a class="skip" href="#changes">Skip to the changes</a>

      """
    writeTop()
    if summary.changed > 0 { writeFilter() }
    text += "<main id=\"changes\" class=\"page\">\n"
    writeUnjudged()
    if groups.count > 1 { writeIndex() }
    for (number, group) in groups.enumerated() { write(group, number + 1) }
    let parts = EqualPart.all(of: diff)
    write(parts.equal, titled: "No change in meaning")
    write(parts.metadata, titled: "Metadata")
    writeEqual()
    text += """
      </main>
      <footer class="page bottom"><p>Written by armorc. \
      \(summary.entries > 0 ? "The reference evaluator confirmed both verdicts of every example." : "")</p></footer>
      </body>
      </html>

      """
  }

  // MARK: Top

  private mutating func writeTop() {
    text += """
      <header class="top"><div class="page">
      <p class="eyebrow"><b>armorc diff</b> from <code>\(html(sources.oldName))</code> to \
      <code>\(html(sources.newName))</code></p>
      <h1>\(html(sentence(summary.headline)))</h1>

      """
    let parts = [
      Tile(count: summary.looser, words: "looser", style: "looser", link: "looser"),
      Tile(count: summary.both, words: "looser and tighter", style: "both", link: "all"),
      Tile(count: summary.tighter, words: "tighter", style: "tighter", link: "tighter"),
      Tile(count: summary.uncompared, words: "not compared", style: "alarm", link: "all"),
      Tile(
        count: summary.subjects - summary.changed - summary.uncompared,
        words: "equal",
        style: "equal",
        link: "equal"
      ),
    ].filter { $0.count > 0 }
    if summary.changed + summary.uncompared > 0 {
      writeBar(parts)
      text += "<ul class=\"tiles\">\n"
      for part in parts {
        text += "<li><a class=\"\(part.style)\" href=\"#\(part.link)\"><b>\(Count.number(part.count))</b>"
        text += " <span>\(part.words)</span></a></li>\n"
      }
      text += "</ul>\n"
    }
    if !summary.warnings.isEmpty {
      text += "<ul class=\"alarms\">\n"
      for warning in summary.warnings { text += "<li>\(html(sentence(warning)))</li>\n" }
      text += "</ul>\n"
    }
    text += "</div></header>\n"
  }

  private struct Tile {
    let count: Int
    let words: String
    let style: String
    let link: String
  }

  /// Widths are thousandths, so that the picture needs no style of its own.
  private mutating func writeBar(_ parts: [Tile]) {
    let total = max(1, parts.reduce(0) { $0 + $1.count })
    let words = parts.map { "\($0.count) \($0.words)" }.joined(separator: ", ")
    text +=
      "<svg class=\"bar\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"\(words)\">"
    var start = 0
    var count = 0
    for part in parts {
      count += part.count
      let end = count * 1000 / total
      text += "<rect class=\"\(part.style)\" x=\"\(start)\" width=\"\(end - start)\" height=\"10\"/>"
      start = end
    }
    text += "</svg>\n"
  }

  private mutating func writeFilter() {
    let tighter = summary.entries - summary.looserEntries
    text += """
      <span class="anchor" id="all"></span><span class="anchor" id="looser"></span><span class="anchor" id="tighter"></span>
      <nav class="filter" aria-label="Which changes are shown"><ul class="page">
      <li><a href="#all">All</a></li>

      """
    if summary.looserEntries > 0 { text += "<li><a href=\"#looser\">▲ Looser only</a></li>\n" }
    if tighter > 0 { text += "<li><a href=\"#tighter\">▼ Tighter only</a></li>\n" }
    text += "</ul></nav>\n"
  }

  private mutating func writeIndex() {
    text += "<nav aria-label=\"Subjects\"><details class=\"index silent\"\(groups.count <= 24 ? " open" : "")>"
    text += "<summary>\(Count.of(groups.count, "group of subjects that change alike", plural: "subjects and groups"))"
    text += "</summary><ol>\n"
    for (number, group) in groups.enumerated() {
      text += "<li><span class=\"glyph \(style(group))\" aria-hidden=\"true\">\(glyph(group))</span>"
      text += "<a href=\"#s\(number + 1)\">\(html(group.first.name))</a>\(more(group)) <span class=\"more\">"
      text += "\(html(group.classWords))</span></li>\n"
    }
    text += "</ol></details></nav>\n"
  }

  // MARK: Subjects

  private mutating func write(_ group: SubjectGroup, _ number: Int) {
    let subject = group.first
    let style = self.style(group)
    let has = group.first.entries.reduce(into: Set<String>()) { $0.insert(" has-" + $1.direction.rawValue) }
    text +=
      "<section class=\"subject \(style)\(has.sorted().joined())\" id=\"s\(number)\" aria-labelledby=\"h\(number)\">\n"
    text +=
      "<div class=\"head\"><h2 id=\"h\(number)\"><a href=\"#s\(number)\">\(html(subject.name))</a>\(more(group))</h2>"
    if subject.presence != .both {
      text += "<span class=\"tag plain\">\(subject.presence == .added ? "new" : "removed")</span> "
    }
    let words = subject.problem == nil ? subject.direction.words : "not compared"
    text += "<span class=\"tag \(style)\">\(glyph(group)) \(words)</span>\n"
    if !subject.description.isEmpty { text += "<p>\(html(subject.description))</p>\n" }
    if group.subjects.count > 1 {
      text += "<details class=\"alike\"><summary>\(Count.of(group.subjects.count - 1, "more subject"))"
      text += " with the same changes</summary><ul>\n"
      for other in group.subjects.dropFirst() { text += "<li>\(html(other.name))</li>\n" }
      text += "</ul></details>\n"
    }
    if let problem = subject.problem { text += "<p class=\"problem\">Not compared: \(html(problem))</p>\n" }
    for unjudged in subject.unjudged {
      text += "<p class=\"unjudged\">Not judged: \(html(unjudged.words))</p>\n"
    }
    if !subject.settings.isEmpty {
      text += "<ul class=\"settings\">\n"
      for setting in subject.settings { text += "<li>\(html(setting.words(located: true)))</li>\n" }
      text += "</ul>\n"
    }
    text += "</div>\n"
    let entries = group.classes.flatMap(\.entries)
    for entry in entries.prefix(Most.entries) { write(entry) }
    if entries.count > Most.entries {
      let rest = entries.dropFirst(Most.entries)
      text += "<details class=\"entries\"><summary class=\"entry more\">and \(html(Folded.entries(rest)))</summary>\n"
      for entry in rest { write(entry) }
      text += "</details>\n"
    }
    text += "</section>\n"
  }

  private mutating func write(_ entry: ChangeEntry) {
    let direction = entry.direction
    text += "<article class=\"entry \(direction.rawValue)\"><h3>"
    text += "<span class=\"tag \(direction.rawValue)\">\(direction.glyph) \(direction.words)</span>"
    text += "<span class=\"class\">\(entry.resourceClass.rawValue)</span> <span class=\"flow\">"
    text += "\(chip(entry.old)) <span aria-label=\"becomes\" role=\"img\">→</span> \(chip(entry.new))</span></h3>\n"
    for region in entry.regions { write(region) }
    text += "<p class=\"because\"><span>because</span> \(html(entry.cause.title(in: entry.resourceClass)))</p>\n"
    text += "<div class=\"sides\">\n"
    write(EntryReason.all(of: entry, .old), .old, sources.oldName)
    write(EntryReason.all(of: entry, .new), .new, sources.newName)
    text += "</div></article>\n"
  }

  private mutating func write(_ region: ChangeRegion) {
    text += "<div class=\"region\"><p class=\"what\"><b>\(html(region.operationWords))</b>"
    switch region.objects {
    case .sockets(_, let words): text += " <code>\(html(words))</code>"
    case .capabilities(let all): text += " <code>\(html(CapabilityWords.text(Set(all))))</code>"
    case .syscallsWithoutPath: text += " without a path"
    case .paths, .syscalls:
      if let one = region.onlyPattern { text += " <code class=\"one\">\(html(one))</code>" }
    }
    let scope = [region.sources == .any ? nil : region.sources.words, region.ownerWords].compactMap(\.self)
    if !scope.isEmpty { text += " <span class=\"scope\">\(html(scope.joined(separator: " ")))</span>" }
    text += "</p>\n"
    if region.onlyPattern == nil, let language = region.language { write(language) }
    for witness in region.witnesses.prefix(witnesses) {
      text +=
        "<p class=\"witness\"><span class=\"eg\">for example</span> <code>\(html(witness.event.description))</code>"
      text += " \(witness.verdictWords)</p>\n"
    }
    text += "</div>\n"
  }

  private mutating func write(_ language: PathLanguage) {
    text += "<ul class=\"patterns\">\n"
    if !language.isExact { text += "<li class=\"word\">some of</li>\n" }
    writeList(language.include)
    if !language.except.isEmpty {
      text += "<li class=\"word\">except</li>\n"
      writeList(language.except)
    }
    if !language.isExact, !language.samples.isEmpty {
      text += "<li class=\"word\">such as</li>\n"
      writeList(language.samples.map(\.description))
    }
    text += "</ul>\n"
  }

  private mutating func writeList(_ patterns: [String]) {
    for pattern in patterns.prefix(Most.patterns) { text += "<li><code>\(html(pattern))</code></li>\n" }
    let rest = patterns.dropFirst(Most.patterns)
    guard !rest.isEmpty else { return }
    text += "<li><details><summary>and \(rest.count) more</summary><ul>\n"
    for pattern in rest { text += "<li><code>\(html(pattern))</code></li>\n" }
    text += "</ul></details></li>\n"
  }

  private mutating func write(_ reasons: [EntryReason], _ side: DiffSources.Side, _ name: String) {
    text += "<div class=\"side \(side.rawValue)\"><h4>\(side == .old ? "−" : "+") \(html(name))</h4><ol>\n"
    for reason in reasons.prefix(Most.reasons) { write(reason, side) }
    let rest = reasons.dropFirst(Most.reasons)
    if !rest.isEmpty {
      text += "<li><details><summary class=\"more\">and \(rest.count) more</summary><ol>\n"
      for reason in rest { write(reason, side) }
      text += "</ol></details></li>\n"
    }
    text += "</ol></div>\n"
  }

  private mutating func write(_ reason: EntryReason, _ side: DiffSources.Side) {
    text += "<li><p>\(html(reason.words))</p>"
    if let location = reason.location {
      text += "<div class=\"frame\"><code class=\"where\">\(html(location))</code>"
      if let line = reason.line(side, sources) { text += "<pre>\(html(line))</pre>" }
      text += "</div>"
    }
    text += "</li>\n"
  }

  // MARK: Without meaning

  private mutating func writeUnjudged() {
    let parts = UnjudgedPart.all(of: diff)
    guard !parts.isEmpty else { return }
    text +=
      "<section class=\"panel alarm\" aria-labelledby=\"unjudged\"><h2 id=\"unjudged\">Not judged: look at these yourself"
    text += "</h2>\n<ul>\n"
    for part in parts {
      text += "<li>\(html(part.words))"
      if !part.subjects.isEmpty {
        text += " <span class=\"why\">applies to \(html(WordList.joined(part.subjects, most: 12)))</span>"
      }
      text += "\(place(part.place))</li>\n"
    }
    text += "</ul></section>\n"
  }

  private mutating func write(_ parts: [EqualPart], titled title: String) {
    guard !parts.isEmpty else { return }
    text += "<section class=\"panel silent\"><h2>\(title)</h2>\n<ul>\n"
    for part in parts {
      text += "<li>\(html(part.words))"
      if let reason = part.reason { text += " <span class=\"why\">(\(html(reason)))</span>" }
      text += "\(place(part.place))</li>\n"
    }
    text += "</ul></section>\n"
  }

  private mutating func writeEqual() {
    let names = diff.subjects.lazy.filter { !$0.isWorthTelling }.map(\.name)
    guard let first = names.first else { return }
    text += "<section class=\"panel silent\" id=\"equal\"><h2>Equal</h2>\n"
    let count = names.count
    if count == 1 {
      text += "<p>Every verdict of \(html(first)) stays the same.</p>"
    } else {
      text += "<details><summary>Every verdict of \(Count.of(count, "subject")) stays the same</summary><ul>\n"
      for name in names { text += "<li>\(html(name))</li>\n" }
      text += "</ul></details>"
    }
    text += "</section>\n"
  }

  // MARK: Parts

  private func html(_ text: String) -> String { MarkupText.html(text) }

  private func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private func glyph(_ group: SubjectGroup) -> String { group.first.problem == nil ? group.direction.glyph : "!" }

  private func style(_ group: SubjectGroup) -> String {
    group.first.problem == nil ? group.direction.rawValue : "alarm"
  }

  private func more(_ group: SubjectGroup) -> String {
    group.subjects.count == 1 ? "" : " and \(Count.number(group.subjects.count - 1)) more"
  }

  private func chip(_ verdict: Verdict) -> String {
    "<span class=\"verdict \(verdict.name)\">\(verdict.done)</span>"
  }

  private func place(_ place: DiffPlace?) -> String {
    place.map { "<br><code class=\"why\">\(html($0.location.description))</code>" } ?? ""
  }
}

extension ChangeRegion {
  /// The pattern, if it is the only one and says all.
  fileprivate var onlyPattern: String? {
    guard let language, language.isExact, language.except.isEmpty, language.include.count == 1 else { return nil }
    return language.include.first
  }
}
