/// The search behind `GlobCover`, on an automaton whose labels are `Verdict`s.
struct CoverSearch {
  enum Verdict {
    static let outside: UInt32 = 0
    static let inside: UInt32 = 1
    /// It does not matter.
    static let either: UInt32 = 2
  }
  typealias Tail = [CoverPiece]

  private let automaton: Classifier
  private let most: Int
  private let mayReverse: Bool
  private let bytesOfClass: [ByteSet]
  /// Per state: whether some string from here on, the empty one included, is inside or outside.
  private let hasInside: [Bool]
  private let hasOutside: [Bool]
  /// Per state: whether a way leads back to it.
  private var isCyclic: [Bool] = []
  private var found: [UInt32: [Tail]?] = [:]
  private var depth = 0
  private var reversals = 0

  init(_ automaton: Classifier, most: Int, mayReverse: Bool) {
    self.automaton = automaton
    self.most = most
    self.mayReverse = mayReverse
    var sets = [ByteSet](repeating: ByteSet(), count: automaton.byteClassCount)
    for byte in 1..<256 { sets[Int(automaton.classOfByte[byte])].insert(UInt8(byte)) }
    bytesOfClass = sets
    hasInside = automaton.leading(to: Verdict.inside)
    hasOutside = automaton.leading(to: Verdict.outside)
    isCyclic = cycles()
  }

  /// Patterns from the start, which begin with a slash.
  mutating func absolute() -> [Tail]? {
    if !hasInside[0] { return [] }
    if automaton.labels[0] == Verdict.inside { return nil }
    let slash = automaton.next(0, UInt8(ascii: "/"))
    for column in bytesOfClass.indices where !bytesOfClass[column].isEmpty {
      let other = next(0, column)
      if other != slash && hasInside[Int(other)] { return nil }
    }
    return tails(slash).map { $0.map { [.slash] + $0 } }
  }

  private func next(_ state: UInt32, _ column: Int) -> UInt32 {
    automaton.transitions[Int(state) * automaton.byteClassCount + column]
  }

  /// Whether anything from here on matters.
  private func matters(_ state: UInt32) -> Bool { hasInside[Int(state)] || hasOutside[Int(state)] }

  /// The successors by the bytes of path names, those left out from where nothing matters.
  private func successors(_ state: UInt32, within set: ByteSet = .pathByte) -> [UInt32] {
    var result: [UInt32] = []
    for column in bytesOfClass.indices where !bytesOfClass[column].intersection(set).isEmpty {
      let target = next(state, column)
      if matters(target) && !result.contains(target) { result.append(target) }
    }
    return result
  }

  /// What may follow a way to `state`; nil if nothing is found.
  private mutating func tails(_ state: UInt32) -> [Tail]? {
    if let known = found[state] { return known }
    found[state] = .some(nil)  // met again below itself: not this way
    if depth > most + 16 { return nil }
    depth += 1
    let result = shape(state) ?? inParts(state)
    depth -= 1
    if let result, result.count <= most { found[state] = result }
    return found[state] ?? nil
  }

  /// All or nothing.
  private func shape(_ state: UInt32) -> [Tail]? {
    let label = automaton.labels[Int(state)]
    if !hasInside[Int(state)] { return [] }
    let further = successors(state)
    if !further.contains(where: { hasInside[Int($0)] }) { return [[]] }
    if !hasOutside[Int(state)] { return [[.path]] }
    if label == Verdict.outside, !further.contains(where: { hasOutside[Int($0)] }) {
      return [[.bytes(.pathByte), .path]]
    }
    return nil
  }

