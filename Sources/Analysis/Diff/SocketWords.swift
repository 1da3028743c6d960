import IR

/// Says which sockets some cells are.
struct SocketWords {
  private static let cells: [(word: String, cells: Set<SocketCell>)] = NetworkProtocol.allCases.map { word in
    (word.rawValue, Set(SocketCell.all.filter { word.covers($0.representative) }))
  }
  private var known: [Set<SocketCell>: String] = [:]

  /// Words of `matchProtocols` where they fit, else family, type and protocol; `all but ...` where that is shorter.
  mutating func words(for wanted: Set<SocketCell>) -> String {
    if let known = known[wanted] { return known }
    let direct = SocketWords.list(wanted)
    let complement = SocketWords.list(Set(SocketCell.all).subtracting(wanted))
    let words = complement.count < direct.count ? ["all but " + complement.joined(separator: ", ")] : direct
    let text = words.joined(separator: ", ")
    known[wanted] = text
    return text
  }

  private static func list(_ wanted: Set<SocketCell>) -> [String] {
    var left = wanted
    var result: [String] = []
    let fitting = cells.filter { $0.cells.isSubset(of: wanted) }
    while !left.isEmpty {
      let gains = fitting.map { $0.cells.intersection(left).count }
      guard let best = gains.indices.max(by: { (gains[$0], $1) < (gains[$1], $0) }), gains[best] > 0 else { break }
      result.append(fitting[best].word)
      left.subtract(fitting[best].cells)
    }
    // What no word speaks of alone: all protocols of a family and type together, if they are there.
    for group in Dictionary(grouping: left, by: { $0.index / 4 }).sorted(by: { $0.key < $1.key }) {
      let isWhole = (0..<4).allSatisfy { wanted.contains(SocketCell(index: group.key * 4 + $0)) }
      if isWhole {
        result.append(name(SocketCell(index: group.key * 4), withProtocol: false))
      } else {
        result += group.value.sorted { $0.index < $1.index }.map { name($0, withProtocol: true) }
      }
    }
    return result
  }

  private static func name(_ cell: SocketCell, withProtocol: Bool) -> String {
    let family = ["inet", "inet6", "packet", "other families"][cell.index / 28]
    let type = ["stream", "dgram", "raw", "rdm", "seqpacket", "dccp", "other types"][cell.index / 4 % 7]
    let kind = ["icmp", "icmpv6", "sctp", "other protocols"][cell.index % 4]
    return withProtocol ? "\(family) \(type) \(kind)" : "\(family) \(type)"
  }
}
