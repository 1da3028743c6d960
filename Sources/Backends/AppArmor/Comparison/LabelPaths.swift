import Automata
import IR

/// Everything that one label says of paths, beside what the table says: the product of the table's path automaton, each
/// profile's automaton on the name of a file and on the name of a directory (which ends in `/`), the floor's, and the
/// sources.
struct LabelPaths {
  /// One combination that some path has.
  private struct Combination: Hashable {
    var pathClass: UInt32 = 0
    /// Index of the rights of each profile on the plain name and on the directory's name, floor last.
    var plain: [UInt32] = []
    var directory: [UInt32] = []
    /// Bit 0: it is `/`. Above: 0 none of the sources, else the source class.
    var source: UInt32 = 0
  }

  /// Where an exec leads.
  struct Step {
    let label: [String]
    /// Source class of the executed path.
    let source: Int
  }

  private let components: [ProfileAccess]
  private var rights: LabelRights { LabelRights(components: components) }
  private let floor: ProfileAccess?
  /// Every combination with a shortest path of it.
  private var combinations: [(Combination, BytePath)] = []

  init(
    components: [ProfileAccess],
    table: DecisionTable,
    floor: ProfileAccess?,
    budget: StateBudget
  ) throws(ComparisonError) {
    self.components = components
    self.floor = floor
    do {
      combinations = try LabelPaths.combine(components + (floor.map { [$0] } ?? []), table, budget)
    } catch {
      throw .budget(error)
    }
  }

  private static func combine(
    _ profiles: [ProfileAccess],
    _ table: DecisionTable,
    _ budget: StateBudget
  ) throws(BudgetError) -> [(Combination, BytePath)] {
    var interned = Interner<Combination>()
    // `/` is the one directory whose name has no further slash: it stands alone.
    let sourceLists = [[BytePath.root]] + table.sources.paths.dropFirst()
    let sources = try Partition.of(
      sourceLists.map { .union($0.map { .literal($0.bytes) }) },
      budget: budget
    )
    // The states are those of the table, of the sources, and of every profile.
    let slash = UInt8(ascii: "/")
    let witnesses = try JointWalk.witnesses(
      of: [table.paths, sources.classifier] + profiles.map(\.files),
      budget: budget
    ) { states in
      let members = sources.members[Int(sources.classifier.labels[Int(states[1])])]
      // Bit 0 marks `/`; above it the source class.
      let isRoot = members.contains(0)
      var combination = Combination(
        pathClass: table.paths.labels[Int(states[0])],
        source: UInt32(members.last { $0 > 0 } ?? 0) << 1 | (isRoot ? 1 : 0)
      )
      for (profile, state) in zip(profiles, states.dropFirst(2)) {
        let plain = profile.files.labels[Int(state)]
        combination.plain.append(plain)
        combination.directory.append(isRoot ? plain : profile.files.labels[Int(profile.files.next(state, slash))])
      }
      return interned.number(combination)
    }
    return witnesses.sorted { $0.key < $1.key }.compactMap { label, bytes in
      let combination = interned[label]
      guard let path = BytePath(bytes), combination.pathClass != 0 else { return nil }
      return (combination, path)
    }
  }

  // MARK: Verdicts

  func differences(_ entry: ProfileEntry, _ table: DecisionTable) -> [ProfileDifference] {
    var differences: [ProfileDifference] = []
    for (combination, path) in combinations {
      for operation in PathOperation.allCases {
        for isOwner in [false, true] {
          let cell = table.cell(source: entry.source, path: Int(combination.pathClass), operation, isOwner: isOwner)
          // A program is never a directory; everything else may be.
          let isOneName = operation == .exec || combination.plain == combination.directory
          for name in isOneName ? [combination.plain] : [combination.plain, combination.directory] {
            let right = rights.right(name, operation, isOwner)
            let isFloored = isBelowFloor(name, operation, isOwner)
            // What the floor denies is denied, whatever the policy says.
            let found = isFloored ? (right.whole.isAllowed ? .permits : nil) : right.kind(against: cell.verdict)
            guard let kind = found else { continue }
            differences.append(
              ProfileDifference(
                kind: kind,
                witness: Event(
                  source: entry.witnessSource(table),
                  access: .path(operation, path),
                  isOwner: isOwner
                ),
                expected: cell,
                actual: right.whole.verdict,
                label: entry.label,
                detail: name == combination.plain || combination.plain == combination.directory
                  ? "" : "when it is a directory"
              )
            )
          }
        }
      }
    }
    return differences
  }

