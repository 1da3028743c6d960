internal import Diagnostics
internal import IR

/// A table of directions: a row per subject, a column per class, in each cell how many changes go which way.
package enum DiffStat {
  /// Folds to `width` columns (at least 40).
  package static func render(_ diff: PolicyDiff, sources: DiffSources, colour: Bool, width: Int) -> String {
    let summary = DiffSummary(diff)
    var page = TextPage(colour: colour, width: width)
    let groups = SubjectGroup.all(of: diff)
    let rows = groups.map(Row.init)
    let classes = ResourceClass.allCases.filter { name in rows.contains { $0.counts[name] != nil } }
    let columns = classes.map { name in
      max(TextPage.columns(name.rawValue), rows.map { TextPage.columns($0.cell(name)) }.max() ?? 0)
    }
    let wanted = rows.map { TextPage.columns($0.title) }.max() ?? 0
    let room = page.width - columns.reduce(0) { $0 + $1 + 2 } - 2
    if !rows.isEmpty {
      if room >= min(wanted, 24) {
        let first = max(7, min(wanted, room))
        var head: [TextPage.Span] = [.init(padded("subject", first), .dim)]
        for (name, width) in zip(classes, columns) { head.append(.init("  " + padded(name.rawValue, width), .dim)) }
        page.row(head)
        for row in rows {
          let title = padded(TextPage.cut(row.title, first), first)
          var cells: [TextPage.Span] = [.init(title, row.problem ? .alarm : .plain)]
          if row.problem {
            cells.append(.init("  not compared", .alarm))
          } else {
            for (name, width) in zip(classes, columns) { cells += row.spans(name, width) }
          }
          page.row(cells)
        }
      } else {
        for row in rows {
          var spans: [TextPage.Span] = [.init(row.title), .init(":")]
          if row.problem { spans.append(.init(" not compared", .alarm)) }
          for name in classes where row.counts[name] != nil {
            spans.append(.init(" \(name.rawValue) "))
            spans += row.spans(name, 0)
          }
          page.line(0, spans)
        }
      }
      page.blank()
    }
    page.line(0, .init(summary.headline, .bold))
    if summary.changed > 0 {
      page.line(
        0,
        .init("▲", .warning),
        .init(" looser, "),
        .init("▼", .note),
        .init(" tighter, with how many changes")
      )
    }
    for warning in summary.warnings { page.line(0, .init("! " + warning, .alarm)) }
    return page.text
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - TextPage.columns(text)))
  }

  private struct Row {
    let title: String
    let problem: Bool
    let counts: [ResourceClass: (looser: Int, tighter: Int)]

    init(_ group: SubjectGroup) {
      title = group.title
      problem = group.first.problem != nil
      var counts: [ResourceClass: (looser: Int, tighter: Int)] = [:]
      for entry in group.first.entries {
        let isLooser = entry.direction == .looser
        counts[entry.resourceClass, default: (0, 0)].looser += isLooser ? 1 : 0
        counts[entry.resourceClass, default: (0, 0)].tighter += isLooser ? 0 : 1
      }
      self.counts = counts
    }

    private func parts(_ name: ResourceClass) -> [TextPage.Span] {
      guard let count = counts[name] else { return [.init("·", .dim)] }
      var parts: [TextPage.Span] = []
      if count.looser > 0 { parts.append(.init("▲\(count.looser)", .warning)) }
      if count.tighter > 0 { parts.append(.init("▼\(count.tighter)", .note)) }
      return parts
    }

    func cell(_ name: ResourceClass) -> String { parts(name).map(\.text).joined(separator: " ") }

    func spans(_ name: ResourceClass, _ width: Int) -> [TextPage.Span] {
      var spans: [TextPage.Span] = width > 0 ? [.init("  ")] : []
      for (index, part) in parts(name).enumerated() {
        if index > 0 { spans.append(.init(" ")) }
        spans.append(part)
      }
      spans.append(.init(String(repeating: " ", count: max(0, width - TextPage.columns(cell(name))))))
      return spans
    }
  }
}
