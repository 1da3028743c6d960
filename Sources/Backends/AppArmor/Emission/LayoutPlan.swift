import IR

/// Which profiles a subject gets, which table classes each decides for, and where execs lead in it.
struct LayoutPlan {
  struct Part {
    let name: String
    let role: Profile.Role
    let sources: [BytePath]
    /// Table classes whose verdicts it brings about; of several their `JointVerdict`.
    let classes: [Int]
    /// Table classes of the profile that it is stacked on.
    let base: [Int]?
    let exec: ExecMap
    let isAttached: Bool
  }

  let layout: ProfileLayout
  /// Why this layout, one line.
  let reason: String
  let parts: [Part]
  /// Per table class the profiles in force for its sources.
  let labels: [[String]]

  /// Most exec targets of a profile: the transition table of AppArmor has room for 12.
  static let mostTargets = 12

  init(_ subject: SubjectPolicy, _ table: DecisionTable) throws(EmissionError) {
    let groups = SourceGroups(table)
    let base = "armorc." + subject.name
    let gains = LayoutPlan.gain(table, groups)
    if groups.count == 1 && !subject.subject.isHost {
      layout = .single
      reason = "no rule that matters names a source"
    } else if subject.subject.isHost {
      layout = .attached
      reason = "a host's programs are attached to by path"
    } else if let gains {
      layout = .union
      reason = "\(gains) may do what others may not"
    } else {
      layout = .restricting
      reason = "every source only loses rights"
    }
    let targets = layout == .union ? groups.count : groups.count - 1
    // From a source's own profile: all other sources, and the way back.
    if targets > LayoutPlan.mostTargets {
      let origins = table.rules.filter { !$0.sources.isEmpty }.map(\.origin)
      throw .tooManySources(
        groups: groups.count - 1,
        limit: LayoutPlan.mostTargets - (layout == .union ? 1 : 0),
        rules: origins
      )
    }
    let names =
      [base + ".others"]
      + groups.paths.dropFirst().enumerated().map { index, paths in
        LayoutPlan.name(base, index + 1, paths)
      }
    var origins: [BytePath: [Origin]] = [:]
    for rule in table.rules {
      for case .literal(let path) in rule.sources where rule.resourceClass != .syscalls {
        origins[path, default: []].append(rule.origin)
      }
    }
    func map(_ standard: ExecTransition, _ target: (Int) -> ExecTransition) -> ExecMap {
      var targets: [BytePath: ExecTransition] = [:]
      for (group, paths) in groups.paths.enumerated().dropFirst() {
        for path in paths { targets[path] = target(group) }
      }
      return ExecMap(standard: standard, targets: targets, origins: origins)
    }
    let sourceGroups = Array(1..<max(1, groups.count))
    let isUnion = layout == .union
    let isAttached = layout == .attached
    // The whole label is named. `pix -> &name` would keep "this profile" by looking the program's path up among the
    // attached profiles first: with a host policy on the node the host's profile would take the container's place.
    var parts = [
      Part(
        name: base,
        role: .base,
        sources: [],
        classes: isUnion ? groups.tableClass : [0],
        base: nil,
        exec: isUnion
          ? map(.replace([base, names[0]])) { .replace([base, names[$0]]) }
          : map(.inherit) { isAttached ? .replace([names[$0]]) : .replace([base, names[$0]]) },
        isAttached: isAttached
      )
    ]
    if isUnion {
      parts.append(
        Part(
          name: names[0],
          role: .component(0),
          sources: [],
          classes: [0],
          base: groups.tableClass,
          exec: map(.inherit) { .replace([names[$0]]) },
          isAttached: false
        )
      )
    }
    for group in sourceGroups {
      parts.append(
        Part(
          name: names[group],
          role: .component(group),
          sources: groups.paths[group],
          classes: [groups.tableClass[group]],
          base: isAttached ? nil : isUnion ? groups.tableClass : [0],
          exec: map(.replace([isUnion ? names[0] : base])) { $0 == group ? .inherit : .replace([names[$0]]) },
          isAttached: isAttached
        )
      )
    }
    self.parts = parts
    labels = groups.groupOf.map { group in
      switch parts[0].role {
      case _ where isAttached: [group == 0 ? base : names[group]]
      case _ where isUnion: [base, names[group]]
      default: group == 0 ? [base] : [base, names[group]]
      }
    }
  }

  /// `base.S01-cat`: an upper-case letter stands in no subject's name, so no two subjects' profiles are called alike.
  private static func name(_ base: String, _ number: Int, _ paths: [BytePath]) -> String {
    var basename = ""
    for byte in (paths.first?.basename ?? []).prefix(16) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
        basename.unicodeScalars.append(Unicode.Scalar(byte))
      default: basename += "_"
      }
    }
    return "\(base).S\(number < 10 ? "0" : "")\(number)-\(basename)"
  }

  /// The first source that may do something that class 0 may not; nil if all only lose rights.
  private static func gain(_ table: DecisionTable, _ groups: SourceGroups) -> String? {
    for group in 1..<max(1, groups.count) {
      let source = groups.tableClass[group]
      func gains(_ cell: (Int) -> Cell) -> Bool { cell(0).verdict == .block && cell(source).verdict != .block }
      let isGain =
        (1..<max(1, table.pathClassCount)).contains { path in
          Facet.all.contains { facet in
            gains { table.cell(source: $0, path: path, facet.operation, isOwner: facet.isOwner) }
          }
        } || SocketCell.all.contains { cell in gains { table.cell(source: $0, cell) } }
        || Capability.allCases.contains { capability in gains { table.cell(source: $0, capability) } }
      if isGain { return groups.paths[group].first?.description ?? "a source" }
    }
    return nil
  }
}
