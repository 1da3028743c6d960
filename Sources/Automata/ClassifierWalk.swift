/// A classifier laid out for sorting many strings of one language: rows are reached by an addition, and a walk ends where
/// what is still to come changes nothing.
package final class ClassifierWalk: Sendable {
  private let classOfByte: [UInt8]
  /// By row offset plus byte class: the next row's offset, or `settled` plus a label.
  private let steps: [UInt32]
  /// By row offset divided by `width`.
  private let labels: [UInt32]
  private let width: Int
  /// The label of all strings, if they all have one.
  private let only: UInt32?

  private static let settled: UInt32 = 1 << 31

  /// Entries of all tables.
  package var size: Int { steps.count + labels.count }

  /// `outside` is the label of strings that are never asked for. Nil where numbers do not fit.
  package init?(_ classifier: Classifier, outside: UInt32) {
    let width = classifier.byteClassCount
    guard classifier.transitions.count < ClassifierWalk.settled,
      classifier.labels.allSatisfy({ $0 < ClassifierWalk.settled })
    else { return nil }
    let futures = ClassifierWalk.futures(classifier, outside: outside)
    classOfByte = classifier.classOfByte
    labels = classifier.labels
    self.width = width
    only = futures[0].label
    steps = classifier.transitions.map { state in
      futures[Int(state)].label.map { $0 | ClassifierWalk.settled } ?? state * UInt32(width)
    }
  }

  /// What labels, but for `outside`, the strings have that lead on from a state.
  private enum Future: Equatable {
    case none, one(UInt32), several
    var label: UInt32? { if case .one(let label) = self { label } else { nil } }
  }

  /// Backwards from the states: each changes twice at most, so that the work is linear in the transitions.
  private static func futures(_ classifier: Classifier, outside: UInt32) -> [Future] {
    let (count, width) = (classifier.stateCount, classifier.byteClassCount)
    // The states that lead to a state, as runs of one array.
    var starts = [Int](repeating: 0, count: count + 1)
    for next in classifier.transitions { starts[Int(next) + 1] += 1 }
    for state in 0..<count { starts[state + 1] += starts[state] }
    var ends = starts
    var before = [UInt32](repeating: 0, count: classifier.transitions.count)
    for (index, next) in classifier.transitions.enumerated() {
      before[ends[Int(next)]] = UInt32(truncatingIfNeeded: index / width)
      ends[Int(next)] += 1
    }
    var futures = classifier.labels.map { $0 == outside ? Future.none : .one($0) }
    var changed = (0..<count).filter { futures[$0] != .none }
    while let state = changed.popLast() {
      let future = futures[state]
      for index in starts[state]..<starts[state + 1] {
        let other = Int(before[index])
        switch futures[other] {
        case .several: continue
        case let known where known == future: continue
        case .none: futures[other] = future
        case .one: futures[other] = .several
        }
        changed.append(other)
      }
    }
    return futures
  }

  /// The label of a string; any label for a string that has the label `outside`.
  package func label(of bytes: [UInt8]) -> UInt32 {
    if let only { return only }
    let (classOfByte, steps) = (classOfByte, steps)
    let classes = classOfByte.span
    let rows = steps.span
    var row: UInt32 = 0
    for byte in bytes {
      row = rows[Int(row) + Int(classes[Int(byte)])]
      if row & ClassifierWalk.settled != 0 { return row ^ ClassifierWalk.settled }
    }
    return labels[Int(row) / width]
  }
}
