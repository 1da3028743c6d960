import IR

extension PartialEvent: CustomStringConvertible {
  /// In the event language where everything is known; a part that is not is `?`, alternatives are joined by `|`. An owner
  /// that is not known is left out.
  package var description: String {
    let objects = accesses.map { access -> String in
      switch access {
      case .path(let operations, let path):
        let words = operations.count == 3 ? "read|write" : operations.map(PartialEvent.words).joined(separator: "|")
        return words + " " + path.description
      case .network(let socket): return socket.description
      case .capability(let capability): return "capability " + capability.name
      case .syscall(let name, let path): return "syscall " + name + (path.map { " " + $0.description } ?? "")
      }
    }
    var text = objects.joined(separator: " and ")
    switch source {
    case .unknown: text += " from ?"
    case .oneOf(let sources):
      if sources != [nil] { text += " from " + sources.map { $0?.description ?? "nothing" }.joined(separator: "|") }
    }
    if looksAtOwner, let isOwner { text += isOwner ? " as owner" : " as other" }
    return text
  }

  private static func words(_ operations: PathOperations) -> String {
    PathOperation.allCases.filter(operations.contains).map(\.name).joined(separator: "+")
  }

  /// What is not known, in words, but for the owner.
  package var unknowns: [String] {
    var parts: [String] = []
    switch source {
    case .unknown(let text): parts.append("the source is not known" + (text.isEmpty ? "" : ": '\(text)' is no path"))
    case .oneOf(let sources):
      if sources.count > 1 {
        let words = sources.map { $0.map { "'\($0)'" } ?? "none" }
        parts.append("the source is " + words.joined(separator: " or "))
      }
    }
    for access in accesses {
      switch access {
      case .path(let operations, let path):
        if operations.count > 1 { parts.append("the record does not say " + PartialEvent.choice(operations)) }
        if let unknown = path.unknown { parts.append(unknown) }
      case .network(let socket): parts += socket.unknowns
      case .capability: continue
      case .syscall(_, let path): if let unknown = path?.unknown { parts.append(unknown) }
      }
    }
    return parts
  }

  /// What is not known, without naming what the record says instead: for counting.
  package var unknownKinds: [String] {
    var kinds: [String] = []
    if case .oneOf(let sources) = source, sources.count == 1 {} else { kinds.append("the source is not certain") }
    for access in accesses {
      switch access {
      case .path(let operations, let path):
        if operations.count > 1 { kinds.append("the record does not say " + PartialEvent.choice(operations)) }
        if path.unknown != nil { kinds.append("the path is not certain") }
      case .network(let socket): if socket.socket == nil { kinds.append("the socket is not certain") }
      case .capability: continue
      case .syscall(_, let path): if path?.unknown != nil { kinds.append("the path is not certain") }
      }
    }
    return kinds
  }

  private static func choice(_ operations: [PathOperations]) -> String {
    operations.contains(.exec) ? "whether it was executed or mapped" : "whether it was read or written"
  }
}

extension PartialEvent.Path: CustomStringConvertible {
  package var description: String {
    switch self {
    case .oneOf(let paths): paths.map(\.description).joined(separator: "|")
    case .named(let name): "?/" + printable(name)
    case .unknown: "?"
    }
  }

  fileprivate var unknown: String? {
    switch self {
    case .oneOf(let paths):
      paths.count > 1 ? "the path is " + paths.map { "'\($0)'" }.joined(separator: " or ") : nil
    case .named(let name): "of the path only '\(printable(name))' is known"
    case .unknown(let why): why.isEmpty ? "the path is not known" : "the path is not known: " + why
    }
  }
}

extension PartialSocket: CustomStringConvertible {
  package var description: String {
    func one(_ numbers: [UInt16]?, _ names: [(name: String, number: UInt16)]) -> String {
      guard let numbers else { return "?" }
      return numbers.map { number in names.first { $0.number == number }?.name ?? String(number) }
        .joined(separator: "|")
    }
    let family = one(families, SocketNumber.families)
    let kind = type.map { number in SocketNumber.types.first { $0.number == number }?.name ?? String(number) } ?? "?"
    let text = "network \(family) \(kind)"
    return protocols == [0] ? text : text + " " + one(protocols, SocketNumber.protocols)
  }

  fileprivate var unknowns: [String] {
    var parts: [String] = []
    if families?.count != 1 { parts.append("family") }
    if type == nil { parts.append("type") }
    if protocols?.count != 1 { parts.append("protocol") }
    guard let last = parts.popLast() else { return [] }
    return [
      "the socket's " + (parts.isEmpty ? "" : parts.joined(separator: ", ") + " and ") + last
        + (parts.isEmpty ? " is" : " are") + " not known"
    ]
  }
}
