extension Classifier {
  /// The minimal classifier of an automaton that was built elsewhere.
  ///
  /// `classOfByte` has 256 elements below `byteClassCount`; `transitions` has rows of `byteClassCount` columns, row-major,
  /// and state 0 is the start; `labels` has one element per state. Tables that do not fit together are a mistake of the caller and stop the program.
  package static func importing(classOfByte: [UInt8], byteClassCount: Int, transitions: [UInt32], labels: [UInt32])
    -> Classifier
  {
    precondition(1...256 ~= byteClassCount && classOfByte.count == 256 && !labels.isEmpty)
    precondition(classOfByte.allSatisfy { $0 < byteClassCount } && transitions.count == labels.count * byteClassCount)
    precondition(transitions.allSatisfy { $0 < labels.count })
    return Minimizer.minimize(
      classOfByte: classOfByte,
      byteClassCount: byteClassCount,
      transitions: transitions,
      labels: labels
    )
  }
}
