/// SplitMix64 (Steele, Lea and Flood): the same numbers on every machine.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A number from 0 on, below `limit`, which is above 0.
  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// `count` elements, none twice.
  mutating func distinct<Element>(_ count: Int, of elements: [Element]) -> [Element] {
    var rest = elements
    var result: [Element] = []
    while result.count < count, !rest.isEmpty { result.append(rest.remove(at: below(rest.count))) }
    return result
  }

  /// A path of three to five components of three to eight letters.
  mutating func path() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789-")
    return (0..<(3 + below(3))).map { _ in "/x" + String((0..<(3 + below(6))).map { _ in pick(letters) }) }.joined()
  }
}
