import Automata

/// Takes the union of the changed sets apart into places: all paths of a place belong to the same sets.
///
/// Paths that are written out somewhere are places of their own. All others are sorted by `ZoneWalk`.
struct JointArea {
  let index: PathSetIndex
  let isChanged: [Bool]
  let isEverything: Bool
  private(set) var places: [(members: [Int], witness: BytePath, isSingle: Bool)] = []
  /// The changed sets other than literals.
  private let changed: [Int]
  /// Globs and names of files that may hold a path of a changed set other than a literal.
  private let floating: [Int]
  /// Of `places`, those with more than one path, by members.
  private var placeOf: [[Int]: Int] = [:]

  init(_ index: PathSetIndex, isChanged: [Bool], isEverything: Bool) {
    self.index = index
    self.isChanged = isChanged
    self.isEverything = isEverything
    let changed = index.sets.indices.filter { set in
      if case .literal = index.sets[set] { false } else { isChanged[set] }
    }
    self.changed = changed
    floating = index.floating.filter { set in
      isEverything || isChanged[set] || changed.contains { index.mayMeet($0, set) }
    }
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

  /// The places of all other paths.
  /// - Throws: `BudgetError` whose culprits are sets.
  mutating func sortZones(budget: StateBudget) throws(BudgetError) {
    guard isEverything || !changed.isEmpty else { return }
    let partition: Partition
    do throws(BudgetError) {
      partition = try Partition.unminimised(floating.map { index.sets[$0].language } + [.absolutePath], budget: budget)
    } catch {
      throw BudgetError(
        limit: error.limit,
        culprits: error.culprits.compactMap { $0 < floating.count ? floating[$0] : nil }
      )
    }
    let sets = partition.members.map { members in members.compactMap { $0 < floating.count ? floating[$0] : nil } }
    var walk = ZoneWalk(partition.classifier, isPath: partition.members.map { $0.last == floating.count })
    let changedFloating = floating.filter { isChanged[$0] }
    var names: [PathPrefix: NameTree]?
    for directory in index.zones {
      if changedFloating.isEmpty, !isEverything, changed.count <= JointArea.few,
        !changed.contains(where: { index.reaches($0, below: directory) })
      {
        continue
      }
      let child = index.below(directory, isChild: true)
      let deep = index.below(directory, isChild: false)
      let isWithin = (child: self.isWithin(child), deep: self.isWithin(deep))
      if !isWithin.child, !isWithin.deep, !changedFloating.contains(where: { index.mayMeet(directory, floating: $0) }) {
        continue
      }
      let prefix = directory == .root ? directory.bytes : directory.bytes + [UInt8(ascii: "/")]
      let state = walk.state(after: prefix)
      var taken: Set<Int> = []
      func place(_ ending: ZoneWalk.Ending) -> (members: [Int], witness: BytePath?)? {
        let floating = sets[Int(ending.label)]
        guard (ending.isDeep ? isWithin.deep : isWithin.child) || self.isWithin(floating) else { return nil }
        return ((ending.isDeep ? deep : child) + floating, BytePath(prefix + ending.bytes))
      }
      for ending in walk.endings(after: state) {
        guard let (members, witness) = place(ending) else { continue }
        if let witness, index.isInZone(witness, of: directory) {
          add(members, witness)
        } else {
          taken.insert(2 * Int(ending.label) + (ending.isDeep ? 1 : 0))
        }
      }
      if !taken.isEmpty {
        if names == nil { names = index.names }
        for ending in walk.endings(after: state, avoiding: names?[PathPrefix(directory)] ?? NameTree())
        where taken.contains(2 * Int(ending.label) + (ending.isDeep ? 1 : 0)) {
          if let (members, witness) = place(ending), let witness { add(members, witness) }
        }
      }
      // The root lies in no directory.
      if directory == .root, !index.isPoint(.root) {
        let members = sets[Int(walk.label(state))]
        if self.isWithin(members) { add(members, .root) }
      }
      // Places take about as much memory as states.
      if walk.work > budget.work || places.count > budget.states {
        let worst = floating.sorted { (index.sets[$1].size, $0) < (index.sets[$0].size, $1) }
        throw BudgetError(limit: budget.states, culprits: Array(worst.prefix(8)))
      }
    }
  }

  /// A place with more than one path, or more of a known one.
  private mutating func add(_ members: [Int], _ witness: BytePath) {
    let members = members.sorted()
    if let known = placeOf[members] {
      if witness.isReadBefore(places[known].witness) { places[known].witness = witness }
    } else {
      placeOf[members] = places.count
      places.append((members, witness, false))
    }
  }
}

extension BytePath {
  /// Shorter first, then letters before digits before all else.
  fileprivate func isReadBefore(_ other: BytePath) -> Bool {
    if bytes.count != other.bytes.count { return bytes.count < other.bytes.count }
    func rank(_ byte: UInt8) -> Int {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): 256 + Int(byte)
      case UInt8(ascii: "0")...UInt8(ascii: "9"): 512 + Int(byte)
      default: 1024 + Int(byte)
      }
    }
    guard let first = bytes.indices.first(where: { bytes[$0] != other.bytes[$0] }) else { return false }
    return rank(bytes[first]) < rank(other.bytes[first])
  }
}
