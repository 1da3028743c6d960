extension Classifier {
  /// A shortest string of every label: `result[label]`. Among shortest strings the most readable is taken: letters
  /// before digits before punctuation before everything else, deterministically.
  package func shortestWitnesses() -> [UInt32: [UInt8]] {
    var missing = Set(labels)
    var found: [UInt32: [UInt8]] = [:]
    var seen = [Bool](repeating: false, count: stateCount)
    seen[0] = true
    var states: [UInt32] = [0]
    var trail = Trail()
    let bytes = readableBytes
    if missing.remove(labels[0]) != nil { found[labels[0]] = [] }
    var done = 0
    while done < states.count, !missing.isEmpty {
      let state = states[done]
      for byte in bytes {
        let next = self.next(state, byte)
        if seen[Int(next)] { continue }
        seen[Int(next)] = true
        states.append(next)
        trail.append(from: done, by: byte)
        let label = labels[Int(next)]
        if missing.remove(label) != nil { found[label] = trail.path(to: states.count - 1) }
      }
      done += 1
    }
    return found
  }

  /// A shortest string whose label satisfies `wanted`, or nil if there is none.
  package func shortestWitness(where wanted: (UInt32) -> Bool) -> [UInt8]? {
    shortestWitnesses().filter { wanted($0.key) }.min {
      ($0.value.count, $0.key) < ($1.value.count, $1.key)
    }?.value
  }

  /// The first `limit` strings of a label, shorter ones first, then by readability. Of bytes that the classifier does not
  /// tell apart only the most readable is used.
  package func strings(ofLabel label: UInt32, limit: Int) -> [[UInt8]] {
    let distance = distances(toLabel: label)
    if limit <= 0 || distance[0] == .max { return [] }
    var result: [[UInt8]] = []
    var trail = Trail()
    // Ways of one length; of the ways to one state only the first `limit` can matter.
    var level: [(state: UInt32, step: Int)] = [(0, 0)]
    var steps = 1
    let bytes = readableBytes
    while !level.isEmpty {
      for (state, step) in level where labels[Int(state)] == label {
        result.append(trail.path(to: step))
        if result.count == limit { return result }
      }
      var next: [(state: UInt32, step: Int)] = []
      var ways: [UInt32: Int] = [:]
      for (state, step) in level {
        for byte in bytes {
          let target = self.next(state, byte)
          if distance[Int(target)] == .max || ways[target, default: 0] >= limit - result.count { continue }
          ways[target, default: 0] += 1
          trail.append(from: step, by: byte)
          next.append((target, steps))
          steps += 1
        }
      }
      level = next
    }
    return result
  }

  /// Per state: how many bytes lead to a state of the label at least; `.max` if none do.
  func distances(toLabel label: UInt32) -> [UInt32] {
    var distance = [UInt32](repeating: .max, count: stateCount)
    var queue: [UInt32] = []
    for state in labels.indices where labels[state] == label {
      distance[state] = 0
      queue.append(UInt32(state))
    }
    if queue.isEmpty { return distance }
    let rows = (0..<UInt32(stateCount)).flatMap { repeatElement($0, count: byteClassCount) }
    let inverse = PackedLists(count: stateCount, lists: transitions, values: rows)
    var done = 0
    while done < queue.count {
      let state = queue[done]
      done += 1
      for position in inverse.range(state) {
        let source = inverse.values[position]
        if distance[Int(source)] != .max { continue }
        distance[Int(source)] = distance[Int(state)] + 1
        queue.append(source)
      }
    }
    return distance
  }

  /// One byte per byte class, the most readable of each, most readable first.
  var readableBytes: [UInt8] { Classifier.readableOrder(classOfByte: classOfByte, count: byteClassCount) }

  /// One byte per byte class, the most readable of each, most readable first.
  package static func readableOrder(classOfByte: [UInt8], count: Int) -> [UInt8] {
    func rank(_ byte: UInt8) -> Int {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): 256 + Int(byte)
      case UInt8(ascii: "0")...UInt8(ascii: "9"): 512 + Int(byte)
      case 0x21...0x7E: 1024 + Int(byte)
      default: 2048 + Int(byte)
      }
    }
    var best = [UInt8?](repeating: nil, count: count)
    for byte in (0...255).map({ UInt8($0) }) {
      let column = Int(classOfByte[Int(byte)])
      if let known = best[column], rank(known) <= rank(byte) { continue }
      best[column] = byte
    }
    return best.compactMap { $0 }.sorted { rank($0) < rank($1) }
  }
}

