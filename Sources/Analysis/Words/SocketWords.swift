package import IR

/// Sets of sockets in words.
package enum SocketWords {
  /// As policies say it if they can (`tcp`, `tcp, udp`, `all but tcp`, `tcp except sctp`), else by family, type and
  /// protocol as the event language does (`inet stream`, `raw in other families`). Nothing else than `cells` is meant,
  /// and all of it.
  package static func text(_ cells: Set<SocketCell>) -> String {
    let wanted = cells.reduce(Mask(0)) { $0 | SocketWords.bit($1) }
    if wanted == 0 { return "none" }
    if wanted == everything { return "all" }
    let unwanted = everything & ~wanted
    let phrases: [[String]?] = [
      words(wanted),
      words(unwanted).map { ["all but " + $0[0]] + $0.dropFirst() },
      difference(wanted),
      boxed(wanted),
      boxed(unwanted).enumerated().map { ($0 == 0 ? "all but " : "") + $1 },
    ]
    // The fewest items, of those the shortest, of those the first.
    func cost(_ items: [String]) -> Int { items.count * 1000 + items.reduce(0) { $0 + $1.utf8.count } }
    let best = phrases.compactMap { $0 }.min { cost($0) < cost($1) }
    return best?.joined(separator: ", ") ?? "none"
  }

  /// One bit per cell.
  private typealias Mask = UInt128
  private static let everything: Mask = (1 << Mask(SocketCell.count)) - 1
  private static func bit(_ cell: SocketCell) -> Mask { 1 << Mask(cell.index) }
  private static func mask(_ holds: (Socket) -> Bool) -> Mask {
    SocketCell.all.reduce(0) { holds($1.representative) ? $0 | bit($1) : $0 }
  }

  // MARK: The words of policies

  private static let known: [(word: String, mask: Mask)] = NetworkProtocol.allCases.dropLast().map { word in
    (word.rawValue, mask(word.covers))
  }

  /// At most four words whose union it is.
  private static func words(_ wanted: Mask) -> [String]? {
    let fitting = known.filter { $0.mask & ~wanted == 0 }
    func search(_ rest: Mask, from start: Int, most: Int) -> [String]? {
      if rest == 0 { return [] }
      if most == 0 { return nil }
      for index in fitting.indices.dropFirst(start) where fitting[index].mask & rest != 0 {
        if let further = search(rest & ~fitting[index].mask, from: index + 1, most: most - 1) {
          return [fitting[index].word] + further
        }
      }
      return nil
    }
    for most in 1...4 { if let found = search(wanted, from: 0, most: most) { return found } }
    return nil
  }

  /// One word or two less one or two others.
  private static func difference(_ wanted: Mask) -> [String]? {
    let unions =
      known.map { (words: [$0.word], mask: $0.mask) }
      + known.indices.flatMap { first in
        known.indices.dropFirst(first + 1).map {
          (words: [known[first].word, known[$0].word], mask: known[first].mask | known[$0].mask)
        }
      }
    var best: [String]?
    for left in unions where wanted & ~left.mask == 0 {
      for right in unions where left.mask & ~right.mask == wanted {
        if let best, best.count < left.words.count + right.words.count { continue }
        best = left.words.dropLast() + [(left.words.last ?? "") + " except " + right.words[0]] + right.words.dropFirst()
      }
    }
    return best
  }

  // MARK: By family, type and protocol

  private struct Box {
    let text: String
    let mask: Mask
    let precision: Int
  }

  private static let boxes: [Box] = {
    let families = ["inet", "inet6", "packet", nil]
    let types = SocketNumber.types.prefix(6).map { Optional($0.name) } + [nil]
    let protocols = ["icmp", "icmpv6", "sctp", nil]
    var result: [Box] = []
    for family in -1..<families.count {
      for type in -1..<types.count {
        for kind in -1..<protocols.count where (family, type, kind) != (-1, -1, -1) {
          var front: [String] = []
          var back: [String] = []
          if family >= 0 {
            if let name = families[family] { front.append(name) } else { back.append("in other families") }
          }
          if type >= 0 { if let name = types[type] { front.append(name) } else { back.append("of other types") } }
          if kind >= 0 {
            if let name = protocols[kind] {
              if front.count == 2 { front.append(name) } else { back.append("with protocol " + name) }
            } else {
              back.append("with other protocols")
            }
          }
          if front.isEmpty { front.append("sockets") }
          let cells = SocketCell.all.filter { cell in
            (family < 0 || cell.index / 28 == family) && (type < 0 || cell.index / 4 % 7 == type)
              && (kind < 0 || cell.index % 4 == kind)
          }
          result.append(
            Box(
              text: (front + back).joined(separator: " "),
              mask: cells.reduce(0) { $0 | bit($1) },
              precision: [family, type, kind].count { $0 >= 0 }
            )
          )
        }
      }
    }
    return known.map { Box(text: $0.word, mask: $0.mask, precision: 0) } + result
  }()

  /// The largest box that fits, again and again, less what turned out superfluous.
  private static func boxed(_ wanted: Mask) -> [String] {
    let fitting = boxes.filter { $0.mask & ~wanted == 0 }
    var chosen: [Box] = []
    var rest = wanted
    while rest != 0 {
      var best: (gain: Int, box: Box)?
      for box in fitting {
        let gain = (box.mask & rest).nonzeroBitCount
        if gain == 0 { continue }
        if let best, (best.gain, -best.box.precision) >= (gain, -box.precision) { continue }
        best = (gain, box)
      }
      guard let best else { break }
      chosen.append(best.box)
      rest &= ~best.box.mask
    }
    for index in chosen.indices.reversed() {
      let others = chosen.indices.reduce(Mask(0)) { $1 == index ? $0 : $0 | chosen[$1].mask }
      if wanted & ~others == 0 { chosen.remove(at: index) }
    }
    return chosen.map(\.text)
  }
}
