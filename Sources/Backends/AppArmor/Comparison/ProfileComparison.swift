package import Automata
package import IR

/// Holds profiles against a decision table: every label that a process can get to, every path class, operation and owner
/// condition, every socket and capability, and where every exec leads.
///
/// The kernel decides for a label of several profiles (a stack) as for each of them, and all must agree: rights are the
/// intersection, a report is made if any of them makes one (`security/apparmor/label.c`, `fn_for_each_confined`).
package struct ProfileComparison: Sendable {
  private let table: DecisionTable
  private let profiles: [String: ProfileAccess]
  /// What the floor denies whatever the policy says; nil without a floor.
  private let floor: ProfileAccess?
  private let budget: StateBudget

  /// Most labels that are looked at. Layouts of armorc have at most two per source class, and there are at most 12.
  package static let maximumLabels = 64

  package init(
    table: DecisionTable,
    profiles: [ProfileAccess],
    floor: ProfileAccess?,
    budget: StateBudget = StateBudget()
  ) {
    self.table = table
    self.profiles = Dictionary(profiles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.floor = floor
    self.budget = budget
  }

  /// All differences: a shortest witness for every combination of label, source class, path class, operation, owner
  /// condition and actual right in which the two part. Empty exactly if the profiles say what the table says.
  ///
  /// Follows every exec from every label: a process in a label counts as whatever the table makes of the program it
  /// executed, so a transition that leads to the wrong profile shows in the verdicts there.
  package func differences(from entries: [ProfileEntry]) throws(ComparisonError) -> [ProfileDifference] {
    var found: [ProfileDifference] = []
    var seen: Set<ProfileEntry> = []
    var queue: [ProfileEntry] = []
    var walks: [[String]: LabelPaths] = [:]
    func place(_ entry: ProfileEntry) {
      let normal = ProfileEntry(
        label: Set(entry.label).sorted(),
        source: entry.source,
        isFirstProcess: entry.isFirstProcess && entry.source == 0
      )
      if seen.insert(normal).inserted { queue.append(normal) }
    }
    for entry in entries { place(entry) }
    var done = 0
    while done < queue.count {
      let entry = queue[done]
      done += 1
      let components = try components(of: entry)
      let walk: LabelPaths
      if let known = walks[entry.label] {
        walk = known
      } else {
        walk = try LabelPaths(components: components, table: table, floor: floor, budget: budget)
        walks[entry.label] = walk
        if walks.count > ProfileComparison.maximumLabels { throw .tooManyLabels(walks.count) }
      }
      found += networkDifferences(entry, components)
      found += capabilityDifferences(entry, components)
      found += walk.differences(entry, table)
      found += try walk.killed(entry, table, profiles, budget: budget)
      for step in try walk.transitions() {
        place(ProfileEntry(label: step.label, source: step.source, isFirstProcess: false))
      }
    }
    return found
  }

  private func components(of entry: ProfileEntry) throws(ComparisonError) -> [ProfileAccess] {
    var result: [ProfileAccess] = []
    for name in entry.label {
      guard let profile = profiles[name] else {
        throw .unknownProfile(name, from: entry.label.joined(separator: "//&"))
      }
      result.append(profile)
    }
    return result
  }

  // MARK: Sockets and capabilities

  private func networkDifferences(_ entry: ProfileEntry, _ components: [ProfileAccess]) -> [ProfileDifference] {
    var found: [ProfileDifference] = []
    for family in SocketNumber.families.map(\.number) {
      for type in SocketNumber.types.map(\.number) {
        let key = SocketKey(family: family, type: type)
        if !key.isOpenable { continue }
        let right = Right.stacked(components.map { ($0.network[key] ?? .denied, $0.isComplain) })
        var protocols: [UInt16] = [0]
        if family == SocketNumber.inet || family == SocketNumber.inet6 {
          protocols = [
            type == SocketNumber.stream ? SocketNumber.tcp : type == SocketNumber.dgram ? SocketNumber.udp : 255,
            SocketNumber.icmp, SocketNumber.icmpv6, SocketNumber.sctp,
          ]
        }
        for number in protocols {
          let socket = Socket(family: family, type: type, protocolNumber: number)
          let cell = table.cell(source: entry.source, SocketCell(socket))
          if let kind = right.difference(from: cell.verdict) {
            found.append(difference(kind, .network(socket), cell, right, entry))
          }
        }
      }
    }
    return found
  }

  private func capabilityDifferences(_ entry: ProfileEntry, _ components: [ProfileAccess]) -> [ProfileDifference] {
    Capability.allCases.compactMap { capability in
      let right = Right.stacked(components.map { ($0.right(capability), $0.isComplain) })
      let cell = table.cell(source: entry.source, capability)
      return right.difference(from: cell.verdict).map {
        difference($0, .capability(capability), cell, right, entry)
      }
    }
  }

  private func difference(
    _ kind: ProfileDifference.Kind,
    _ access: Access,
    _ cell: Cell,
    _ right: Right,
    _ entry: ProfileEntry
  ) -> ProfileDifference {
    ProfileDifference(
      kind: kind,
      witness: Event(source: entry.witnessSource(table), access: access),
      expected: cell,
      actual: right.verdict,
      label: entry.label,
      detail: ""
    )
  }
}

extension ProfileEntry {
  /// A source to write into a witness: none for a first process, and for class 0 too (it comprises every other source).
  func witnessSource(_ table: DecisionTable) -> BytePath? {
    isFirstProcess ? nil : table.sources.representative(source)
  }
}

extension Right {
  /// The right of a label from those of its profiles; the flag says that a profile is in complain mode.
  static func stacked(_ rights: [(Right, isComplain: Bool)]) -> Right {
    var isAllowed = true
    var isLogged = false
    for (right, isComplain) in rights {
      let silentlyDenied = !right.isAllowed && !right.isLogged
      if !right.isAllowed && (!isComplain || silentlyDenied) { isAllowed = false }
      if right.isLogged { isLogged = true }
    }
    return Right(isAllowed: isAllowed, isLogged: isLogged)
  }

  var verdict: Verdict { !isAllowed ? .block : isLogged ? .audit : .allow }

  /// How this right differs from a verdict, or nil. A block must be reported; a silent one conceals.
  func difference(from expected: Verdict) -> ProfileDifference.Kind? {
    switch (expected, verdict) {
    case (.block, .block): isLogged ? nil : .conceals
    case (.block, _): .permits
    case (_, .block): .blocks
    case (.allow, .audit): .reports
    case (.audit, .allow): .conceals
    default: nil
    }
  }
}
