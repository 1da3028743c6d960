/// `network FAMILY TYPE [PROTOCOL]`, and the short forms `network tcp`, `network inet6 udp`, `network unix`.
extension EventReader {
  /// The socket that programs open for a protocol, type or family named alone. Type and protocol may be 0.
  private static let usual: [String: Socket] = {
    func ip(_ type: UInt8, _ number: UInt16) -> Socket {
      Socket(family: SocketNumber.inet, type: type, protocolNumber: number)
    }
    func plain(_ family: UInt16, _ type: UInt8) -> Socket { Socket(family: family, type: type, protocolNumber: 0) }
    return [
      "tcp": ip(SocketNumber.stream, SocketNumber.tcp), "udp": ip(SocketNumber.dgram, SocketNumber.udp),
      "icmp": ip(SocketNumber.raw, SocketNumber.icmp), "sctp": ip(SocketNumber.stream, SocketNumber.sctp),
      "icmpv6": Socket(family: SocketNumber.inet6, type: SocketNumber.raw, protocolNumber: SocketNumber.icmpv6),
      "mptcp": ip(SocketNumber.stream, 262), "raw": ip(SocketNumber.raw, 0),
      "stream": ip(SocketNumber.stream, 0), "dgram": ip(SocketNumber.dgram, 0),
      "unix": plain(SocketNumber.unix, SocketNumber.stream), "netlink": plain(SocketNumber.netlink, SocketNumber.raw),
      "packet": plain(SocketNumber.packet, SocketNumber.raw),
    ]
  }()

  private static let typeOfProtocol: [String: UInt8] = [
    "tcp": SocketNumber.stream, "mptcp": SocketNumber.stream, "sctp": SocketNumber.stream,
    "udp": SocketNumber.dgram, "icmp": SocketNumber.raw, "icmpv6": SocketNumber.raw,
  ]

  mutating func socket(after word: EventWord) throws(EventSyntaxError) -> Socket {
    guard let first = argument() else {
      throw missing("a socket", after: word, ["inet stream tcp", "tcp", "udp", "unix stream"])
    }
    guard let second = argument() else {
      if let socket = first.keyword.flatMap({ EventReader.usual[$0] }) { return socket }
      _ = try EventReader.family(first, alsoKnown: EventReader.usual.keys.sorted())
      throw missing("a type", after: first, SocketNumber.types.map(\.name))
    }
    let family = try EventReader.family(first)
    if let keyword = second.keyword, let type = EventReader.typeOfProtocol[keyword],
      let number = SocketNumber.protocols.first(where: { $0.name == keyword })?.number
    {
      return Socket(family: family, type: type, protocolNumber: number)
    }
    let types = SocketNumber.types.map(\.name)
    guard let type = EventReader.number(second, SocketNumber.types) else {
      throw EventReader.unknown("socket type", second, types + SocketNumber.protocols.map(\.name))
    }
    guard let third = argument() else { return Socket(family: family, type: type, protocolNumber: 0) }
    guard let number = EventReader.number(third, SocketNumber.protocols) else {
      throw EventReader.unknown("protocol", third, SocketNumber.protocols.map(\.name) + ["a number"])
    }
    return Socket(family: family, type: type, protocolNumber: number)
  }

  private static func family(_ word: EventWord, alsoKnown: [String] = []) throws(EventSyntaxError) -> UInt16 {
    if let number = number(word, SocketNumber.families) { return number }
    let families = SocketNumber.families.map(\.name)
    let plain = ["inet", "inet6", "unix", "netlink", "packet"]
    throw unknown(
      "socket family",
      word,
      plain + alsoKnown.filter { !plain.contains($0) }
        + families.filter { !plain.contains($0) && !alsoKnown.contains($0) }
    )
  }

  /// A name of the list, or any number.
  private static func number<Number: FixedWidthInteger>(
    _ word: EventWord,
    _ names: [(name: String, number: Number)]
  ) -> Number? {
    guard let keyword = word.keyword else { return nil }
    if let found = names.first(where: { $0.name == keyword }) { return found.number }
    return keyword.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Number(keyword) : nil
  }
}
