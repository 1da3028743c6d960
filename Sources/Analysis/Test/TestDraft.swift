import Automata
package import IR

/// A first set of expectations for some subjects: what their policies say today, one event for every way in which an event
/// is decided, and one for every mutant that these leave alive.
package struct TestDraft: Sendable {
  package struct Entry: Sendable {
    package let expectation: PolicyExpectation
    /// The mistake that the event is there to notice, in words; nil where it stands for a way of deciding.
    package let reason: String?
  }

  package struct Subject: Sendable {
    package let subject: SubjectPolicy
    /// By class, in the order of `ResourceClass`, each in order of the rule that decides.
    package var sections: [(resourceClass: ResourceClass, entries: [Entry])]
    /// Why there are none, in words.
    package var problem: String?
  }

  package let subjects: [Subject]
  /// Mutants that were tried, and how many of them mean the same or are too large to compare.
  package let mutants: Int
  package let equivalent: Int
  package let unknown: Int

  /// Works through the subjects; `progress` is told how many of how many mutants are done.
  package init(
    _ subjects: [SubjectPolicy],
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(TestFault) {
    var entries: [[Entry]] = []
    var problems: [String?] = []
    var tables: [DecisionTable?] = []
    for subject in subjects {
      do throws(TableBudgetError) {
        let table = try DecisionTable(subject)
        entries.append(TestDraft.plain(table))
        problems.append(nil)
        tables.append(subjects.count <= 64 ? table : nil)
      } catch {
        entries.append([])
        problems.append("too large to compile: over \(error.limit) \(error.quantity.rawValue)")
        tables.append(nil)
      }
    }
    let groups = zip(subjects, entries).map { TestGroup(subject: $0, expectations: $1.map(\.expectation)) }
    var index = MutationIndex(groups)
    let mutants = MutationRun.mutants(of: groups)
    var equivalent = 0
    var unknown = 0
    for (number, mutant) in mutants.enumerated() {
      progress(number, mutants.count)
      if index.kills(mutant) { continue }
      let survival = try index.survival(of: mutant) { tables[$0] ?? (try? DecisionTable(subjects[$0])) }
      switch survival {
      case .equivalent: equivalent += 1
      case .unknown: unknown += 1
      case .alive(let expectation, let group):
        index.add(expectation, to: group)
        entries[group].append(Entry(expectation: expectation, reason: mutant.reason))
      }
    }
    progress(mutants.count, mutants.count)
    self.mutants = mutants.count
    self.equivalent = equivalent
    self.unknown = unknown
    self.subjects = subjects.indices.map { number in
      Subject(
        subject: subjects[number],
        sections: TestDraft.sections(entries[number], subjects[number]),
        problem: problems[number]
      )
    }
  }

  /// By class, then by the decider: rules in order, postures, then what nothing decides. Each event once.
  private static func sections(_ entries: [Entry], _ subject: SubjectPolicy) -> [(ResourceClass, [Entry])] {
    let evaluator = Evaluator(subject)
    var place: [RuleKey: Int] = [:]
    for (index, rule) in subject.rules.enumerated() where place[RuleKey(rule.origin)] == nil {
      place[RuleKey(rule.origin)] = index
    }
    func rank(_ entry: Entry) -> Int {
      guard let event = entry.expectation.events.first else { return .max }
      switch evaluator.decide(event).decider {
      case .rule(let origin): return place[RuleKey(origin)] ?? subject.rules.count
      case .posture: return subject.rules.count + 1
      case .nothing: return subject.rules.count + 2
      }
    }
    var seen: Set<[Event]> = []
    let unique = entries.filter { seen.insert($0.expectation.events).inserted }
    let ranked = unique.enumerated().map { (rank($1), $0, $1) }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    return ResourceClass.allCases.compactMap { resourceClass in
      let mine = ranked.filter { $0.expectation.events.first?.access.resourceClass == resourceClass }
      return mine.isEmpty ? nil : (resourceClass, mine)
    }
  }

  // MARK: One event for every way in which an event is decided

  /// Class, verdict and decider.
  private struct Way: Hashable {
    let resourceClass: ResourceClass
    let cell: Cell
  }

  private static func plain(_ table: DecisionTable) -> [Entry] {
    var best: [Way: (event: Event, text: String)] = [:]
    // Classes that no rule speaks of say nothing worth keeping.
    let spoken = Set(table.rules.map(\.resourceClass))
    func take(_ event: Event, _ cell: Cell) {
      let way = Way(resourceClass: event.access.resourceClass, cell: cell)
      guard spoken.contains(way.resourceClass) else { return }
      let text = event.description
      if let known = best[way], (known.text.utf8.count, known.text) <= (text.utf8.count, text) { return }
      best[way] = (event, text)
    }
    let words = table.paths.shortestWitnesses()
    for source in 0..<table.sources.count {
      let from = table.sources.representative(source)
      for (label, bytes) in words where label != 0 {
        guard let path = BytePath(bytes) else { continue }
        for operation in PathOperation.allCases {
          for isOwner in [true, false] {
            take(
              Event(source: from, access: .path(operation, path), isOwner: isOwner),
              table.cell(source: source, path: Int(label), operation, isOwner: isOwner)
            )
          }
        }
      }
      for socket in SocketCell.all {
        take(Event(source: from, access: .network(socket.representative)), table.cell(source: source, socket))
      }
      for capability in Capability.allCases {
        take(Event(source: from, access: .capability(capability)), table.cell(source: source, capability))
      }
    }
    let calls = table.syscalls
    let sources = [nil] + calls.sources.shortestWitnesses().values.compactMap { BytePath($0) }.map(Optional.some)
    let paths = [nil] + calls.paths.shortestWitnesses().values.compactMap { BytePath($0) }.map(Optional.some)
    for name in calls.names {
      for source in sources {
        for path in paths {
          take(Event(source: source, access: .syscall(name, path)), calls.cell(name, path, from: source))
        }
      }
    }
    return best.values.sorted { $0.text < $1.text }.map { one in
      Entry(expectation: PolicyExpectation.stating(one.event, table), reason: nil)
    }
  }
}

extension Mutant {
  /// Why an event that tells the mutant from the original is there.
  fileprivate var reason: String {
    switch change {
    case .posture: return "notices: \(words)"
    case .rule(let rule, _):
      let file = rule.origin.location.file.split(separator: "/").last.map(String.init) ?? ""
      return "notices: \(words) (\(file):\(rule.origin.location.line))"
    }
  }
}
