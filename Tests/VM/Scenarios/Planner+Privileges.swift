import IR

extension Planner {
  /// Every kind of socket that the policy language can tell apart, and some families that it cannot.
  mutating func planSockets(_ actor: Actor, onlyWhereSourcesDiffer: Bool = false) {
    let further: [(UInt16, UInt8)] = [
      (SocketNumber.netlink, SocketNumber.raw), (SocketNumber.netlink, SocketNumber.dgram),
      (SocketNumber.unix, SocketNumber.seqpacket), (38, SocketNumber.seqpacket), (40, SocketNumber.stream),
    ]
    // SOCK_PACKET in an internet family becomes AF_PACKET before any security module sees it. AppArmor has no word for
    // SOCK_DCCP in one family; that of AF_PACKET is no socket that any kernel makes.
    let sockets =
      SocketCell.all.map(\.representative).filter {
        $0.family == SocketNumber.packet ? $0.type != SocketNumber.dccp : $0.type <= SocketNumber.dccp
      } + further.map { Socket(family: $0.0, type: $0.1, protocolNumber: 0) }
    for socket in sockets {
      if onlyWhereSourcesDiffer, !dependsOnSource(SocketCell(socket)) { continue }
      let event = Event(source: actor.source, access: .network(socket))
      let words = ["socket", String(socket.family), String(socket.type), String(socket.protocolNumber)]
      add(actor, uid: user(of: actor, "socket"), places: [], operation: words, event: event)
      let isTCP = socket.type == SocketNumber.stream && socket.protocolNumber == SocketNumber.tcp
      guard isTCP else { continue }
      let listen = ["listen", String(socket.family)]
      add(actor, uid: user(of: actor, "socket"), places: [], operation: listen, event: event)
    }
  }

  /// Every capability that the guest can use, as user 0.
  mutating func planCapabilities(_ actor: Actor, onlyWhereSourcesDiffer: Bool = false) {
    for capability in Guest.capabilities {
      if onlyWhereSourcesDiffer, !dependsOnSource(capability) { continue }
      var words = ["cap:" + capability.name]
      var places: [Scenario.Place] = []
      let needed: Socket?
      switch capability {
      case .net_bind_service:
        needed = Socket(family: SocketNumber.inet, type: SocketNumber.stream, protocolNumber: 0)
      case .net_raw:
        needed = Socket(family: SocketNumber.inet, type: SocketNumber.raw, protocolNumber: SocketNumber.icmp)
      case .net_admin:
        needed = Socket(family: SocketNumber.unix, type: SocketNumber.dgram, protocolNumber: 0)
      default: needed = nil
      }
      if let needed, verdict(actor.source, .network(needed)) == .block {
        skip("using \(capability.name) needs a socket that the policy blocks")
        continue
      }
      if capability == .mknod {
        let chain = actor.chain.map(\.path)
        let node = probes.paths.first { path in
          !Guest.isReserved(path) && !chain.contains { $0 == path || $0.isBelow(path) || path.isBelow($0) }
            && verdict(actor.source, .path(.write, path)) != .block
        }
        guard let node else {
          skip("using mknod needs a path that may be written")
          continue
        }
        places = [Scenario.Place(object: .nothing, uid: 0, path: node)]
        words.append(node.escaped)
      }
      add(
        actor,
        uid: 0,
        places: places,
        operation: words,
        event: Event(source: actor.source, access: .capability(capability))
      )
    }
  }

  private mutating func user(of actor: Actor, _ what: String) -> Int {
    let uid = Planner.users[takeTurn("user \(what)", of: 2)]
    return isReachable(actor, uid: uid) ? uid : 0
  }

  private func dependsOnSource(_ cell: SocketCell) -> Bool {
    Set((0..<table.sources.count).map { table.cell(source: $0, cell).verdict }).count > 1
  }

  private func dependsOnSource(_ capability: Capability) -> Bool {
    Set((0..<table.sources.count).map { table.cell(source: $0, capability).verdict }).count > 1
  }
}