/// Draws random strings of one class of a classifier.
package struct StringSampler: Sendable {
  private let classifier: Classifier
  private let label: UInt32
  private let distance: [UInt32]
  private let bytesOfClass: [[UInt8]]

  package init(_ classifier: Classifier, label: UInt32) {
    self.classifier = classifier
    self.label = label
    distance = classifier.distances(toLabel: label)
    var bytes: [[UInt8]] = Array(repeating: [], count: classifier.byteClassCount)
    for byte in 0..<256 { bytes[Int(classifier.classOfByte[byte])].append(UInt8(byte)) }
    bytesOfClass = bytes
  }

  /// A random member of at most `maxLength` bytes, nil if there is none. Byte classes are drawn with equal odds, so that
  /// the bytes that matter come up; every member that short can come up.
  package func string(using random: inout some RandomNumberGenerator, maxLength: Int) -> [UInt8]? {
    guard distance[0] != .max, Int(distance[0]) <= maxLength else { return nil }
    var result: [UInt8] = []
    var state = 0
    while true {
      let left = maxLength - result.count
      if classifier.labels[state] == label, left == 0 || Int.random(in: 0..<4, using: &random) == 0 { return result }
      let row = state * classifier.byteClassCount
      let open = bytesOfClass.indices.filter {
        let next = distance[Int(classifier.transitions[row + $0])]
        return next != .max && Int(next) < left
      }
      guard let column = open.randomElement(using: &random),
        let byte = bytesOfClass[column].randomElement(using: &random)
      else { return classifier.labels[state] == label ? result : nil }
      result.append(byte)
      state = Int(classifier.transitions[row + column])
    }
  }
}

extension Classifier {
  /// A random string of a label, of at most `maxLength` bytes; nil if there is none. For many strings make one
  /// `StringSampler`.
  package func randomString(label: UInt32, using random: inout some RandomNumberGenerator, maxLength: Int) -> [UInt8]? {
    StringSampler(self, label: label).string(using: &random, maxLength: maxLength)
  }
}

extension Classifier {
  /// A short string of each of some labels that `isFit`, shorter ones first, then by readability. Per state one way to it
  /// is tried, with every last byte that leads there: a label may have fitting strings and still none here.
  package func witnesses(of wanted: Set<UInt32>, isFit: (UInt32, [UInt8]) -> Bool) -> [UInt32: [UInt8]] {
    var missing = wanted
    var found: [UInt32: [UInt8]] = [:]
    var seen = [Bool](repeating: false, count: stateCount)
    seen[0] = true
    var states: [UInt32] = [0]
    var trail = Trail()
    if missing.contains(labels[0]), isFit(labels[0], []) {
      found[labels[0]] = []
      missing.remove(labels[0])
    }
    let bytes = readableBytes
    let all = Classifier.readableOrder(classOfByte: Array(0...255), count: 256)
    var done = 0
    while done < states.count, !missing.isEmpty {
      let state = states[done]
      for byte in bytes {
        let next = self.next(state, byte)
        if seen[Int(next)] { continue }
        seen[Int(next)] = true
        states.append(next)
        trail.append(from: done, by: byte)
        let label = labels[Int(next)]
        guard missing.contains(label) else { continue }
        let start = trail.path(to: done)
        let fit = all.first { self.next(state, $0) == next && isFit(label, start + [$0]) }
        guard let fit else { continue }
        found[label] = start + [fit]
        missing.remove(label)
      }
      done += 1
    }
    return found
  }
}
