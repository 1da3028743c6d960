package import IR

/// What a record tells of an access: an event of which some parts may not be known.
///
/// It stands for every event that fits. All `accesses` took place, by one source and one actor: opening for reading and
/// writing is two of them.
package struct PartialEvent: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    /// One of these, never empty; nil is a process that has executed nothing yet.
    case oneOf([BytePath?])
    /// Any; holds what the record says instead, possibly nothing.
    case unknown(String)

    package static func known(_ path: BytePath?) -> Source { .oneOf([path]) }
  }

  package enum Path: Hashable, Sendable {
    /// One of these, never empty.
    case oneOf([BytePath])
    /// Some path with this last component, which is not empty.
    case named([UInt8])
    /// Some path; holds why it is not known.
    case unknown(String)

    package static func known(_ path: BytePath) -> Path { .oneOf([path]) }
  }

  package enum Access: Hashable, Sendable {
    /// All operations of one of the sets; never empty, nor is a set.
    case path([PathOperations], Path)
    case network(PartialSocket)
    case capability(Capability)
    /// By name, with its path argument if it has one.
    case syscall(String, Path?)
  }

  package var source: Source
  /// Never empty.
  package var accesses: [Access]
  /// Nil when not known; means something for paths only.
  package var isOwner: Bool?

  package init(source: Source, accesses: [Access], isOwner: Bool? = nil) {
    self.source = source
    self.accesses = accesses
    self.isOwner = isOwner
  }

  /// Everything is known, but perhaps the owner.
  package init(_ event: Event, isOwnerKnown: Bool = true) {
    source = .known(event.source)
    isOwner = isOwnerKnown ? event.isOwner : nil
    switch event.access {
    case .path(let operation, let path): accesses = [.path([PathOperations(operation)], .known(path))]
    case .network(let socket): accesses = [.network(PartialSocket(socket))]
    case .capability(let capability): accesses = [.capability(capability)]
    case .syscall(let name, let path): accesses = [.syscall(name, path.map { .known($0) })]
    }
  }

  /// The one event it stands for, if nothing but perhaps the owner is open; `isOwner` is then true.
  package var event: Event? {
    guard accesses.count == 1, let first = accesses.first, case .oneOf(let sources) = source, sources.count == 1,
      let source = sources.first
    else { return nil }
    let access: IR.Access
    switch first {
    case .path(let operations, .oneOf(let paths)):
      guard paths.count == 1, let path = paths.first, operations.count == 1, let set = operations.first,
        let operation = PathOperation(set)
      else { return nil }
      access = .path(operation, path)
    case .network(let partial):
      guard let socket = partial.socket else { return nil }
      access = .network(socket)
    case .capability(let capability): access = .capability(capability)
    case .syscall(let name, nil): access = .syscall(name, nil)
    case .syscall(let name, .oneOf(let paths)?):
      guard paths.count == 1, let path = paths.first else { return nil }
      access = .syscall(name, path)
    case .path, .syscall: return nil
    }
    return Event(source: source, access: access, isOwner: isOwner ?? true)
  }

  /// Whether any access looks at the owner.
  package var looksAtOwner: Bool { accesses.contains { if case .path = $0 { true } else { false } } }
}

extension PathOperation {
  /// The one operation of a set.
  init?(_ operations: PathOperations) {
    switch operations {
    case .exec: self = .exec
    case .read: self = .read
    case .write: self = .write
    default: return nil
    }
  }
}

extension PathOperations {
  /// Read, write, or both: what an open does of which the flags are not known.
  package static let someOpen: [PathOperations] = [.read, .write, [.read, .write]]
}

/// A socket of which parts may not be known.
package struct PartialSocket: Hashable, Sendable {
  /// One of these; nil is any.
  package var families: [UInt16]?
  package var type: UInt8?
  /// One of these; nil is any.
  package var protocols: [UInt16]?

  package init(families: [UInt16]? = nil, type: UInt8? = nil, protocols: [UInt16]? = nil) {
    self.families = families
    self.type = type
    self.protocols = protocols
  }

  package init(_ socket: Socket) {
    self.init(families: [socket.family], type: socket.type, protocols: [socket.protocolNumber])
  }

  package var socket: Socket? {
    guard let families, families.count == 1, let type, let protocols, protocols.count == 1 else { return nil }
    return Socket(family: families[0], type: type, protocolNumber: protocols[0])
  }

  /// Every cell that a socket of this kind may fall in.
  package var cells: [SocketCell] {
    var found: Set<SocketCell> = []
    for family in families ?? [SocketNumber.inet, SocketNumber.inet6, SocketNumber.packet, SocketNumber.unix] {
      for type in type.map({ [$0] }) ?? [1, 2, 3, 4, 5, 6, 10] {
        for number in protocols ?? [0, SocketNumber.icmp, SocketNumber.icmpv6, SocketNumber.sctp] {
          found.insert(SocketCell(Socket(family: family, type: type, protocolNumber: number)))
        }
      }
    }
    return found.sorted { $0.index < $1.index }
  }
}
