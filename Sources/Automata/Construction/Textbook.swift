/// The textbook way from expressions to a minimal classifier: Thompson automaton, subsets, Moore partition.
/// Slow and obvious; the tests hold the fast construction against it.
package enum Textbook {
  package static func partition(_ languages: [Language], budget: StateBudget = StateBudget()) throws(BudgetError)
    -> Partition
  {
    var nfa = NFA()
    let start = nfa.state()
    var finals: [Int: Int] = [:]
    for (index, language) in languages.enumerated() {
      let final = nfa.add(language, from: start)
      let mine = nfa.state()
      nfa.epsilon[final].append(mine)
      finals[mine] = index
    }
    let (classOfByte, samples) = nfa.byteClasses()
    var numbers: [[Int]: UInt32] = [:]
    var queue: [[Int]] = []
    var transitions: [UInt32] = []
    var signatures: [[Int]] = []
    func number(_ set: [Int]) -> UInt32 {
      if let known = numbers[set] { return known }
      let fresh = UInt32(queue.count)
      numbers[set] = fresh
      queue.append(set)
      signatures.append(set.compactMap { finals[$0] }.sorted())
      return fresh
    }
    _ = number(nfa.closure([start]))
    var done = 0
    while done < queue.count {
      let set = queue[done]
      done += 1
      for sample in samples { transitions.append(number(nfa.closure(nfa.step(set, sample)))) }
      if queue.count > budget.states {
        throw BudgetError(limit: budget.states, culprits: Array(languages.indices.prefix(8)))
      }
    }
    var labelOf: [[Int]: UInt32] = [:]
    var members: [[Int]] = []
    let labels = signatures.map { signature -> UInt32 in
      if let known = labelOf[signature] { return known }
      labelOf[signature] = UInt32(members.count)
      members.append(signature)
      return UInt32(members.count - 1)
    }
    let minimal = minimize(
      classOfByte: classOfByte,
      byteClassCount: samples.count,
      transitions: transitions,
      labels: labels
    )
    return Partition(classifier: minimal, members: members).renumbered()
  }
}

struct NFA {
  var epsilon: [[Int]] = []
  var edges: [[(ByteSet, Int)]] = []

  mutating func state() -> Int {
    epsilon.append([])
    edges.append([])
    return epsilon.count - 1
  }

  mutating func add(_ language: Language, from start: Int) -> Int {
    switch language {
    case .nothing:
      return state()
    case .literal(let bytes):
      var here = start
      for byte in bytes {
        let next = state()
        edges[here].append((ByteSet([byte]), next))
        here = next
      }
      return here
    case .byte(let set):
      let next = state()
      edges[start].append((set, next))
      return next
    case .sequence(let parts):
      var here = start
      for part in parts { here = add(part, from: here) }
      return here
    case .union(let parts):
      let end = state()
      for part in parts {
        let entry = state()
        epsilon[start].append(entry)
        epsilon[add(part, from: entry)].append(end)
      }
      return end
    case .star(let part):
      let loop = state()
      epsilon[start].append(loop)
      epsilon[add(part, from: loop)].append(loop)
      let end = state()
      epsilon[loop].append(end)
      return end
    }
  }

  func closure(_ states: [Int]) -> [Int] {
    var seen = Set(states)
    var todo = states
    while let state = todo.popLast() {
      for next in epsilon[state] where seen.insert(next).inserted { todo.append(next) }
    }
    return seen.sorted()
  }

  func step(_ states: [Int], _ byte: UInt8) -> [Int] {
    var result: Set<Int> = []
    for state in states {
      for (set, next) in edges[state] where set.contains(byte) { result.insert(next) }
    }
    return Array(result)
  }

  func byteClasses() -> (classOfByte: [UInt8], samples: [UInt8]) {
    let sets = Set(edges.flatMap { $0.map(\.0) })
    var known: [[Bool]: UInt8] = [:]
    var samples: [UInt8] = []
    let ordered = Array(sets)
    let classOfByte = (0...255).map { value -> UInt8 in
      let signature = ordered.map { $0.contains(UInt8(value)) }
      if let index = known[signature] { return index }
      let index = UInt8(samples.count)
      known[signature] = index
      samples.append(UInt8(value))
      return index
    }
    return (classOfByte, samples)
  }
}
