extension Language {
  /// Bytes that every string of the language begins with, and that every one ends with; as many as the expression shows.
  package var ends: (first: [UInt8], last: [UInt8]) {
    (end(isLast: false).bytes, Array(end(isLast: true).bytes.reversed()))
  }

  /// The common beginning, or the common ending backwards, and whether it is the one string of the language.
  private func end(isLast: Bool) -> (bytes: [UInt8], isWhole: Bool) {
    switch self {
    case .nothing, .star: return ([], false)
    case .literal(let bytes): return (isLast ? bytes.reversed() : bytes, true)
    case .byte(let set): return set.count == 1 ? (set.bytes, true) : ([], false)
    case .union(let parts):
      guard let first = parts.first?.end(isLast: isLast) else { return ([], false) }
      var common = first
      for part in parts.dropFirst() {
        let next = part.end(isLast: isLast)
        let length = zip(common.bytes, next.bytes).prefix { $0 == $1 }.count
        common.isWhole = common.isWhole && next.isWhole && common.bytes.count == next.bytes.count
        common.isWhole = common.isWhole && length == next.bytes.count
        common.bytes.removeSubrange(length...)
      }
      return common
    case .sequence(let parts):
      var bytes: [UInt8] = []
      for part in isLast ? parts.reversed() : parts {
        let next = part.end(isLast: isLast)
        bytes += next.bytes
        if !next.isWhole { return (bytes, false) }
      }
      return (bytes, true)
    }
  }
}