  /// Any name, whatever it is, and then the same.
  private mutating func named(_ state: UInt32) -> [Tail]? {
    let slash = ByteSet([UInt8(ascii: "/")])
    var ends: Set<UInt32> = []
    var onward: Set<UInt32> = []
    var seen: Set<UInt32> = []
    var todo = [state]
    while let here = todo.popLast() {
      for target in successors(here, within: .nameByte) where seen.insert(target).inserted {
        todo.append(target)
        if automaton.labels[Int(target)] != Verdict.either { ends.insert(automaton.labels[Int(target)]) }
        onward.formUnion(successors(target, within: slash))
        if ends.count > 1 || onward.count > 1 { return nil }
      }
    }
    guard let end = ends.first else { return nil }
    let own = automaton.labels[Int(state)]
    var result: [Tail] = []
    if end == Verdict.inside {
      result.append(own == Verdict.outside ? [.bytes(.nameByte), .name] : [.name])
    } else if own == Verdict.inside {
      result.append([])
    }
    let ownOnward = successors(state, within: slash).first
    if let target = onward.first, hasInside[Int(target)] {
      guard let rest = tails(target) else { return nil }
      let needsByte = ownOnward != nil && ownOnward != target
      result += rest.map { (needsByte ? [.bytes(.nameByte), .name] : [.name]) + [.slash] + $0 }
    }
    if let ownOnward, ownOnward != onward.first {
      guard let rest = tails(ownOnward) else { return nil }
      result += rest.map { [.slash] + $0 }
    }
    return result
  }

  /// By names, from the front or from the back, whichever says it shortest. The back is tried only near a cycle.
  private mutating func inParts(_ state: UInt32) -> [Tail]? {
    let byName = named(state)
    if let byName, byName.count < 2 { return byName }
    var ways = [byName]
    if !isCyclic[Int(state)] { ways.append(expanded(state)) }
    if isCyclic[Int(state)] || successors(state).contains(where: { shape($0) == nil && isCyclic[Int($0)] }) {
      if byName == nil { ways.append(reversed(state)) }
    }
    func cost(_ tails: [Tail]) -> (Int, Int) { (tails.count, tails.reduce(0) { $0 + $1.count }) }
    return ways.compactMap { $0 }.min { cost($0) < cost($1) }
  }

  /// Byte by byte.
  private mutating func expanded(_ state: UInt32) -> [Tail]? {
    var way: Tail = []
    var here = state
    // A stretch without branches needs no recursion.
    while automaton.labels[Int(here)] != Verdict.inside, shape(here) == nil, way.count < Glob.longest {
      let all = successors(here)
      guard all.count == 1, let only = all.first, !isCyclic[Int(only)] else { break }
      let set = bytes(from: here, to: [only])
      if set.count > 1 { break }
      way.append(.bytes(set))
      here = only
    }
    if here != state { return tails(here).map { $0.map { way + $0 } } }

    var groups: [(set: ByteSet, tails: [Tail])] = []
    var free = ByteSet.pathByte
    for target in successors(state) {
      let set = bytes(from: state, to: [target])
      free = free.subtracting(set)
      guard hasInside[Int(target)] else { continue }
      guard let rest = tails(target) else { return nil }
      if let same = groups.firstIndex(where: { Set($0.tails) == Set(rest) }) {
        groups[same].set = groups[same].set.union(set)
      } else {
        groups.append((set, rest))
      }
    }
    // Bytes after which nothing matters round off the largest group.
    if let largest = groups.indices.max(by: { groups[$0].set.count < groups[$1].set.count }),
      groups[largest].set.count > 100
    {
      groups[largest].set = groups[largest].set.union(free)
    }
    var result: [Tail] = automaton.labels[Int(state)] == Verdict.inside ? [[]] : []
    for (set, rest) in groups {
      result += rest.map { [.bytes(set)] + $0 }
      if result.count > most { return nil }
    }
    return result
  }

  private func bytes(from state: UInt32, to targets: Set<UInt32>) -> ByteSet {
    bytesOfClass.indices.reduce(into: ByteSet()) { set, column in
      if targets.contains(next(state, column)) { set = set.union(bytesOfClass[column]) }
    }
  }

