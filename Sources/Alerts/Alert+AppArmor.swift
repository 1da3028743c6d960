internal import IR

extension Alert {
  /// `place` is that of the subject which the profile was written for.
  package init(_ denial: AppArmorDenial, _ place: AlertPlace, hostName: String) {
    let isHost = place.isHost
    self.init(
      time: denial.time,
      kind: isHost ? .matchedHostPolicy : .matchedPolicy,
      operation: denial.alertOperation,
      place: place
    )
    self.hostName = place.hostName ?? hostName
    hostPID = denial.pid
    enforcer = .apparmor
    switch denial.kind {
    case .audited: (action, result) = (.audit, .passed)
    case .denied:
      let isPermission = denial.errno == 1 || (denial.errno == 0 && denial.capability != nil)
      (action, result) = (.block, isPermission ? .notPermitted : .denied)
    }
    message = denial.info
    // libapparmor tells the operation; what it is asked of stands in words of our own.
    data = "operation=" + denial.operation.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    switch operation {
    case .process:
      process = denial.name
      resource = denial.name
    case .file: resource = denial.name
    case .network: resource = Array(denial.socketWords.utf8)
    case .capabilities: resource = Array(("CAP_" + (denial.capability ?? "").uppercased()).utf8)
    case .syscall, .alertThreshold: resource = denial.name
    }
    if operation == .process || operation == .file {
      data += " access=" + denial.accesses.joined(separator: "|")
      if let fsuid = denial.fsuid, let ouid = denial.ouid { data += " owner=\(fsuid == ouid) oid=\(ouid)" }
    } else if operation == .syscall {
      data += " nopolicy=apparmor"
    }
    if !place.subject.isEmpty { details.append(Detail("Subject", Array(place.subject.utf8))) }
    details.append(Detail("Profile", Array(denial.profile.utf8)))
    // A process chooses its name: it does not stand where a program does.
    if !denial.command.isEmpty { details.append(Detail("Comm", denial.command)) }
  }
}

extension AppArmorDenial {
  /// The operations of the event language that the letters stand for.
  fileprivate var accesses: [String] {
    var found: PathOperations = []
    for letter in mask.utf8 {
      switch letter {
      case UInt8(ascii: "x"): found.insert(.exec)
      case UInt8(ascii: "r"), UInt8(ascii: "m"), UInt8(ascii: "k"): found.insert(.read)
      case UInt8(ascii: "w"), UInt8(ascii: "a"), UInt8(ascii: "c"), UInt8(ascii: "d"), UInt8(ascii: "l"):
        found.insert(.write)
      default: continue
      }
    }
    return PathOperation.allCases.filter { found.contains($0) }.map(\.name)
  }

  /// `Syscall` stands for what no policy speaks of.
  fileprivate var alertOperation: Alert.Operation {
    if capability != nil { return .capabilities }
    if family != nil { return .network }
    switch operation {
    case "ptrace", "signal", "mount", "umount", "remount", "pivotroot", "change_profile", "change_hat",
      "change_onexec", "stack", "userns_create", "io_uring", "setrlimit":
      return .syscall
    default: break
    }
    if accesses.isEmpty { return .syscall }
    return accesses == ["exec"] ? .process : .file
  }

  fileprivate var socketWords: String {
    var words = "sa_family=AF_" + (family ?? "").uppercased()
    if let socketType { words += " type=SOCK_" + socketType.uppercased() }
    if let protocolName { words += " protocol=" + protocolName }
    return words
  }
}
