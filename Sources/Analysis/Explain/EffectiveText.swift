import Diagnostics
import IR

extension ExplanationText {
  /// Most patterns, sources and places that a line of a whole subject names; the rest is counted.
  private static let mostNames = 12

  /// Everything that a subject may do.
  package func render(_ policy: EffectivePolicy) -> String {
    var page = TextPage(colour: colour, width: width)
    page.line(0, hanging: 2, [.init(subjectLine(policy.subject), .bold)])
    let names = policy.subject.policies.map { DisplayText.safe($0.id.description) }
    let base = policy.subject.base.map { ", base list \($0.name)" } ?? ""
    page.line(2, .init((names.isEmpty ? "no policy applies" : "by " + WordList.joined(names, most: 8)) + base, .dim))
    for section in policy.sections where section.resourceClass != .syscalls || !section.reports.isEmpty {
      page.blank()
      render(section, &page)
    }
    for part in Explanation.unjudged(policy.subject, nil) {
      page.blank()
      let place = DisplayText.safe(part.location.description)
      page.line(2, .init("no verdict looks at \(DisplayText.safe(part.what)) (\(place))", .warning))
    }
    return page.text
  }

  private func render(_ section: EffectivePolicy.Section, _ page: inout TextPage) {
    var head: [TextPage.Span] = [.init(ExplanationText.title(section), .bold)]
    if section.resourceClass == .syscalls {
      page.line(2, head)
      for rule in section.reports {
        page.line(4, hanging: 6, [verdict(.audit), .init(" " + rule.words + " "), .init(places([rule]), .dim)])
      }
      return
    }
    if let first = section.allowListedBy {
      let does = ExplanationText.participle(section.rest)
      head.append(.init(" an allow-list: what is not listed is \(does)"))
      head.append(.init(" (\(DisplayText.safe(first.origin.location.description)), default posture)", .dim))
    } else {
      let hasLines = section.parts.contains { !$0.lines.isEmpty }
      head.append(.init(hasLines ? " what is not listed is allowed" : " anything"))
    }
    page.line(2, head)
    for (index, part) in section.parts.enumerated() where index == 0 || !part.lines.isEmpty {
      if index > 0 {
        page.line(
          4,
          .init(part.sources.words(most: ExplanationText.mostNames), .cyan),
          .init(", else as any other source", .dim)
        )
      } else if section.parts.count > 1, !part.lines.isEmpty {
        page.line(4, .init("from any source, unless named below", .cyan))
      }
      let indent = section.parts.count > 1 ? 6 : 4
      for line in part.lines { render(line, indent, &page) }
    }
  }

  private func render(_ line: EffectivePolicy.Line, _ indent: Int, _ page: inout TextPage) {
    let objects = ExplanationText.objects(line.objects, most: ExplanationText.mostNames)
    let owner = line.owner == .any ? "" : line.owner.words + ": "
    page.line(
      indent,
      hanging: 6,
      [verdict(line.verdict), .init(" " + owner + objects + " "), .init(places(line.deciders), .dim)]
    )
  }

  /// `(web.yaml:17,20,31 and 3 more)`: the lines of each file together.
  func places(_ rules: [Rule]) -> String {
    var files: [String] = []
    var lines: [String: [Int]] = [:]
    var seen: Set<[String]> = []
    var count = 0
    for location in rules.map(\.origin.location) where seen.insert([location.file, String(location.line)]).inserted {
      count += 1
      if count > 6 { continue }
      if lines[location.file] == nil { files.append(location.file) }
      lines[location.file, default: []].append(location.line)
    }
    let names = files.map { file in
      DisplayText.safe(file) + ":" + (lines[file] ?? []).sorted().map(String.init).joined(separator: ",")
    }
    if names.isEmpty { return "" }
    return "(" + names.joined(separator: ", ") + (count > 6 ? " and \(count - 6) more" : "") + ")"
  }

  static func objects(_ objects: ChangeRegion.Objects, most: Int) -> String {
    switch objects {
    case .paths(_, let language): language.text(most: most)
    case .sockets(_, let words): words
    case .capabilities(let list): CapabilityWords.text(Set(list))
    case .syscalls(let names, let language):
      WordList.joined(names, most: most) + (language.map { " on " + $0.text(most: most) } ?? "")
    case .syscallsWithoutPath(let names): WordList.joined(names, most: most) + " without a path"
    }
  }

  static func participle(_ verdict: Verdict) -> String {
    switch verdict {
    case .allow: "allowed"
    case .audit: "audited"
    case .block: "blocked"
    }
  }

  private static func title(_ section: EffectivePolicy.Section) -> String {
    switch section.resourceClass {
    case .process: "execute:"
    case .file: PathOperation.words(section.operations) + ":"
    case .network: "connect:"
    case .capabilities: "capabilities:"
    default: "system calls that are reported:"
    }
  }
}
