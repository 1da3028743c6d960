import IR

extension SocketKey {
  static let families: ClosedRange<UInt16> = 0...45
  static let types: ClosedRange<UInt8> = 0...11
  static let all: [SocketKey] = families.flatMap { family in types.map { SocketKey(family: family, type: $0) } }

  /// The type `SOCK_PACKET`.
  static let packetType: UInt8 = 10
  /// The types that the words of the profile language name.
  static let namedTypes: [UInt8] = [1, 2, 3, 4, 5, packetType]

  /// What `network FAMILY TYPE,` covers with parser 3.0.8, each read back from compiled policy: bare `network,`
  /// everything; a family, its named types; a type, that type in every family but 12 (DECnet, whose word is gone). Other
  /// types (`SOCK_DCCP`) are reached by bare `network,` alone.
  static func covered(family: UInt16?, type: UInt8?) -> [SocketKey] {
    switch (family, type) {
    case (nil, nil): all
    case (let family?, nil): namedTypes.map { SocketKey(family: family, type: $0) }
    case (nil, let type?): families.filter { $0 != 12 }.map { SocketKey(family: $0, type: type) }
    case (let family?, let type?): [SocketKey(family: family, type: type)]
    }
  }

  /// Whether some kernel could open such a socket: `SOCK_DCCP` is for IP, `SOCK_PACKET` for AF_PACKET (the kernel turns
  /// `socket(AF_INET, SOCK_PACKET)` into it before any check); PPPoX looks at no type. Families 0 and 12 are none.
  package var isOpenable: Bool {
    if family == 0 || family == 12 || family > SocketKey.families.upperBound { return false }
    switch type {
    case 1...5: return true
    case SocketNumber.dccp: return family == SocketNumber.inet || family == SocketNumber.inet6 || family == 24
    case SocketKey.packetType: return family == SocketNumber.packet || family == 24
    default: return false
    }
  }

  /// The verdicts of the socket for every protocol, which AppArmor does not look at.
  func cells(_ table: DecisionTable, source: Int) -> [Cell] {
    // A protocol of each kind that some word can tell apart.
    [0, SocketNumber.icmp, SocketNumber.icmpv6, SocketNumber.sctp].map { number in
      table.cell(source: source, SocketCell(Socket(family: family, type: type, protocolNumber: number)))
    }
  }
}

/// A `network` rule's words.
struct SocketWords: Hashable {
  let family: UInt16?
  let type: UInt8?
  static let everything = SocketWords(family: nil, type: nil)
  var keys: [SocketKey] { SocketKey.covered(family: family, type: type) }

  /// Few words that cover everything in `wanted` that words reach, and nothing outside `may`.
  static func cover(_ wanted: Set<SocketKey>, may: Set<SocketKey>) -> [SocketWords] {
    var rest = wanted
    var result: [SocketWords] = []
    func take(_ words: SocketWords) {
      result.append(words)
      rest.subtract(words.keys)
    }
    func fits(_ words: SocketWords) -> Bool { words.keys.allSatisfy(may.contains) }
    if rest.isEmpty { return [] }
    if fits(.everything) { return [.everything] }
    for type in SocketKey.namedTypes.dropLast() {
      let words = SocketWords(family: nil, type: type)
      if fits(words), rest.filter({ $0.type == type }).count > 1 { take(words) }
    }
    for (_, family) in SocketNumber.families {
      let words = SocketWords(family: family, type: nil)
      if fits(words), rest.filter({ $0.family == family }).count > 1 { take(words) }
    }
    for (_, family) in SocketNumber.families {
      for type in SocketKey.namedTypes where rest.contains(SocketKey(family: family, type: type)) {
        take(SocketWords(family: family, type: type))
      }
    }
    return result
  }

  /// `inet stream`, after the word `network`.
  static func text(family: UInt16?, type: UInt8?) -> String {
    var words: [String] = []
    if let family { words.append(SocketNumber.families.first { $0.number == family }?.name ?? "unspec") }
    if let type { words.append(SocketNumber.types.first { $0.number == type }?.name ?? "packet") }
    return words.joined(separator: " ")
  }
}
