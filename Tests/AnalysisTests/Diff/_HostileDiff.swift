import Analysis
import IR

extension DiffFixture {
  /// Texts that some format would obey: terminal escapes, markup, mentions, links, line breaks, reordering marks.
  static let traps = [
    "\u{1B}[31mred\u{1B}]0;title\u{07}", "a|b||c", "<script>alert(1)</script>", "`code` ``more``",
    "</details></code><img src=x onerror=alert(1)>", "@security-team #1 GH-2", "![x](https://evil.example/x.png)",
    "line\nbreak\r\n| new | row |", "\u{202E}txt.exe\u{2066}", "\"quoted\" & 'single'", "&lt;b&gt; &#64;me",
    "<!-- --> --><b>", "\\|\\`\\<", "]]>", "https://evil.example/?a=b", "~~~\n```\n# heading", "",
  ]

  /// Every text that comes from input is a trap.
  static let hostile: PolicyDiff = {
    let bytes = BytePath([0x2F, 0xFF, 0xFE, 0x1B, 0x5B, 0x33, 0x31, 0x6D, 0x7C, 0x60]) ?? .root
    var subjects: [SubjectDiff] = []
    var edits: [PolicyEdit] = []
    for (number, trap) in traps.enumerated() {
      let id = PolicyID(kind: .pod, namespace: trap, name: "p" + trap)
      let location = Location(file: "policies/\(trap).yaml", line: number + 1, column: 1)
      let object = BytePath("/" + trap.split(separator: "/").joined(separator: "/")) ?? .root
      let rule = Rule(
        target: .file(.literal(object)),
        sources: [.literal(bytes)],
        action: .block,
        message: trap,
        origin: Origin(policy: id, position: 0, path: "spec.\(trap)", location: location)
      )
      subjects.append(
        SubjectDiff(
          name: "s\(number)",
          description: trap,
          presence: .both,
          settings: [.baseList(old: trap, new: nil), .policyJoined(id, location)],
          entries: [
            ChangeEntry(
              resourceClass: .file,
              old: .block,
              new: .allow,
              cause: Cause(.ruleRemoved, old: rule),
              regions: [
                ChangeRegion(
                  objects: .paths([.read], PathLanguage(include: ["/" + trap], except: [trap], samples: [bytes])),
                  sources: .only([bytes, object]),
                  owner: .owner,
                  witnesses: [
                    witness(.path(.read, bytes), .block, .rule(rule.origin), .allow),
                    witness(.path(.read, object), .block, .rule(rule.origin), .allow),
                  ]
                ),
                ChangeRegion(
                  objects: .syscalls([trap], nil),
                  sources: .matching(PathLanguage(include: [trap])),
                  owner: .any,
                  witnesses: [witness(.syscall(trap, bytes), .block, .rule(rule.origin), .allow)]
                ),
              ]
            )
          ],
          unjudged: [UnjudgedChange(what: trap, kind: .changed, policy: id, location: location)]
        )
      )
      subjects.append(
        SubjectDiff(name: "t\(number)", description: trap, presence: .both, problem: trap)
      )
      edits.append(
        PolicyEdit(policy: id, kind: .selector(old: trap, new: trap), effect: .none(trap), newLocation: location)
      )
      edits.append(
        PolicyEdit(
          policy: id,
          kind: .metadata(field: "message", old: trap, new: trap, rules: 1),
          effect: .none(""),
          oldLocation: location
        )
      )
    }
    return PolicyDiff(subjects: subjects, edits: edits)
  }()

  static let hostileSources = DiffSources(
    oldName: traps[0] + traps[2],
    newName: traps[1] + traps[3],
    line: { location, _ in "\t- path: " + traps[location.line % traps.count] }
  )

  /// `subjects` subjects of `entries` entries each, alternately looser and tighter.
  static func large(subjects: Int, entries: Int) -> PolicyDiff {
    PolicyDiff(
      subjects: (0..<subjects).map { subject in
        let id = policy("p\(subject)")
        return SubjectDiff(
          name: "shop.workload-\(subject).main",
          description: "container main of Deployment/workload-\(subject) in shop",
          presence: .both,
          entries: (0..<entries).map { entry in
            let target = path("/srv/data-\(subject)/directory-\(entry)/file")
            let cause = rule(
              .file(.literal(target)),
              id,
              "spec.file.matchPaths[\(entry)]",
              "policies/p\(subject).yaml",
              entry + 10
            )
            let isLooser = (subject + entry).isMultiple(of: 2)
            return ChangeEntry(
              resourceClass: .file,
              old: isLooser ? .block : .allow,
              new: isLooser ? .allow : .block,
              cause: isLooser ? Cause(.ruleRemoved, old: cause) : Cause(.ruleAdded, new: cause),
              regions: [
                paths(
                  [.read, .write],
                  [target.description],
                  [
                    isLooser
                      ? witness(.path(.read, target), .block, by(cause), .allow)
                      : witness(.path(.read, target), .allow, .nothing, .block, by(cause))
                  ]
                )
              ]
            )
          }.loosestFirst
        )
      },
      edits: []
    )
  }
}

extension [ChangeEntry] {
  fileprivate var loosestFirst: [ChangeEntry] {
    filter { $0.direction == .looser } + filter { $0.direction != .looser }
  }
}
