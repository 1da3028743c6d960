import IR

/// Words for sockets as the kernel's headers and AppArmor write them.
enum SocketNames {
  /// `AF_INET`, `PF_INET`, `inet` or `2`.
  static func family(_ text: String) -> UInt16? {
    var word = text.lowercased()[...]
    if word.hasPrefix("af_") || word.hasPrefix("pf_") { word = word.dropFirst(3) }
    if let number = UInt16(word) { return number }
    if word == "local" { return SocketNumber.unix }
    return SocketNumber.families.first { $0.name == word }?.number
  }

  /// `SOCK_STREAM|SOCK_CLOEXEC`, `stream` or `1`.
  static func type(_ text: String) -> UInt8? {
    for part in text.lowercased().split(separator: "|") {
      let word = part.hasPrefix("sock_") ? part.dropFirst(5) : part
      // The kernel keeps flags such as SOCK_CLOEXEC above the low four bits.
      if let number = UInt32(word) { return UInt8(number & 0xF) }
      if let known = SocketNumber.types.first(where: { $0.name == word }) { return known.number }
    }
    return nil
  }

  /// `TCP`, `IPPROTO_TCP` or `6`, with what else follows from it.
  static func `protocol`(_ text: String) -> (number: UInt16, type: UInt8?, family: UInt16?)? {
    var word = text.lowercased()[...]
    if word.hasPrefix("ipproto_") { word = word.dropFirst(8) }
    // Names by `/etc/protocols`; HOPOPT and IP are 0, which is no choice.
    if word == "hopopt" || word == "ip" { return (0, nil, nil) }
    if word == "ipv6-icmp" { word = "icmpv6" }
    let number = UInt16(word) ?? SocketNumber.protocols.first { $0.name == word }?.number ?? (word == "raw" ? 255 : nil)
    switch number {
    case nil: return nil
    case SocketNumber.tcp?: return (SocketNumber.tcp, SocketNumber.stream, nil)
    case SocketNumber.udp?: return (SocketNumber.udp, SocketNumber.dgram, nil)
    case SocketNumber.icmp?: return (SocketNumber.icmp, nil, SocketNumber.inet)
    case SocketNumber.icmpv6?: return (SocketNumber.icmpv6, nil, SocketNumber.inet6)
    case let number?: return (number, nil, nil)
    }
  }
}
