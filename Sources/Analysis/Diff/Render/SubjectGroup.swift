internal import Diagnostics
internal import IR

/// Subjects that change alike, told once: a policy of a whole cluster changes hundreds of subjects in one way.
package struct SubjectGroup: Sendable {
  /// In order of name; never empty. All have the changes of the first.
  package private(set) var subjects: [SubjectDiff]

  private init(_ subject: SubjectDiff) { subjects = [subject] }

  package var first: SubjectDiff { subjects[0] }
  package var direction: Direction { first.direction }

  /// All subjects that have something to tell: what could not be compared first, then the looser ones and those that are
  /// both, then the tighter; by name.
  package static func all(of diff: PolicyDiff) -> [SubjectGroup] {
    var groups: [SubjectGroup] = []
    // Most subjects are alone in their shape and are never compared as a whole.
    var shapes: [Shape: Int] = [:]
    var told: Set<Int> = []
    var places: [String: Int] = [:]
    for subject in diff.subjects where subject.isWorthTelling {
      let shape = Shape(subject)
      guard let other = shapes[shape] else {
        shapes[shape] = groups.count
        groups.append(SubjectGroup(subject))
        continue
      }
      if told.insert(other).inserted { places[DiffJSON.changes(of: groups[other].first).text()] = other }
      let text = DiffJSON.changes(of: subject).text()
      if let place = places[text] {
        groups[place].subjects.append(subject)
      } else {
        places[text] = groups.count
        groups.append(SubjectGroup(subject))
      }
    }
    return groups.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
  }

  /// What subjects that change alike have in common, cheap to tell.
  private struct Shape: Hashable {
    let presence: SubjectPair.Presence
    let problem: String?
    let entries: Int
    let regions: Int
    let first: Cause?
    let event: Event?

    init(_ subject: SubjectDiff) {
      presence = subject.presence
      problem = subject.problem
      entries = subject.entries.count
      regions = subject.entries.reduce(0) { $0 + $1.regions.count }
      first = subject.entries.first?.cause
      event = subject.entries.first?.regions.first?.witnesses.first?.event
    }
  }

  private var rank: Int {
    if first.problem != nil { return 0 }
    switch direction {
    case .looser, .both: return 1
    case .tighter, .equal: return 2
    }
  }

  /// The classes that change, those that get looser first, with their entries in the order of the diff.
  package var classes: [(direction: Direction, entries: [ChangeEntry])] {
    var order: [ResourceClass] = []
    var byClass: [ResourceClass: [ChangeEntry]] = [:]
    for entry in first.entries {
      if byClass[entry.resourceClass] == nil { order.append(entry.resourceClass) }
      byClass[entry.resourceClass, default: []].append(entry)
    }
    return order.map { name in
      let entries = (byClass[name] ?? []).loosestFirst()
      return (.joined(entries.map(\.direction)), entries)
    }
  }
}

extension Sequence<ChangeEntry> {
  /// The looser ones, then the others; else as they were.
  func loosestFirst() -> [ChangeEntry] {
    let all = Array(self)
    return all.filter { $0.direction == .looser } + all.filter { $0.direction != .looser }
  }
}

extension SubjectDiff {
  /// Whether a verdict changes, or may have changed, as far as armorc judges it.
  package var isWorthTelling: Bool { !entries.isEmpty || problem != nil }
}
