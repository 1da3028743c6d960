import IR

/// What an alert or a log of KubeArmor tells of one access (docs/simulate.md says what is taken from where).
struct KubeArmorRecord {
  private let fields: KubeArmorFields
  /// `Data`, or `EventData` in its place.
  private let data: KubeArmorData
  private let isHost: Bool

  init(_ fields: KubeArmorFields) {
    self.fields = fields
    data = KubeArmorData(fields[.data].isEmpty ? fields[.eventdata] : fields[.data])
    let type = fields.text(.type) ?? ""
    isHost = type == "MatchedHostPolicy" || type == "HostLog" || fields[.namespacename].isEmpty
  }

  func read() -> LineReading {
    switch fields.text(.type) {
    case "SystemEvent": return .noAccess("a notice of KubeArmor's own (alerts are throttled)")
    case "MatchedNetworkPolicy": return .noAccess("a packet of the network firewall, no access of a process")
    default: break
    }
    if data["nopolicy"] != nil { return .noAccess("decided by the enforcer itself, by no policy") }
    if data["preset"] != nil { return .noAccess("decided by a preset, of which no verdict of a rule speaks") }
    guard let operation = fields.text(.operation) else {
      return .unparsed("an alert without 'Operation', expected \(KubeArmorRecord.operations)")
    }
    switch operation.lowercased() {
    case "process": return process()
    case "file": return file()
    case "network": return network()
    case "capabilities", "capability", "capable": return capability()
    case "syscall", "syscalls": return syscall()
    case "alertthreshold": return .noAccess("a notice of KubeArmor's own (alerts are throttled)")
    case "networkfirewall": return .noAccess("a packet of the network firewall, no access of a process")
    case "device": return .noAccess("a device was plugged in, no access of a process")
    default:
      return .unparsed("unknown 'Operation' '\(operation.prefix(40))', expected \(KubeArmorRecord.operations)")
    }
  }

  private static let operations = "Process, File, Network, Capabilities or Syscall"

  // MARK: By operation

  private func process() -> LineReading {
    // The program is the text before the first space, unless `ProcessName` says that it is longer.
    let resource = fields[.resource]
    let name = fields[.processname]
    var paths: [PartialEvent.Path] = []
    if KubeArmorRecord.isCommand(resource, of: name) {
      paths = [path(name)]
    } else {
      let first = KubeArmorData.firstWord(resource)
      for one in [first, name] where !one.isEmpty { paths.append(path(one)) }
    }
    return record([.path([.exec], KubeArmorRecord.joined(paths))], source(parentFirst: true))
  }

  private func file() -> LineReading {
    let operations: [PathOperations]
    switch data.fileOperations {
    case .operations(let found): operations = found
    case .none(let reason): return .noAccess(reason)
    }
    return record([.path(operations, path(fields[.resource]))], source(parentFirst: false))
  }

  private func network() -> LineReading {
    let socket = KubeArmorData(fields[.resource])
    guard let partial = data.socket(resource: socket) else {
      return .noAccess(
        data.isNameQuery ? "a query for a name (DNS), for which no verdict is claimed" : "no socket is described"
      )
    }
    var accesses: [PartialEvent.Access] = [.network(partial)]
    // Binding or connecting a named socket writes it (docs/semantics.md).
    if partial.families == [SocketNumber.unix],
      let name = socket["sun_path"] ?? socket["path"] ?? data["sun_path"], name.first == UInt8(ascii: "/")
    {
      accesses.append(.path([.write], path(name)))
    }
    return record(accesses, source(parentFirst: false))
  }

  private func capability() -> LineReading {
    for part in [fields[.resource], fields[.data], fields[.eventdata]] {
      for word in KubeArmorData.words(part) {
        let name = word.split(separator: UInt8(ascii: "=")).last ?? word
        if let capability = Capability(name: String(decoding: name, as: UTF8.self)) {
          return record([.capability(capability)], source(parentFirst: false))
        }
      }
    }
    return .unparsed("no capability in 'Resource' or 'Data', expected such as CAP_NET_RAW")
  }

