import IR

/// What an access vector message of SELinux tells of one access (`security/selinux/avc.c`, `classmap.h`).
enum SELinuxRecord {
  static func read(_ event: AuditEvent) -> LineReading {
    let fields = event.decision
    let permissions = fields.permissions
    guard !permissions.isEmpty, let kind = fields["tclass"] else {
      return .unparsed(
        "an SELinux record without permissions or 'tclass', expected 'avc:  denied  { read } … tclass=file'"
      )
    }
    let isGranted = fields.contains("granted")
    let verdict: Verdict = isGranted || fields["permissive"] == "1" ? .audit : .block
    func record(_ accesses: [PartialEvent.Access], isExec: Bool = false) -> LineReading {
      .record(
        Record(
          form: .selinux,
          event: PartialEvent(source: event.source(ofExec: isExec), accesses: accesses, isOwner: event.isOwner),
          outcome: RecordedOutcome(verdict)
        )
      )
    }
    switch kind {
    case "file", "lnk_file", "chr_file", "blk_file", "sock_file", "fifo_file":
      return file(event, permissions, record)
    case "dir": return directory(event, permissions, record)
    case "capability", "capability2", "cap_userns", "cap2_userns":
      let found = AppArmorRecord.capability(fields) ?? permissions.lazy.compactMap { Capability(name: $0) }.first
      guard let found else { return .unparsed("unknown capability '\(permissions[0].prefix(30))'") }
      return record([.capability(found)])
    default:
      if let socket = socket(kind, fields) { return record([.network(socket)]) }
      return .noAccess("a permission of class '\(kind.prefix(30))', of which no policy speaks")
    }
  }

  private typealias Make = (_ accesses: [PartialEvent.Access], _ isExec: Bool) -> LineReading

  private static let readWords: Set<String> = ["read", "lock", "map", "ioctl"]
  private static let writeWords: Set<String> = ["write", "append", "create", "unlink", "link", "rename"]

  private static func file(_ event: AuditEvent, _ permissions: [String], _ record: Make) -> LineReading {
    let path = path(event)
    var operations: PathOperations = []
    if permissions.contains(where: readWords.contains) { operations.insert(.read) }
    if permissions.contains(where: writeWords.contains) { operations.insert(.write) }
    let isCall = event.call?.hasPrefix("exec") ?? false
    if permissions.contains("execute_no_trans") || permissions.contains("entrypoint") || permissions.contains("execute")
    {
      if isCall || !permissions.contains("execute") || permissions.count > 1 && permissions.contains("execute_no_trans")
      {
        return record([.path([operations.union(.exec)], path)], true)
      }
      // `execute` alone is asked for by exec and by mapping a library.
      return event.call == nil
        ? record([.path([operations.union(.exec), operations.union(.read)], path)], true)
        : record([.path([operations.union(.read)], path)], false)
    }
    if operations.isEmpty { return withoutOperation(event, permissions, path, record) }
    return record([.path([operations], path)], false)
  }

  private static func path(_ event: AuditEvent) -> PartialEvent.Path {
    let full = event.path("path")
    if case .oneOf = full { return full }
    return event.path("name")
  }

  /// `open` and `setattr` alone do not say what for.
  private static func withoutOperation(
    _ event: AuditEvent,
    _ permissions: [String],
    _ path: PartialEvent.Path,
    _ record: Make
  ) -> LineReading {
    if permissions.contains("open") { return record([.path(PathOperations.someOpen, path)], false) }
    guard permissions.contains("setattr") else {
      return .noAccess("reading or labelling attributes, no access")
    }
    switch event.call {
    case let call? where SyscallWords.writing.contains(call): return record([.path([.write], path)], false)
    case let call? where SyscallWords.silent.contains(call):
      return .noAccess("looking at attributes or moving about, no access")
    default: return .noAccess("attributes were changed; the record does not say whether by chmod or by utime")
    }
  }

  private static func directory(_ event: AuditEvent, _ permissions: [String], _ record: Make) -> LineReading {
    // Making or removing an entry is a write of the entry.
    if !Set(permissions).isDisjoint(with: ["add_name", "remove_name", "create", "rmdir", "rename", "reparent"]) {
      return record([.path([.write], event.entry ?? event.path("name"))], false)
    }
    // `write` on a directory comes with the entry that it is for, which another record may name.
    if permissions.contains("write") {
      return record([.path([.write], event.entry ?? .unknown("an entry of a directory"))], false)
    }
    if permissions.contains("read") || permissions.contains("open") {
      return record([.path([.read], path(event))], false)
    }
    return .noAccess("passing through a directory, no access")
  }

  private static func socket(_ kind: String, _ fields: AuditFields) -> PartialSocket? {
    var family: [UInt16]? = [SocketNumber.inet, SocketNumber.inet6]
    if let address = fields["laddr"] ?? fields["faddr"] ?? fields["saddr"] ?? fields["daddr"] {
      family = [address.contains(":") ? SocketNumber.inet6 : SocketNumber.inet]
    }
    switch kind {
    case "tcp_socket":
      return PartialSocket(families: family, type: SocketNumber.stream, protocols: [SocketNumber.tcp])
    case "udp_socket":
      return PartialSocket(families: family, type: SocketNumber.dgram, protocols: [SocketNumber.udp])
    case "rawip_socket": return PartialSocket(families: family, type: nil, protocols: nil)
    case "icmp_socket":
      return PartialSocket(
        families: family,
        type: SocketNumber.dgram,
        protocols: family == [SocketNumber.inet]
          ? [SocketNumber.icmp]
          : family == [SocketNumber.inet6] ? [SocketNumber.icmpv6] : [SocketNumber.icmp, SocketNumber.icmpv6]
      )
    case "sctp_socket": return PartialSocket(families: family, type: nil, protocols: [SocketNumber.sctp])
    case "unix_stream_socket":
      return PartialSocket(families: [SocketNumber.unix], type: SocketNumber.stream, protocols: [0])
    case "unix_dgram_socket":
      return PartialSocket(families: [SocketNumber.unix], type: SocketNumber.dgram, protocols: [0])
    case "packet_socket": return PartialSocket(families: [SocketNumber.packet])
    case "socket": return PartialSocket()
    default:
      if kind.hasPrefix("netlink_") || kind == "netlink_socket" {
        return PartialSocket(families: [SocketNumber.netlink])
      }
      guard kind.hasSuffix("_socket"), let number = SocketNames.family(String(kind.dropLast(7))) else { return nil }
      return PartialSocket(families: [number])
    }
  }
}
