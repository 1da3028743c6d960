package import Automata
package import IR

extension EnforcedSubject {
  /// The verdicts on all events at once.
  ///
  /// An operation counts as its first part (opening for reading or writing), a path as the name of a file, a program that is
  /// killed as it starts as blocked; where a source may run under several labels, the loosest counts, and where no process
  /// can have it, what the policies say.
  /// - Throws: `BudgetError` when the profiles' automata together are too large.
  package func verdicts(budget: StateBudget = StateBudget()) throws(BudgetError) -> VerdictMap {
    let actors = labels.ofClass + (labels.first.map { [[$0]] } ?? [])
    let paths = try PathMap(self, actors, budget: budget)
    return VerdictMap(
      table: table,
      hasFirstProcess: labels.first != nil,
      paths: paths.classifier,
      pathClasses: paths.pathClasses,
      pathVerdicts: paths.rows,
      socketVerdicts: actors.enumerated().map { actor, labels in
        SocketCell.all.map { cell in
          loosest(labels) { stacked($0) { $0.network[cell.key] ?? .denied } }
            ?? table.cell(source: actor, cell).verdict
        }
      },
      isOpenable: SocketCell.all.map(\.key.isOpenable),
      capabilityVerdicts: actors.enumerated().map { actor, labels in
        Capability.allCases.map { capability in
          loosest(labels) { stacked($0) { $0.right(capability) } } ?? table.cell(source: actor, capability).verdict
        }
      }
    )
  }

  private func loosest(_ labels: [[String]], _ verdict: ([ProfileAccess]) -> Verdict) -> Verdict? {
    labels.map { verdict($0.compactMap { walk.profiles[$0] }) }.min { $0.rawValue < $1.rawValue }
  }

  private func stacked(_ components: [ProfileAccess], _ right: (ProfileAccess) -> Right) -> Verdict {
    Right.stacked(components.map { (right($0), isComplain: $0.isComplain) }).verdict
  }
}

extension SocketCell {
  /// What AppArmor looks at, of the socket that stands for the cell.
  fileprivate var key: SocketKey { SocketKey(family: representative.family, type: representative.type) }
}

/// The part of a map that speaks of paths.
private struct PathMap {
  private(set) var classifier: Classifier
  private(set) var pathClasses: [Int]
  /// Per label: `[actor][operation][owner]`.
  private(set) var rows: [[Verdict]]

  private struct Entry: Hashable {
    let pathClass: UInt32
    let row: UInt32
  }

  init(_ subject: EnforcedSubject, _ actors: [[[String]]], budget: StateBudget) throws(BudgetError) {
    let profiles = subject.walk.profiles.values.sorted { $0.name < $1.name }
    let indexOf = Dictionary(profiles.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    // Actors share labels.
    var known: [[String]: Int] = [:]
    var stacks: [Stack] = []
    let stacksOf = actors.map { labels in
      labels.map { label -> Int in
        if let number = known[label] { return number }
        known[label] = stacks.count
        stacks.append(Stack(label, profiles, indexOf))
        return stacks.count - 1
      }
    }
    var entries = Interner<Entry>()
    var verdictRows = Interner<[Verdict]>()
    var rowOf: [[UInt32]: UInt32] = [:]
    let nothing = [Verdict](repeating: .block, count: actors.count * 6)
    _ = entries.number(Entry(pathClass: 0, row: verdictRows.number(nothing)))
    let table = subject.table
    // Of an actor that no process is, the policies' own verdicts: they need the path class.
    let isWhole = stacksOf.allSatisfy { !$0.isEmpty }
    classifier = try JointWalk.classifier(of: [table.paths] + profiles.map(\.files), budget: budget) { states in
      let pathClass = table.paths.labels[Int(states[0])]
      if pathClass == 0 { return 0 }
      let name = zip(profiles, states.dropFirst()).map { $0.files.labels[Int($1)] }
      let key = isWhole ? name : name + [pathClass]
      let row: UInt32
      if let same = rowOf[key] {
        row = same
      } else {
        let perStack = stacks.map { $0.verdicts(name) }
        row = verdictRows.number(
          stacksOf.enumerated().flatMap { actor, mine in
            Facet.all.map { facet in
              mine.map { perStack[$0][facet.index] }.min { $0.rawValue < $1.rawValue }
                ?? table.cell(source: actor, path: Int(pathClass), facet.operation, isOwner: facet.isOwner).verdict
            }
          }
        )
        rowOf[key] = row
      }
      return entries.number(Entry(pathClass: pathClass, row: row))
    }
    pathClasses = entries.all.map { Int($0.pathClass) }
    rows = entries.all.map { verdictRows[$0.row] }
  }

  /// One label of processes.
  private struct Stack {
    private let rights: LabelRights
    private let label: Set<String>
    /// Of its profiles among all.
    private let indices: [Int]
    private let all: [ProfileAccess]
    private let indexOf: [String: Int]

    init(_ label: [String], _ all: [ProfileAccess], _ indexOf: [String: Int]) {
      indices = label.compactMap { indexOf[$0] }
      rights = LabelRights(components: indices.map { all[$0] })
      self.label = Set(label)
      self.all = all
      self.indexOf = indexOf
    }

    /// `[operation][owner]`; `name` is what each profile makes of the name.
    func verdicts(_ name: [UInt32]) -> [Verdict] {
      let own = indices.map { name[$0] }
      return PathOperation.allCases.flatMap { operation in
        [false, true].map { isOwner -> Verdict in
          let verdict = rights.right(own, operation, isOwner).main.verdict
          return operation == .exec && verdict != .block && isKilled(name, own, isOwner) ? .block : verdict
        }
      }
    }

    private func isKilled(_ name: [UInt32], _ own: [UInt32], _ isOwner: Bool) -> Bool {
      guard let after = try? rights.label(after: own, isOwner) else { return false }
      return after.contains { added in
        if label.contains(added) { return false }
        guard let index = indexOf[added] else { return true }
        let rights = all[index].fileRights[Int(name[index])]
        return !all[index].isComplain && !(isOwner ? rights.owner : rights.other).allowed.contains(.read)
      }
    }
  }
}