  /// Tarjan's strongly connected components, without recursion.
  private func cycles() -> [Bool] {
    var result = [Bool](repeating: false, count: automaton.stateCount)
    var order = [Int](repeating: .max, count: automaton.stateCount)
    var low = order
    var isOpen = result
    var open: [UInt32] = []
    var visits: [(state: UInt32, next: [UInt32])] = []
    var count = 0
    func enter(_ state: UInt32) {
      order[Int(state)] = count
      low[Int(state)] = count
      count += 1
      open.append(state)
      isOpen[Int(state)] = true
      visits.append((state, successors(state)))
    }
    enter(0)
    while let (state, _) = visits.last {
      if let target = visits[visits.count - 1].next.popLast() {
        if target == state { result[Int(state)] = true }
        if order[Int(target)] == .max {
          enter(target)
        } else if isOpen[Int(target)] {
          low[Int(state)] = min(low[Int(state)], order[Int(target)])
        }
        continue
      }
      visits.removeLast()
      if let parent = visits.last?.state { low[Int(parent)] = min(low[Int(parent)], low[Int(state)]) }
      guard low[Int(state)] == order[Int(state)] else { continue }
      let isLarge = open.last != state
      while let member = open.popLast() {
        isOpen[Int(member)] = false
        if isLarge { result[Int(member)] = true }
        if member == state { break }
      }
    }
    return result
  }

  /// The same from the back: the last byte first.
  private mutating func reversed(_ state: UInt32) -> [Tail]? {
    guard mayReverse, reversals < 24, let mirror = automaton.mirrored(from: state) else { return nil }
    reversals += 1
    var search = CoverSearch(mirror, most: most, mayReverse: false)
    return search.tails(0).map { tails in
      tails.map { tail in
        let tail = Tail(tail.reversed())
        return tail == [.path, .bytes(.pathByte)] ? [.bytes(.pathByte), .path] : tail
      }
    }
  }
}

extension Classifier {
  /// Per state: whether bytes other than NUL lead from it to a label.
  fileprivate func leading(to label: UInt32) -> [Bool] {
    var usable = [Bool](repeating: false, count: byteClassCount)
    for byte in 1..<256 { usable[Int(classOfByte[byte])] = true }
    var lists: [UInt32] = []
    var values: [UInt32] = []
    for state in 0..<stateCount {
      for column in 0..<byteClassCount where usable[column] {
        lists.append(transitions[state * byteClassCount + column])
        values.append(UInt32(state))
      }
    }
    let inverse = PackedLists(count: stateCount, lists: lists, values: values)
    var result = labels.map { $0 == label }
    var todo = labels.indices.filter { result[$0] }.map { UInt32($0) }
    while let state = todo.popLast() {
      for position in inverse.range(state) where !result[Int(inverse.values[position])] {
        result[Int(inverse.values[position])] = true
        todo.append(inverse.values[position])
      }
    }
    return result
  }

  /// The classifier that labels a string as this one, started at `state`, labels its reverse. Nil if it grows large.
  fileprivate func mirrored(from state: UInt32) -> Classifier? {
    var order = [state]
    var indexOf: [UInt32: Int] = [state: 0]
    var done = 0
    while done < order.count {
      let row = Int(order[done]) * byteClassCount
      done += 1
      for column in 0..<byteClassCount where indexOf[transitions[row + column]] == nil {
        indexOf[transitions[row + column]] = order.count
        order.append(transitions[row + column])
      }
      if order.count > 1 << 11 { return nil }
    }
    // A state of the mirror says, for each state of this one, what label the string read so far (backwards) leads to.
    var vectors = WordTable()
    _ = vectors.intern(order.map { labels[Int($0)] })
    var rows: [UInt32] = []
    let targets = (0..<byteClassCount).map { column in
      order.map { indexOf[transitions[Int($0) * byteClassCount + column]] ?? 0 }
    }
    done = 0
    while done < vectors.count {
      let start = vectors.range(done).lowerBound
      for column in 0..<byteClassCount {
        rows.append(vectors.intern(targets[column].map { vectors.elements[start + $0] }).number)
      }
      done += 1
      if vectors.count * order.count * byteClassCount > 1 << 24 { return nil }
    }
    return Minimizer.minimize(
      classOfByte: classOfByte,
      byteClassCount: byteClassCount,
      transitions: rows,
      labels: (0..<vectors.count).map { vectors.elements[vectors.range($0).lowerBound] }
    )
  }
}