  /// Whether the floor denies the operation whatever the policy says.
  private func isBelowFloor(_ name: [UInt32], _ operation: PathOperation, _ isOwner: Bool) -> Bool {
    guard let floor, let label = name.last else { return false }
    let floored = floor.fileRights[Int(label)]
    let half = isOwner ? floored.owner : floored.other
    return !LabelRights.bits(operation).allSatisfy(half.allowed.contains)
  }

  // MARK: Programs that die as they start

  /// Programs that may be executed but not read by a profile that the exec adds to the label: the kernel checks the new
  /// image again in every profile that comes in, and the process is killed where one refuses.
  func killed(
    _ entry: ProfileEntry,
    _ table: DecisionTable,
    _ profiles: [String: ProfileAccess],
    budget: StateBudget
  ) throws(ComparisonError) -> [ProfileDifference] {
    let staying = Set(components.map(\.name))
    var added: Set<String> = []
    for step in try transitions() { added.formUnion(step.label) }
    var found: [ProfileDifference] = []
    for name in added.subtracting(staying).sorted() {
      guard let profile = profiles[name], !profile.isComplain else { continue }
      for isOwner in [false, true] {
        guard let path = try unreadable(by: profile, isOwner, table, budget) else { continue }
        found.append(
          ProfileDifference(
            kind: .kills,
            witness: Event(source: entry.witnessSource(table), access: .path(.exec, path), isOwner: isOwner),
            expected: table.cell(source: entry.source, path: table.pathClass(of: path), .exec, isOwner: isOwner),
            actual: .block,
            label: entry.label,
            detail: "profile '\(name)', which the exec adds, may not read the program"
          )
        )
      }
    }
    return found
  }

  /// A shortest program whose exec adds `profile`, which may not read it.
  private func unreadable(
    by profile: ProfileAccess,
    _ isOwner: Bool,
    _ table: DecisionTable,
    _ budget: StateBudget
  ) throws(ComparisonError) -> BytePath? {
    let walked = components + (floor.map { [$0] } ?? [])
    // Whether an exec leads there depends on the rights of the label alone: asked once per combination of them.
    var leads: [[UInt32]: Bool] = [:]
    let witnesses: [UInt32: [UInt8]]
    do {
      witnesses = try JointWalk.witnesses(
        of: [table.paths, profile.files] + walked.map(\.files),
        budget: budget
      ) { states in
        let own = profile.fileRights[Int(profile.files.labels[Int(states[1])])]
        if table.paths.labels[Int(states[0])] == 0 || (isOwner ? own.owner : own.other).allowed.contains(.read) {
          return 0
        }
        let name = zip(walked, states.dropFirst(2)).map { $0.files.labels[Int($1)] }
        if let known = leads[name] { return known ? 1 : 0 }
        let isExec = rights.right(name, .exec, isOwner).whole.isAllowed && !isBelowFloor(name, .exec, isOwner)
        let isLeading = isExec && (try? rights.label(after: name, isOwner).contains(profile.name)) ?? false
        leads[name] = isLeading
        return isLeading ? 1 : 0
      }
    } catch {
      throw .budget(error)
    }
    return witnesses[1].flatMap { BytePath($0) }
  }

  // MARK: Transitions

  /// Every label and source class that an exec allowed here leads to.
  func transitions() throws(ComparisonError) -> [Step] {
    var seen: Set<[String]> = []
    var steps: [Step] = []
    for (combination, _) in combinations {
      let source = Int(combination.source >> 1)
      for isOwner in [false, true] where rights.right(combination.plain, .exec, isOwner).whole.isAllowed {
        if isBelowFloor(combination.plain, .exec, isOwner) { continue }
        let label = try rights.label(after: combination.plain, isOwner)
        if seen.insert(label + [String(source)]).inserted {
          steps.append(Step(label: label, source: source))
        }
      }
    }
    return steps
  }
}

/// Numbers values in the order in which they are first seen.
struct Interner<Value: Hashable> {
  private var numbers: [Value: UInt32] = [:]
  private var values: [Value] = []

  mutating func number(_ value: Value) -> UInt32 {
    if let known = numbers[value] { return known }
    let fresh = UInt32(values.count)
    numbers[value] = fresh
    values.append(value)
    return fresh
  }

  subscript(_ number: UInt32) -> Value { values[Int(number)] }
  /// By number.
  var all: [Value] { values }
}
