import Automata

/// Several automata in one table of slots (`struct armor_slot`): a state's slots lie between those of others, and only
/// where a byte leads elsewhere than most.
struct CombTable {
  /// Per slot: a state's mark, the state that the slot belongs to, or 0.
  private(set) var owners: [UInt32]
  private(set) var nexts: [UInt32]
  /// The start state of each automaton.
  private(set) var starts: [UInt32] = []
  /// States 1...absorbing lead to themselves by every byte.
  let absorbing: Int
  let stateCount: Int

  /// More slots are needed than the largest image has.
  struct Overflow: Error { let states: Int }

  /// `mark` makes the head of a state from its number in the row of all automata's states, in their order.
  /// - Throws: `Overflow` over `limit` slots.
  init(_ automata: [Classifier], _ alphabet: ByteAlphabet, limit: Int, mark: (Int) -> UInt32) throws(Overflow) {
    let graph = StateGraph(automata, alphabet)
    stateCount = graph.count
    guard graph.count + alphabet.count < limit else { throw Overflow(states: graph.count) }
    var places = [UInt32](repeating: 0, count: graph.count)
    var packing = CombPacking(width: alphabet.count, expected: graph.count * 2)
    var absorbing = 0
    for state in 0..<graph.count where graph.isAbsorbing(state) {
      absorbing += 1
      places[state] = UInt32(packing.place([]))
    }
    self.absorbing = absorbing
    for group in graph.groups() {
      packing.restart()
      for state in group {
        places[state] = UInt32(packing.place(graph.exceptions(state).classes))
        if packing.count > limit { throw Overflow(states: graph.count) }
      }
    }
    // Every state may be asked for every class.
    let slots = (places.max().map(Int.init) ?? 0) + alphabet.count + 1
    guard slots <= limit else { throw Overflow(states: graph.count) }
    owners = [UInt32](repeating: 0, count: slots)
    nexts = [UInt32](repeating: 0, count: slots)
    for state in 0..<graph.count {
      let place = Int(places[state])
      owners[place] = mark(state)
      nexts[place] = places[graph.usual(state)]
      let exceptions = graph.exceptions(state)
      for (byteClass, target) in zip(exceptions.classes, exceptions.targets) {
        owners[place + Int(byteClass)] = places[state]
        nexts[place + Int(byteClass)] = places[Int(target)]
      }
    }
    starts = graph.starts.map { places[$0] }
  }
}

/// Puts states where their slots are free: the first place that fits, from the left.
struct CombPacking {
  private let width: Int
  private var isUsed: [Bool]
  /// Per slot: some slot not before it that may be the next free one.
  private var skip: [UInt32]
  /// No state of this pass is put before it.
  private var cursor = 1
  /// After the last used slot.
  private(set) var count = 1

  /// Places that are tried before the rest of the pass starts further right: bounds the work per state.
  private static let tries = 96

  init(width: Int, expected: Int) {
    self.width = width
    isUsed = [Bool](repeating: false, count: expected + width + 2)
    skip = (0..<UInt32(expected + width + 2)).map { $0 }
    occupy(0)
  }

  /// A new pass, of states with fewer slots than those before: they may fit where the others did not.
  mutating func restart() { cursor = 1 }

  /// The place of a state that has slots of its own for these classes, ascending.
  mutating func place(_ classes: ArraySlice<UInt8>) -> Int {
    var candidate = free(from: cursor)
    var tries = 0
    var middle = candidate
    while candidate < count {
      if fits(candidate, classes) { break }
      tries += 1
      if tries == CombPacking.tries / 2 { middle = candidate }
      if tries == CombPacking.tries {
        cursor = middle
        candidate = count
        break
      }
      candidate = free(from: candidate + 1)
    }
    reserve(candidate + width)
    occupy(candidate)
    for byteClass in classes { occupy(candidate + Int(byteClass)) }
    return candidate
  }

  private func fits(_ candidate: Int, _ classes: ArraySlice<UInt8>) -> Bool {
    for byteClass in classes {
      let slot = candidate + Int(byteClass)
      if slot < count && isUsed[slot] { return false }
    }
    return true
  }

  private mutating func occupy(_ slot: Int) {
    isUsed[slot] = true
    skip[slot] = UInt32(slot + 1)
    count = max(count, slot + 1)
  }

  /// The first free slot from `slot` on; may lie behind all that are used.
  private mutating func free(from slot: Int) -> Int {
    reserve(max(slot, count) + 1)
    var here = slot
    while Int(skip[here]) != here {
      let next = Int(skip[here])
      skip[here] = skip[next]
      here = next
    }
    return here
  }

  private mutating func reserve(_ slot: Int) {
    let wanted = slot + 2
    guard wanted > isUsed.count else { return }
    let size = max(wanted, isUsed.count * 3 / 2)
    isUsed.append(contentsOf: repeatElement(false, count: size - isUsed.count))
    for number in skip.count..<size { skip.append(UInt32(number)) }
  }
}
