extension Classifier {
  /// The same sorting of strings without NUL under other labels, minimal: NUL leads where byte 1 leads.
  package func ignoringNUL(_ label: (UInt32) -> UInt32) -> Classifier {
    var transitions = self.transitions
    let (nul, one) = (Int(classOfByte[0]), Int(classOfByte[1]))
    if nul != one && !classOfByte.dropFirst().contains(classOfByte[0]) {
      for row in stride(from: 0, to: transitions.count, by: byteClassCount) {
        transitions[row + nul] = transitions[row + one]
      }
    }
    return Minimizer.minimize(
      classOfByte: classOfByte,
      byteClassCount: byteClassCount,
      transitions: transitions,
      labels: labels.map(label)
    )
  }
}
