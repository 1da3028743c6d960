import Automata

/// The states of several automata in a row, each as the state that most byte classes lead to, and the exceptions.
struct StateGraph {
  let count: Int
  /// The start of each automaton.
  let starts: [Int]
  private var usuals: [UInt32] = []
  /// Per state: where its exceptions begin in `classes` and `targets`; one more at the end.
  private var begins: [UInt32] = [0]
  private var classes: [UInt8] = []
  private var targets: [UInt32] = []

  init(_ automata: [Classifier], _ alphabet: ByteAlphabet) {
    var first = 0
    var starts: [Int] = []
    for automaton in automata {
      starts.append(first)
      first += automaton.stateCount
    }
    self.starts = starts
    count = first
    usuals.reserveCapacity(count)
    begins.reserveCapacity(count + 1)
    // How many classes lead to a state; only what `row` names is ever set.
    var votes = [UInt16](repeating: 0, count: count)
    var row = [UInt32](repeating: 0, count: alphabet.count)
    for (number, automaton) in automata.enumerated() {
      let columns = alphabet.columns[number]
      let base = UInt32(starts[number])
      for state in 0..<automaton.stateCount {
        let from = state * automaton.byteClassCount
        var usual = base
        var most: UInt16 = 0
        for index in columns.indices {
          let target = base + automaton.transitions[from + columns[index]]
          row[index] = target
          votes[Int(target)] += 1
        }
        for target in row {
          let share = votes[Int(target)]
          if share > most || share == most && target < usual {
            most = share
            usual = target
          }
        }
        for target in row { votes[Int(target)] = 0 }
        usuals.append(usual)
        for index in columns.indices where row[index] != usual {
          classes.append(UInt8(truncatingIfNeeded: index + 1))
          targets.append(row[index])
        }
        begins.append(UInt32(classes.count))
      }
    }
  }

  /// Where most bytes lead.
  func usual(_ state: Int) -> Int { Int(usuals[state]) }

  /// The classes that lead elsewhere, ascending, and where.
  func exceptions(_ state: Int) -> (classes: ArraySlice<UInt8>, targets: ArraySlice<UInt32>) {
    let range = Int(begins[state])..<Int(begins[state + 1])
    return (classes[range], targets[range])
  }

  func isAbsorbing(_ state: Int) -> Bool { usual(state) == state && begins[state] == begins[state + 1] }

  /// All states that are not absorbing, those with most exceptions first; those with few follow each other as a string
  /// leads through them.
  func groups() -> [[Int]] {
    let limits = [32, 8, 2, 1, 0]
    var groups = [[Int]](repeating: [], count: limits.count)
    for state in walkOrder() where !isAbsorbing(state) {
      let own = Int(begins[state + 1] - begins[state])
      groups[limits.firstIndex { own >= $0 } ?? limits.count - 1].append(state)
    }
    return groups
  }

  /// Depth first, exceptions before the usual.
  private func walkOrder() -> [Int] {
    var isSeen = [Bool](repeating: false, count: count)
    var order: [Int] = []
    order.reserveCapacity(count)
    var stack: [Int] = starts.reversed()
    while let state = stack.popLast() {
      if isSeen[state] { continue }
      isSeen[state] = true
      order.append(state)
      if !isSeen[usual(state)] { stack.append(usual(state)) }
      for target in exceptions(state).targets.reversed() where !isSeen[Int(target)] { stack.append(Int(target)) }
    }
    return order
  }

  /// The states from which some state of `wanted` is reached by one step or more.
  func leading(to wanted: (Int) -> Bool) -> [Bool] {
    // Who leads to a state, sorted by it.
    var begins = [UInt32](repeating: 0, count: count + 1)
    for target in usuals { begins[Int(target) + 1] += 1 }
    for target in targets { begins[Int(target) + 1] += 1 }
    for state in 0..<count { begins[state + 1] += begins[state] }
    var filled = begins
    var sources = [UInt32](repeating: 0, count: usuals.count + targets.count)
    func note(_ source: Int, _ target: UInt32) {
      sources[Int(filled[Int(target)])] = UInt32(source)
      filled[Int(target)] += 1
    }
    for state in 0..<count {
      note(state, usuals[state])
      for target in exceptions(state).targets { note(state, target) }
    }
    var leads = [Bool](repeating: false, count: count)
    var queue: [Int] = []
    func mark(_ target: Int) {
      for source in sources[Int(begins[target])..<Int(begins[target + 1])] where !leads[Int(source)] {
        leads[Int(source)] = true
        queue.append(Int(source))
      }
    }
    for state in 0..<count where wanted(state) { mark(state) }
    while let state = queue.popLast() { mark(state) }
    return leads
  }
}
