/// One access, as an enforcer sees it (SEMANTICS §1).
package struct Event: Hashable, Sendable {
  /// The file that the acting process last executed; nil for the first process of a container.
  package var source: BytePath?
  package var access: Access
  /// Whether the acting fsuid owns the object; only path operations look at it.
  package var isOwner: Bool

  package init(source: BytePath?, access: Access, isOwner: Bool = true) {
    self.source = source
    self.access = access
    self.isOwner = isOwner
  }
}

/// One operation on one object.
package enum Access: Hashable, Sendable {
  case path(PathOperation, BytePath)
  case network(Socket)
  case capability(Capability)
  /// A system call by name, with its path argument if it has one.
  case syscall(String, BytePath?)

  package var resourceClass: ResourceClass {
    switch self {
    case .path(let operation, _): operation.resourceClass
    case .network: .network
    case .capability: .capabilities
    case .syscall: .syscalls
    }
  }
}

extension Event: CustomStringConvertible {
  /// In the event language: `read /etc/shadow from /bin/cat as owner`.
  package var description: String {
    var text: String
    var ownership = ""
    switch access {
    case .path(let operation, let path):
      text = operation.name + " " + path.eventText
      ownership = isOwner ? " as owner" : " as other"
    case .network(let socket):
      let family = SocketNumber.families.first { $0.number == socket.family }?.name ?? String(socket.family)
      let type = SocketNumber.types.first { $0.number == socket.type }?.name ?? String(socket.type)
      let known = SocketNumber.protocols.first { $0.number == socket.protocolNumber }?.name
      text = "network \(family) \(type)"
      if socket.protocolNumber != 0 { text += " " + (known ?? String(socket.protocolNumber)) }
    case .capability(let capability): text = "capability " + capability.name
    case .syscall(let name, let path): text = "syscall " + name + (path.map { " " + $0.eventText } ?? "")
    }
    if let source { text += " from " + source.eventText }
    return text + ownership
  }
}
