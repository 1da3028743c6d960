import Automata
import Bundle

/// An automaton of an image walked beside a classifier: every pair of states that some string without NUL reaches.
struct ImageWalk {
  /// What a string is to either.
  struct Labels: Hashable {
    let image: UInt32
    let table: UInt32
  }

  /// Per pair of labels some strings have: a shortest of them, the most readable of the shortest.
  private(set) var witnesses: [(labels: Labels, witness: [UInt8])] = []
  private(set) var pairCount = 0

  /// `start` is the automaton's in the image; `ignored` a label of the classifier whose strings nobody asks about: a state
  /// after which there are no others ends the walk.
  init(_ image: MapImage, from start: UInt32, beside table: Classifier, ignoring ignored: UInt32?) {
    let columns = ImageWalk.columns(image, table)
    let width = table.byteClassCount
    let isDead = (0..<table.stateCount).map { state in
      table.labels[state] == ignored
        && table.transitions[(state * width)..<((state + 1) * width)].allSatisfy { $0 == state }
    }
    var first = [UInt32](repeating: .max, count: table.stateCount)
    var others: Set<UInt64> = []
    var pairs: [(image: UInt32, table: UInt32)] = []
    var from: [UInt32] = []
    var bytes: [UInt8] = []
    var seen: [Labels: Int] = [:]
    func visit(_ state: UInt32, _ other: UInt32, _ step: Int, _ byte: UInt8) {
      if isDead[Int(other)] { return }
      if first[Int(other)] == state { return }
      if first[Int(other)] == .max {
        first[Int(other)] = state
      } else if !others.insert(UInt64(other) << 32 | UInt64(state)).inserted {
        return
      }
      pairs.append((state, other))
      from.append(UInt32(step))
      bytes.append(byte)
      let label = table.labels[Int(other)]
      if label == ignored { return }
      let labels = Labels(image: UInt32(image.mark(state).label), table: label)
      if seen[labels] == nil { seen[labels] = pairs.count - 1 }
    }
    visit(start, 0, 0, 0)
    var done = 0
    while done < pairs.count {
      let (state, other) = pairs[done]
      for column in columns {
        let next = image.next(state, byteClass: column.image)
        visit(next, table.transitions[Int(other) * width + column.table], done, column.sample)
      }
      done += 1
    }
    pairCount = pairs.count
    for (labels, place) in seen.sorted(by: { $0.value < $1.value }) {
      var string: [UInt8] = []
      var here = place
      while here != 0 {
        string.append(bytes[here])
        here = Int(from[here])
      }
      witnesses.append((labels, string.reversed()))
    }
  }

  /// The byte classes that either tells apart, the most readable first; NUL is in none.
  private static func columns(_ image: MapImage, _ table: Classifier) -> [(image: UInt8, table: Int, sample: UInt8)] {
    var known: [UInt16: UInt8] = [:]
    var classes: [UInt8] = []
    for byte in 0..<256 {
      let key = UInt16(image.header.classOfByte[byte]) << 8 | UInt16(table.classOfByte[byte])
      let fresh = UInt8(truncatingIfNeeded: known.count)
      let number = known[key] ?? fresh
      if number == fresh { known[key] = fresh }
      classes.append(number)
    }
    return Classifier.readableOrder(classOfByte: classes, count: known.count).filter { $0 != 0 }.map { byte in
      (image.header.classOfByte[Int(byte)], Int(table.classOfByte[Int(byte)]), byte)
    }
  }
}
