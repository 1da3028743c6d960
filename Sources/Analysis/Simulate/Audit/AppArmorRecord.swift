import IR

/// What a message of AppArmor tells of one access (`security/apparmor/audit.c`, `file.c`, `net.c`, `capability.c`).
enum AppArmorRecord {
  static func read(_ event: AuditEvent) -> LineReading {
    let fields = event.decision
    let verdict: Verdict
    switch fields["apparmor"] {
    case "DENIED", "KILLED": verdict = .block
    case "AUDIT", "ALLOWED": verdict = .audit
    case "STATUS": return .noAccess("loading or removing of an AppArmor profile")
    case let word?: return .noAccess("an AppArmor message '\(word.prefix(20))'")
    case nil: return .unparsed("no 'apparmor=' in an AppArmor record, expected DENIED, ALLOWED or AUDIT")
    }
    let operation = fields["operation"] ?? ""
    func record(_ accesses: [PartialEvent.Access], isExec: Bool = false) -> LineReading {
      .record(
        Record(
          form: .apparmor,
          event: PartialEvent(source: event.source(ofExec: isExec), accesses: accesses, isOwner: event.isOwner),
          workload: fields["profile"].map { .profile($0) },
          outcome: RecordedOutcome(verdict)
        )
      )
    }
    if operation == "capable" || fields["capname"] != nil {
      guard let capability = capability(fields) else {
        return .unparsed("unknown capability, expected 'capname=\"net_raw\"' or 'capability=13'")
      }
      return record([.capability(capability)])
    }
    if let family = fields["family"] {
      guard let family = SocketNames.family(family) else {
        return .unparsed("unknown socket family '\(family.prefix(40))'")
      }
      let numbers = fields["protocol"].flatMap { UInt16($0) }
      // Of a named socket's path it asks in a message of its own.
      let socket = PartialSocket(
        families: [family],
        type: fields["sock_type"].flatMap(SocketNames.type),
        protocols: numbers.map { [$0] }
      )
      return record([.network(socket)])
    }
    switch operation {
    case "getattr": return .noAccess("reading attributes, no access")
    case "ptrace", "signal", "mount", "umount", "remount", "pivotroot", "change_profile", "change_hat",
      "change_onexec", "stack", "dbus_method_call", "dbus_signal", "dbus_bind", "profile_load", "profile_replace",
      "profile_remove", "userns_create", "io_uring", "setrlimit":
      return .noAccess("'\(operation)', of which no policy speaks")
    default: break
    }
    guard let mask = fields["requested_mask"] ?? fields["denied_mask"] else {
      return .noAccess("'\(operation.prefix(30))' without a mask, no access to a file")
    }
    var operations: PathOperations = []
    for letter in mask.utf8 {
      switch letter {
      case UInt8(ascii: "x"): operations.insert(.exec)
      case UInt8(ascii: "r"), UInt8(ascii: "m"), UInt8(ascii: "k"): operations.insert(.read)
      case UInt8(ascii: "w"), UInt8(ascii: "a"), UInt8(ascii: "c"), UInt8(ascii: "d"), UInt8(ascii: "l"):
        operations.insert(.write)
      case UInt8(ascii: ":"): continue
      default: return .unparsed("unknown letter in 'requested_mask=\"\(mask.prefix(20))\"', expected of rwaxmklcd")
      }
    }
    guard !operations.isEmpty else { return .unparsed("'requested_mask' is empty, expected of rwaxmklcd") }
    let isExec = operations.contains(.exec)
    return record([.path([operations], event.path("name"))], isExec: isExec)
  }

  static func capability(_ fields: AuditFields) -> Capability? {
    if let name = fields["capname"] { return Capability(name: name) }
    return fields["capability"].flatMap { UInt8($0) }.flatMap(Capability.init(rawValue:))
  }
}
