internal import Bundle
internal import IR

extension Alert {
  /// `boot` is when the clock of events began, in nanoseconds since 1970.
  package init(_ event: MatcherEvent, _ subject: AlertSubject, boot: Int, hostName: String) {
    let place = subject.place
    let verdict = event.cell.verdict
    let kind: Kind =
      verdict == .allow
      ? (place.isHost ? .hostLog : .containerLog) : (place.isHost ? .matchedHostPolicy : .matchedPolicy)
    // A clock of boots beyond the year 2200 is none.
    let time = boot &+ Int(clamping: event.time)
    self.init(time: max(0, time), kind: kind, operation: event.alertOperation, place: place)
    self.hostName = place.hostName ?? hostName
    hostPID = Int(event.hostPID)
    hostParent = Int(event.hostParent)
    pid = Int(event.pid)
    parent = Int(event.parent)
    uid = Int(event.uid)
    source = event.source
    if event.hook == .exec {
      parentProcess = event.source
      process = event.path
    } else {
      process = event.source
    }
    resource = event.resource
    data = event.words
    if !place.subject.isEmpty { details.append(Detail("Subject", Array(place.subject.utf8))) }
    if !event.command.isEmpty { details.append(Detail("Comm", event.command)) }
    if !event.parentCommand.isEmpty { details.append(Detail("ParentComm", event.parentCommand)) }
    switch verdict {
    case .allow: result = .passed
    case .audit: (result, action) = (.passed, .audit)
    case .block: (result, action) = (event.hook.deniesByPermission ? .notPermitted : .denied, .block)
    }
    guard !kind.isLog else { return }
    enforcer = .bpf
    if let trouble = event.trouble {
      message = trouble.message
      return
    }
    switch event.cell.reason {
    case .nobody: break
    case .posture: policy = Alert.defaultPosture
    case .record(let index):
      guard subject.records.indices.contains(index) else { return }
      let record = subject.records[index]
      policy = record.name
      severity = record.severity
      tags = record.tags
      message = record.message
    }
  }
}

extension MatcherEvent {
  fileprivate var alertOperation: Alert.Operation {
    switch resourceClass {
    case .process: .process
    case .network: .network
    case .capabilities: .capabilities
    case .syscalls: .syscall
    default: .file
    }
  }

  fileprivate var resource: [UInt8] {
    switch resourceClass {
    case .network: Array(socketWords.utf8)
    case .capabilities where hook == .capable: Array(capabilityName.utf8)
    default: path
    }
  }

  private var capabilityName: String {
    UInt8(exactly: mode).flatMap(Capability.init(rawValue:)).map { "CAP_" + $0.name.uppercased() } ?? "CAP_\(mode)"
  }

  private var socketWords: String {
    let family = UInt16(mode >> 16)
    let type = UInt8(mode >> 8 & 0xff)
    return "sa_family=\(EventWords.family(family)) type=\(EventWords.type(type)) "
      + "protocol=\(EventWords.protocolName(protocolNumber, family: family, type: type))"
  }

  /// `Data`: the hook, what was asked of the object, and who it belongs to.
  fileprivate var words: String {
    var words = hook == .syscall ? "" : "lsm=" + hook.word
    switch hook {
    case .open:
      words += " flags=" + EventWords.openFlags(mode)
    case .mmap, .mprotect: words += " prot=" + EventWords.protection(mode)
    case .capable: words += " " + capabilityName
    case .syscall:
      let name = SystemCalls.name(of: Int(mode)).map { $0.uppercased() } ?? String(mode)
      words += "syscall=SYS_" + name
    case .mount: if mode != 0 { words += " mount_flags=0x" + String(mode, radix: 16) }
    case .ptrace: words += " mode=0x" + String(mode, radix: 16)
    case .bpf: words += " command=\(mode)"
    default: break
    }
    if resourceClass == .process || resourceClass == .file {
      words += " access=\(operation.name) owner=\(isOwner) oid=\(ownerUID)"
    }
    if let preset { words += " preset=" + preset.rawValue }
    if let trouble { words += " nopolicy=" + trouble.word }
    return words
  }
}

/// Numbers of the kernel's interface in the words of its headers.
enum EventWords {
  static func family(_ number: UInt16) -> String {
    SocketNumber.families.first { $0.number == number }.map { "AF_" + $0.name.uppercased() } ?? String(number)
  }

  static func type(_ number: UInt8) -> String {
    SocketNumber.types.first { $0.number == number }.map { "SOCK_" + $0.name.uppercased() } ?? String(number)
  }

  /// A word only where it stands for no more than the number does.
  static func protocolName(_ number: UInt32, family: UInt16, type: UInt8) -> String {
    let isInternet = family == SocketNumber.inet || family == SocketNumber.inet6
    let known = SocketNumber.protocols.first { UInt32($0.number) == number }
    guard isInternet, let known else { return String(number) }
    return known.name.uppercased()
  }

  /// Bits of `asm-generic/fcntl.h`.
  private static let openBits: [(bit: UInt32, name: String)] = [
    (0o100, "O_CREAT"), (0o200, "O_EXCL"), (0o400, "O_NOCTTY"), (0o1000, "O_TRUNC"), (0o2000, "O_APPEND"),
    (0o4000, "O_NONBLOCK"), (0o40000, "O_DIRECT"), (0o100000, "O_LARGEFILE"), (0o400000, "O_NOFOLLOW"),
    (0o1000000, "O_NOATIME"), (0o2000000, "O_CLOEXEC"),
  ]

  static func openFlags(_ flags: UInt32) -> String {
    // 3 asks for both, as device drivers use it.
    var words = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_RDWR"][Int(flags & 3)]
    // Each of these is a bit of its own and one that others have too.
    if flags & 0o20200000 == 0o20200000 {
      words += "|O_TMPFILE"
    } else if flags & 0o200000 != 0 {
      words += "|O_DIRECTORY"
    }
    if flags & 0o4010000 == 0o4010000 { words += "|O_SYNC" } else if flags & 0o10000 != 0 { words += "|O_DSYNC" }
    for (bit, name) in openBits where flags & bit != 0 { words += "|" + name }
    return words
  }

  /// Bits of `asm-generic/mman-common.h`.
  static func protection(_ bits: UInt32) -> String {
    var words: [String] = []
    if bits & 1 != 0 { words.append("PROT_READ") }
    if bits & 2 != 0 { words.append("PROT_WRITE") }
    if bits & 4 != 0 { words.append("PROT_EXEC") }
    return words.isEmpty ? "PROT_NONE" : words.joined(separator: "|")
  }
}
