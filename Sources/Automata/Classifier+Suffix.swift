extension Classifier {
  /// Sorts strings by their own label and, if they end in one single `suffix`, by the label of what stands before it.
  ///
  /// `combine` makes a label of the label of the string and of what stands before its final `suffix` (nil: it does not
  /// end in one, or in two).
  package func lookingBehind(
    suffix: UInt8,
    combine: (UInt32, UInt32?) -> UInt32
  ) -> Classifier {
    // The suffix gets a byte class of its own; if all 256 are taken it has one.
    var classOfByte = self.classOfByte
    var width = byteClassCount
    var sample = [UInt8](repeating: 0, count: byteClassCount)
    for byte in (0...255).reversed() where byte != Int(suffix) {
      sample[Int(classOfByte[byte])] = UInt8(byte)
    }
    let own = classOfByte[Int(suffix)]
    let isAlone = !classOfByte.indices.contains { $0 != Int(suffix) && classOfByte[$0] == own }
    let column: Int
    if isAlone {
      column = Int(own)
      sample[column] = suffix
    } else {
      column = width
      classOfByte[Int(suffix)] = UInt8(truncatingIfNeeded: width)
      sample.append(suffix)
      width += 1
    }
    // A state is a state of ours and what was before a final suffix: 0 nothing, 1 more than one suffix, else 2 + label.
    struct Place: Hashable { var state: UInt32, behind: UInt32 }
    // Only the suffix leads to places with something behind them; all others are found by their state alone.
    var plainNumbers = [UInt32](repeating: .max, count: stateCount)
    var numbers: [Place: UInt32] = [:]
    plainNumbers[0] = 0
    var order = [Place(state: 0, behind: 0)]
    var transitions: [UInt32] = []
    let columns = sample.map { Int(self.classOfByte[Int($0)]) }
    var done = 0
    while done < order.count {
      let place = order[done]
      done += 1
      let row = Int(place.state) * byteClassCount
      for index in 0..<width {
        let next = self.transitions[row + columns[index]]
        let fresh = UInt32(order.count)
        if index != column {
          if plainNumbers[Int(next)] == .max {
            plainNumbers[Int(next)] = fresh
            order.append(Place(state: next, behind: 0))
          }
          transitions.append(plainNumbers[Int(next)])
          continue
        }
        let ending = Place(state: next, behind: place.behind == 0 ? labels[Int(place.state)] + 2 : 1)
        let number = numbers[ending] ?? fresh
        if number == fresh {
          numbers[ending] = fresh
          order.append(ending)
        }
        transitions.append(number)
      }
    }
    return Classifier.importing(
      classOfByte: classOfByte,
      byteClassCount: width,
      transitions: transitions,
      labels: order.map { combine(labels[Int($0.state)], $0.behind < 2 ? nil : $0.behind - 2) }
    )
  }
}
