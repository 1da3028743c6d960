import Automata

/// Byte classes that several automata share: 1... for bytes that paths hold, 0 for NUL alone.
struct ByteAlphabet {
  let classOfByte: [UInt8]
  /// Classes but for NUL's; they are 1...count.
  let count: Int
  /// Per automaton and class (from 1; index 0 is class 1): the column of that automaton.
  let columns: [[Int]]

  init(_ automata: [Classifier]) {
    var classOfByte: [UInt8] = [0]
    var known: [[UInt8]: UInt8] = [:]
    var samples: [Int] = []
    for byte in 1..<256 {
      let key = automata.map { $0.classOfByte[byte] }
      // At most 255 bytes are told apart.
      let fresh = UInt8(truncatingIfNeeded: known.count + 1)
      let number = known[key] ?? fresh
      if number == fresh {
        known[key] = fresh
        samples.append(byte)
      }
      classOfByte.append(number)
    }
    self.classOfByte = classOfByte
    count = samples.count
    columns = automata.map { automaton in samples.map { Int(automaton.classOfByte[$0]) } }
  }
}