  private func syscall() -> LineReading {
    guard let name = data.syscall else {
      return .unparsed("no system call in 'Data', expected such as syscall=SYS_UNLINK")
    }
    let resource = fields[.resource]
    let object: PartialEvent.Path? = resource.isEmpty ? nil : path(resource)
    return record([.syscall(name, object)], source(parentFirst: false))
  }

  // MARK: Parts

  private func record(_ accesses: [PartialEvent.Access], _ source: PartialEvent.Source) -> LineReading {
    .record(
      Record(
        form: .kubearmor,
        event: PartialEvent(source: source, accesses: accesses, isOwner: data.isOwner),
        workload: workload,
        outcome: outcome
      )
    )
  }

  /// Who acts: for an exec the process that calls it, else the process itself. A name that is no absolute path tells
  /// nothing. Where two fields name two paths (a link leads from one to the other), it is one of them.
  private func source(parentFirst: Bool) -> PartialEvent.Source {
    let first = parentFirst ? fields[.parentprocessname] : fields[.processname]
    var found: [BytePath?] = []
    var isRuntime = false
    let program =
      KubeArmorRecord.isCommand(fields[.source], of: first) ? first : KubeArmorData.firstWord(fields[.source])
    for text in [first, program] {
      guard let path = RecordedPath.absolute(text), !found.contains(path) else { continue }
      found.append(path)
      isRuntime = isRuntime || (!isHost && KubeArmorRecord.isRuntime(path))
    }
    // What a runtime starts in a container has no source yet, unless the runtime itself is a program of the container.
    if parentFirst && isRuntime { found.append(nil) }
    guard !found.isEmpty else {
      let said = fields[.source].isEmpty ? first : fields[.source]
      return .unknown(String(decoding: said.prefix(80), as: UTF8.self))
    }
    return .oneOf(found)
  }

  /// Whether a text is a path, with arguments or without.
  private static func isCommand(_ text: ArraySlice<UInt8>, of path: ArraySlice<UInt8>) -> Bool {
    !path.isEmpty && text.starts(with: path)
      && (text.count == path.count || text[text.startIndex + path.count] == UInt8(ascii: " "))
  }

  private static func isRuntime(_ path: BytePath) -> Bool {
    let name = String(decoding: path.basename, as: UTF8.self)
    return ["runc", "crun", "conmon", "docker-runc", "runsc"].contains(name) || name.hasPrefix("containerd-shim")
  }

  private func path(_ text: ArraySlice<UInt8>) -> PartialEvent.Path {
    RecordedPath.read(text, in: fields[.cwd])
  }

  private static func joined(_ paths: [PartialEvent.Path]) -> PartialEvent.Path {
    var exact: [BytePath] = []
    for case .oneOf(let found) in paths { for one in found where !exact.contains(one) { exact.append(one) } }
    if !exact.isEmpty { return .oneOf(exact) }
    return paths.first ?? .unknown("'Resource' is empty")
  }

  private var workload: RecordedWorkload? {
    let isHostType = fields.text(.type).map { $0 == "MatchedHostPolicy" || $0 == "HostLog" } ?? false
    if !isHostType, fields[.namespacename].isEmpty, let subject = fields.subject { return .subject(subject) }
    if isHost {
      guard let name = fields.text(.hostname) else { return nil }
      return .host(name: name, labels: fields.labels)
    }
    return .container(
      namespace: fields.text(.namespacename) ?? "",
      labels: fields.labels,
      container: fields.text(.containername),
      owner: fields.owner,
      // One entry for all pods of a workload, where labels say what a policy looks at.
      pod: fields.labels == nil ? fields.text(.podname) : nil
    )
  }

  private var outcome: RecordedOutcome? {
    let policy = fields.text(.policyname)
    let result = fields.text(.result) ?? ""
    let action = fields.text(.action) ?? ""
    // `Audit (Block)` is a Block that a disabled enforcer would have made: it was let through and reported.
    if action.hasPrefix("Audit") { return RecordedOutcome(.audit, policy: policy) }
    if action == "Block" { return RecordedOutcome(result == "Passed" ? .audit : .block, policy: policy) }
    switch result {
    case "Passed": return RecordedOutcome(.allow, policy: policy)
    case "Permission denied", "Operation not permitted": return RecordedOutcome(.block, policy: policy)
    // Any other error is none of a policy's making.
    default: return nil
    }
  }
}
