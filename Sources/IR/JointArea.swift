import Automata

/// Takes the union of the changed sets apart into places: all paths of a place belong to the same sets.
///
/// Paths that are written out somewhere are places of their own, and what lies below directories where no pattern reaches
/// needs no automaton either. One is built for the rest.
struct JointArea {
  let index: PathSetIndex
  let isChanged: [Bool]
  let isEverything: Bool
  private(set) var places: [(members: [Int], witness: BytePath, isSingle: Bool)] = []
  /// The changed sets other than literals.
  private let changed: [Int]
  /// Per set: whether it is a changed directory below which no pattern and no name of a file matches anything.
  private let isTree: [Bool]

  init(_ index: PathSetIndex, isChanged: [Bool], isEverything: Bool) {
    self.index = index
    self.isChanged = isChanged
    self.isEverything = isEverything
    changed = index.sets.indices.filter { set in
      if case .literal = index.sets[set] { false } else { isChanged[set] }
    }
    var isTree = [Bool](repeating: false, count: index.sets.count)
    for set in changed {
      guard case .directory = index.sets[set] else { continue }
      isTree[set] = !index.floating.contains { index.mayMeet(set, $0) }
    }
    self.isTree = isTree
  }

  private func isWithin(_ members: [Int]) -> Bool { isEverything || members.contains { isChanged[$0] } }

  /// Few changed sets are asked one by one before all sets are.
  private static let few = 16

  /// The places of single paths.
  mutating func sortPoints() {
    for point in index.points {
      if !isEverything, changed.count <= JointArea.few, index.literal(point).map({ isChanged[$0] }) != true,
        !changed.contains(where: { index.mayHold($0, point) })
      {
        continue
      }
      let members = index.members(of: point)
      if isWithin(members) { places.append((members, point, true)) }
    }
  }

  /// The places below directories that no pattern reaches: children and what is deeper, as far as no other directory and
  /// no literal names it.
  mutating func sortTree() {
    let trees = index.sets.indices.filter { isTree[$0] }
    if trees.isEmpty { return }
    for directory in index.points where index.directories[directory] != nil {
      if trees.count <= JointArea.few, !trees.contains(where: { index.reaches($0, below: directory) }) { continue }
      for isChild in [true, false] {
        let members = index.below(directory, isChild: isChild).sorted()
        guard members.contains(where: { isTree[$0] }),
          let witness = unnamed(below: directory, isChild: isChild)
        else { continue }
        places.append((members, witness, false))
      }
    }
  }

  /// A path below a directory that no set but directories above it holds.
  private func unnamed(below directory: BytePath, isChild: Bool) -> BytePath? {
    let slash = UInt8(ascii: "/")
    let prefix = directory == .root ? [] : directory.bytes
    // Of so many names at least one is free.
    for number in 0...index.sets.count {
      let name = JointArea.name(number)
      let child = prefix + [slash] + name
      guard let path = BytePath(isChild ? child : child + [slash, UInt8(ascii: "a")]) else { return nil }
      if index.isPoint(path) { continue }
      if !isChild, let parent = path.parent, index.directories[parent] != nil { continue }
      return path
    }
    return nil
  }

  /// `a` ... `z`, `aa` and so on.
  private static func name(_ number: Int) -> [UInt8] {
    var name: [UInt8] = []
    var rest = number
    repeat {
      name.append(UInt8(ascii: "a") + UInt8(rest % 26))
      rest = rest / 26 - 1
    } while rest >= 0
    return name.reversed()
  }

  /// The places of all other paths.
  mutating func sortUnboundedPaths(budget: StateBudget) throws(BudgetError) {
    let unbounded = changed.filter { !isTree[$0] }
    guard isEverything || !unbounded.isEmpty else { return }
    let kept = index.sets.indices.filter { set in unbounded.contains { $0 == set || index.mayMeet($0, set) } }
    let partition = try Partition.unminimised(languages(kept), budget: budget)
    var labels: [UInt32: [Int]] = [:]
    for (label, members) in partition.members.enumerated() where members.last == kept.count {
      let sets = members.dropLast().map { kept[$0] }
      guard isEverything || sets.contains(where: { isChanged[$0] }), !sets.contains(where: { isTree[$0] }) else {
        continue
      }
      labels[UInt32(label)] = sets
    }
    // A string outside all sets of this automaton may lie in a directory that needs none.
    func isFree(_ path: BytePath, _ label: UInt32) -> Bool {
      !index.isPoint(path) && (labels[label]?.isEmpty != true || index.candidates(for: path).isEmpty)
    }
    let found = partition.classifier.witnesses(of: Set(labels.keys)) { label, bytes in
      BytePath(bytes).map { isFree($0, label) } ?? false
    }
    var missing: [UInt32: [Int]] = [:]
    for (label, sets) in labels.sorted(by: { $0.key < $1.key }) {
      if let witness = found[label].flatMap({ BytePath($0) }) {
        places.append((sets, witness, false))
      } else {
        missing[label] = sets
      }
    }
    if !missing.isEmpty { try sort(missing, partition, kept, budget: budget) }
  }

  private func languages(_ kept: [Int]) -> [Language] { kept.map { index.sets[$0].language } + [.absolutePath] }

  /// The places of labels of which no simple string is free: few are left once all points are told apart, or none.
  private mutating func sort(
    _ missing: [UInt32: [Int]],
    _ partition: Partition,
    _ kept: [Int],
    budget: StateBudget
  ) throws(BudgetError) {
    var cut: [Language] = []
    if missing.values.contains([]) {
      cut = index.sets.indices.filter { isTree[$0] && !kept.contains($0) }.map { index.sets[$0].language }
    }
    for point in index.points where missing[partition.classifier.label(of: point.bytes)] != nil {
      cut.append(.literal(point.bytes))
    }
    let finer = try Partition.unminimised(
      languages(kept) + cut,
      known: partition,
      first: kept.count + 1,
      budget: budget
    )
    let wanted = finer.members.indices.filter { finer.members[$0].last == kept.count }
    let found = finer.classifier.witnesses(of: Set(wanted.map { UInt32($0) })) { _, bytes in
      BytePath(bytes) != nil
    }
    for (_, bytes) in found.sorted(by: { $0.key < $1.key }) {
      guard let sets = missing[partition.classifier.label(of: bytes)], let witness = BytePath(bytes) else { continue }
      places.append((sets, witness, false))
    }
  }
}
