/// A complete deterministic automaton in which every state carries a label: it sorts all byte strings into classes.
///
/// INVARIANT: minimal, every state reachable, states numbered breadth first from the start (state 0) by ascending byte,
/// byte classes numbered by their smallest byte and pairwise different. Hence two classifiers that sort alike with the
/// same labels are equal, byte for byte.
package struct Classifier: Hashable, Sendable {
  /// Byte value to byte class.
  package let classOfByte: [UInt8]
  /// Number of byte classes, 1...256 (a class index always fits `UInt8`).
  package let byteClassCount: Int
  /// `states` rows of `byteClassCount` columns, row-major: the next state.
  package let transitions: [UInt32]
  /// One label per state.
  package let labels: [UInt32]

  package var stateCount: Int { labels.count }

  package func next(_ state: UInt32, _ byte: UInt8) -> UInt32 {
    transitions[Int(state) * byteClassCount + Int(classOfByte[Int(byte)])]
  }

  /// The label of a string in an array: not generic, so that calls from other targets pay for no witness table.
  package func label(of bytes: [UInt8]) -> UInt32 {
    var state: UInt32 = 0
    for byte in bytes { state = next(state, byte) }
    return labels[Int(state)]
  }

  /// The label of a string.
  package func label(of bytes: some Sequence<UInt8>) -> UInt32 {
    var state: UInt32 = 0
    for byte in bytes { state = next(state, byte) }
    return labels[Int(state)]
  }

  /// INVARIANT: callers hand in any complete automaton; `Minimizer` establishes the invariant of the type.
  init(minimalClassOfByte: [UInt8], byteClassCount: Int, transitions: [UInt32], labels: [UInt32]) {
    self.classOfByte = minimalClassOfByte
    self.byteClassCount = byteClassCount
    self.transitions = transitions
    self.labels = labels
  }
}

/// Which of several languages a string belongs to, for every string at once.
package struct Partition: Hashable, Sendable {
  /// Labels are indices into `members`.
  package let classifier: Classifier
  /// Per class: indices of the languages that hold its strings, ascending. Class numbers follow the classifier's state
  /// order (the first state that carries them). A class is never empty.
  package let members: [[Int]]
}

/// How far a construction may go, in memory and in time: exceeding any of these ends it with a `BudgetError`.
package struct StateBudget: Hashable, Sendable {
  /// Most states of any automaton on the way, before minimisation.
  package var states: Int
  /// Most cells (states times byte classes) of any table on the way, four bytes each.
  package var cells: Int
  /// Most elementary steps (elements of subsets read or written, cells filled).
  package var work: Int

  /// The defaults let 10,000 paths of 60 bytes through and stop a blow-up after a few seconds and some 600 MB.
  package init(states: Int = 1 << 20, cells: Int = 1 << 27, work: Int = 1 << 28) {
    self.states = states
    self.cells = cells
    self.work = work
  }
}

/// An automaton grew over its budget.
package struct BudgetError: Error, Hashable, Sendable {
  /// The budget of states. (Cells or work may have run out before it.)
  package let limit: Int
  /// Indices of the languages that caused the growth, worst first; never empty, at most 8.
  package let culprits: [Int]

  package init(limit: Int, culprits: [Int]) {
    self.limit = limit
    self.culprits = culprits
  }
}
