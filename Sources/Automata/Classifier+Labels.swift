extension Classifier {
  /// The same automaton with labels renamed one to one (no two labels become one: the result stays minimal).
  package func renamingLabels(_ map: (UInt32) -> UInt32) -> Classifier {
    Classifier(
      minimalClassOfByte: classOfByte,
      byteClassCount: byteClassCount,
      transitions: transitions,
      labels: labels.map(map)
    )
  }
}

extension Classifier {
  /// The same walk with another label per state, minimal again.
  package func labellingStates(_ label: (UInt32) -> UInt32) -> Classifier {
    Minimizer.minimize(
      classOfByte: classOfByte,
      byteClassCount: byteClassCount,
      transitions: transitions,
      labels: (0..<UInt32(stateCount)).map(label)
    )
  }
}
