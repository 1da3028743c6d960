/// A socket as a program asks for it: `socket(family, type, protocol)`, numbers of the Linux ABI.
package struct Socket: Hashable, Sendable {
  package var family: UInt16
  package var type: UInt8
  package var protocolNumber: UInt16
  package init(family: UInt16, type: UInt8, protocolNumber: UInt16) {
    self.family = family
    self.type = type
    self.protocolNumber = protocolNumber
  }
}

/// The words of `matchProtocols` (SEMANTICS §4).
package enum NetworkProtocol: String, Hashable, Sendable, CaseIterable {
  case tcp, udp, icmp, icmpv6, sctp, raw, stream, dgram, rdm, seqpacket, dccp, packet, all

  /// Whether a rule with this word covers the socket.
  package func covers(_ socket: Socket) -> Bool {
    let ip = socket.family == SocketNumber.inet || socket.family == SocketNumber.inet6
    switch self {
    case .tcp: return ip && socket.type == SocketNumber.stream
    case .udp: return ip && socket.type == SocketNumber.dgram
    case .icmp:
      return socket.family == SocketNumber.inet && socket.protocolNumber == SocketNumber.icmp
        && (socket.type == SocketNumber.raw || socket.type == SocketNumber.dgram)
    case .icmpv6:
      return socket.family == SocketNumber.inet6 && socket.protocolNumber == SocketNumber.icmpv6
        && (socket.type == SocketNumber.raw || socket.type == SocketNumber.dgram)
    case .sctp: return ip && socket.protocolNumber == SocketNumber.sctp
    case .raw: return socket.type == SocketNumber.raw
    case .stream: return socket.type == SocketNumber.stream
    case .dgram: return socket.type == SocketNumber.dgram
    case .rdm: return socket.type == SocketNumber.rdm
    case .seqpacket: return socket.type == SocketNumber.seqpacket
    case .dccp: return socket.type == SocketNumber.dccp
    case .packet: return socket.family == SocketNumber.packet
    case .all: return true
    }
  }
}

/// Numbers of the Linux socket ABI (`bits/socket.h`, `bits/socket_type.h`, `netinet/in.h`).
package enum SocketNumber {
  package static let unix: UInt16 = 1
  package static let inet: UInt16 = 2
  package static let inet6: UInt16 = 10
  package static let netlink: UInt16 = 16
  package static let packet: UInt16 = 17
  package static let stream: UInt8 = 1
  package static let dgram: UInt8 = 2
  package static let raw: UInt8 = 3
  package static let rdm: UInt8 = 4
  package static let seqpacket: UInt8 = 5
  package static let dccp: UInt8 = 6
  package static let icmp: UInt16 = 1
  package static let tcp: UInt16 = 6
  package static let udp: UInt16 = 17
  package static let icmpv6: UInt16 = 58
  package static let sctp: UInt16 = 132

  /// Family words of the event language and their numbers, the kernel's `AF_…` in lower case.
  package static let families: [(name: String, number: UInt16)] = [
    ("unix", 1), ("inet", 2), ("ax25", 3), ("ipx", 4), ("appletalk", 5), ("netrom", 6), ("bridge", 7),
    ("atmpvc", 8), ("x25", 9), ("inet6", 10), ("rose", 11), ("netbeui", 13), ("security", 14), ("key", 15),
    ("netlink", 16), ("packet", 17), ("ash", 18), ("econet", 19), ("atmsvc", 20), ("rds", 21), ("sna", 22),
    ("irda", 23), ("pppox", 24), ("wanpipe", 25), ("llc", 26), ("ib", 27), ("mpls", 28), ("can", 29), ("tipc", 30),
    ("bluetooth", 31), ("iucv", 32), ("rxrpc", 33), ("isdn", 34), ("phonet", 35), ("ieee802154", 36), ("caif", 37),
    ("alg", 38), ("nfc", 39), ("vsock", 40), ("kcm", 41), ("qipcrtr", 42), ("smc", 43), ("xdp", 44), ("mctp", 45),
  ]
  /// Type words and their numbers, the kernel's `SOCK_…` in lower case.
  package static let types: [(name: String, number: UInt8)] = [
    ("stream", 1), ("dgram", 2), ("raw", 3), ("rdm", 4), ("seqpacket", 5), ("dccp", 6), ("packet", 10),
  ]
  /// Protocol words and their numbers.
  package static let protocols: [(name: String, number: UInt16)] = [
    ("icmp", 1), ("tcp", 6), ("udp", 17), ("icmpv6", 58), ("sctp", 132), ("mptcp", 262),
  ]
}

/// The sockets sorted by everything that any word of `matchProtocols` can tell apart: 4 families (inet, inet6, packet,
/// other) × 7 types (1…6, other) × 4 protocols (icmp, icmpv6, sctp, other).
package struct SocketCell: Hashable, Sendable {
  /// 0 ..< `count`.
  package let index: Int
  package static let count = 4 * 7 * 4

  package init(index: Int) { self.index = index }

  package init(_ socket: Socket) {
    let family =
      switch socket.family {
      case SocketNumber.inet: 0
      case SocketNumber.inet6: 1
      case SocketNumber.packet: 2
      default: 3
      }
    let type = (1...6).contains(socket.type) ? Int(socket.type) - 1 : 6
    let kind =
      switch socket.protocolNumber {
      case SocketNumber.icmp: 0
      case SocketNumber.icmpv6: 1
      case SocketNumber.sctp: 2
      default: 3
      }
    index = (family * 7 + type) * 4 + kind
  }

  /// A socket of this cell that real programs open, where there is one.
  package var representative: Socket {
    let family = [SocketNumber.inet, SocketNumber.inet6, SocketNumber.packet, SocketNumber.unix][index / 28]
    let type = UInt8([1, 2, 3, 4, 5, 6, 10][index / 4 % 7])
    let plain: UInt16 =
      switch (family, type) {
      case (SocketNumber.inet, SocketNumber.stream), (SocketNumber.inet6, SocketNumber.stream): SocketNumber.tcp
      case (SocketNumber.inet, SocketNumber.dgram), (SocketNumber.inet6, SocketNumber.dgram): SocketNumber.udp
      default: 0
      }
    let kind = [SocketNumber.icmp, SocketNumber.icmpv6, SocketNumber.sctp, plain][index % 4]
    return Socket(family: family, type: type, protocolNumber: kind)
  }

  package static var all: [SocketCell] { (0..<count).map(SocketCell.init(index:)) }
}
