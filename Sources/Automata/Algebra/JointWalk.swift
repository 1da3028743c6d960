/// Several classifiers read side by side: one state of each, all that some string reaches together.
package enum JointWalk {
  /// A shortest string for every label that `label` gives to states reached together, among shortest strings the most
  /// readable: what `shortestWitnesses` of the product of all automata would say, without minimising on the way.
  ///
  /// `label` is called once per combination of states (one per automaton, in their order), in the order of the shortest,
  /// then bytewise least string that leads to it.
  /// - Throws: `BudgetError` (all automata are culprits) over budget.
  package static func witnesses(
    of automata: [Classifier],
    budget: StateBudget = StateBudget(),
    label: ([UInt32]) -> UInt32
  ) throws(BudgetError) -> [UInt32: [UInt8]] {
    // Not minimal, but it does not leave this function, and shortest strings do not depend on it.
    let joint = try walk(automata, budget, label)
    return Classifier(
      minimalClassOfByte: joint.classOfByte,
      byteClassCount: joint.width,
      transitions: joint.transitions,
      labels: joint.labels
    ).shortestWitnesses()
  }

  /// Sorts all strings by the label of the states that they reach together; `label` and errors as above.
  package static func classifier(
    of automata: [Classifier],
    budget: StateBudget = StateBudget(),
    label: ([UInt32]) -> UInt32
  ) throws(BudgetError) -> Classifier {
    let joint = try walk(automata, budget, label)
    return Minimizer.minimize(
      classOfByte: joint.classOfByte,
      byteClassCount: joint.width,
      transitions: joint.transitions,
      labels: joint.labels
    )
  }

  private struct Joint {
    let classOfByte: [UInt8]
    let width: Int
    var transitions: [UInt32] = []
    var labels: [UInt32]
  }

  private static func walk(
    _ automata: [Classifier],
    _ budget: StateBudget,
    _ label: ([UInt32]) -> UInt32
  ) throws(BudgetError) -> Joint {
    let (classOfByte, samples) = commonClasses(automata)
    let count = automata.count
    let width = samples.count
    // Per column and automaton: the column of that automaton.
    let columns = samples.flatMap { byte in automata.map { Int($0.classOfByte[Int(byte)]) } }
    var states = WordTable()
    var word = [UInt32](repeating: 0, count: count)
    _ = states.intern(word)
    var joint = Joint(classOfByte: classOfByte, width: width, labels: [label(word)])
    var rows = [Int](repeating: 0, count: count)
    var done = 0
    while done < states.count {
      let start = states.range(done).lowerBound
      for index in 0..<count { rows[index] = Int(states.elements[start + index]) * automata[index].byteClassCount }
      done += 1
      var last: UInt32 = .max
      for column in 0..<width {
        // Neighbouring columns mostly lead to the same place.
        var isSame = last != .max
        for index in 0..<count {
          let next = automata[index].transitions[rows[index] + columns[column * count + index]]
          if word[index] != next {
            word[index] = next
            isSame = false
          }
        }
        if !isSame {
          let (number, isNew) = states.intern(word)
          if isNew { joint.labels.append(label(word)) }
          last = number
        }
        joint.transitions.append(last)
      }
      if states.count > budget.states || joint.transitions.count > budget.cells {
        throw BudgetError(limit: budget.states, culprits: Array(automata.indices))
      }
    }
    return joint
  }

  /// Byte classes that refine those of all, in order of their smallest byte, which is the sample of each.
  private static func commonClasses(_ automata: [Classifier]) -> (classOfByte: [UInt8], samples: [UInt8]) {
    var classOfByte = [UInt8](repeating: 0, count: 256)
    var count = 1
    for automaton in automata {
      var known: [UInt16: UInt8] = [:]
      for byte in 0..<256 {
        let pair = UInt16(classOfByte[byte]) << 8 | UInt16(automaton.classOfByte[byte])
        let fresh = UInt8(truncatingIfNeeded: known.count)
        let number = known[pair] ?? fresh
        if number == fresh { known[pair] = fresh }
        classOfByte[byte] = number
      }
      count = known.count
    }
    var samples: [UInt8] = []
    for byte in 0..<256 where Int(classOfByte[byte]) == samples.count && samples.count < count {
      samples.append(UInt8(byte))
    }
    return (classOfByte, samples)
  }
}
