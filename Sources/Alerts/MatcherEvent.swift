internal import CArmor
package import Bundle
package import IR

/// What the matcher reports of one event: `struct armor_event` of `bpf/armor.h`, checked.
package struct MatcherEvent: Hashable, Sendable {
  /// Nanoseconds since boot.
  package var time: UInt64
  package var cgroup: UInt64
  package var pidNamespace: UInt64
  package var mountNamespace: UInt64
  package var domain: UInt32
  package var generation: UInt32
  /// Process numbers in the first pid namespace and in the task's own.
  package var hostPID: UInt32
  package var hostParent: UInt32
  package var pid: UInt32
  package var parent: UInt32
  package var uid: UInt32
  /// Of the object; means something for paths only.
  package var ownerUID: UInt32
  package var isOwner: Bool
  /// Open flags, protection bits, a capability, a system call, or a family and a type: the hook says which.
  package var mode: UInt32
  package var protocolNumber: UInt32
  package var cell: ImageCell
  package var resourceClass: ResourceClass
  package var operation: PathOperation
  package var hook: MatcherHook
  package var trouble: MatcherTrouble?
  /// What decided, if it was a preset.
  package var preset: Preset?
  /// Empty where the event has no path.
  package var path: [UInt8]
  /// The program of the process; empty where it has none.
  package var source: [UInt8]
  /// `comm`: whatever the process calls itself.
  package var command: [UInt8]
  package var parentCommand: [UInt8]
}

/// Why some bytes are no event.
package struct EventError: Error, Hashable, Sendable {
  /// Lower case, no final period.
  package let message: String
}

extension MatcherEvent {
  /// Bytes before the path.
  package static let headerSize = MemoryLayout<armor_event>.size
  /// Most bytes that a path of either kind takes.
  package static let maximumPath = Int(ARMOR_MAX_PATH) + 1
  package static let maximumSize = headerSize + 2 * maximumPath

  /// Reads exactly one event.
  package init(_ bytes: ArraySlice<UInt8>) throws(EventError) {
    let head = MatcherEvent.headerSize
    guard bytes.count >= head else {
      throw EventError(message: "\(bytes.count) bytes; an event has at least \(head)")
    }
    // The length is checked; every bit pattern is a value of this structure of integers.
    let raw = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: armor_event.self) }
    let pathBytes = Int(raw.path_bytes)
    let sourceBytes = Int(raw.source_bytes)
    guard pathBytes <= MatcherEvent.maximumPath, sourceBytes <= MatcherEvent.maximumPath else {
      throw EventError(message: "a path of \(max(pathBytes, sourceBytes)) bytes")
    }
    guard Int(raw.bytes) == bytes.count, bytes.count == head + pathBytes + sourceBytes else {
      throw EventError(
        message:
          "\(bytes.count) bytes, where the event says \(raw.bytes) and its parts take \(head + pathBytes + sourceBytes)"
      )
    }
    guard raw.cell & 3 != 3 else { throw EventError(message: "a verdict 3") }
    guard let operation = PathOperation(rawValue: raw.operation) else {
      throw EventError(message: "an operation \(raw.operation)")
    }
    guard ImageCell.classes.indices.contains(Int(raw.resource_class)) else {
      throw EventError(message: "a class \(raw.resource_class)")
    }
    guard let hook = MatcherHook(rawValue: raw.hook) else { throw EventError(message: "a hook \(raw.hook)") }
    guard raw.is_owner <= 1 else { throw EventError(message: "an owner \(raw.is_owner)") }
    let trouble = MatcherTrouble(rawValue: raw.trouble)
    guard trouble != nil || raw.trouble == 0 else { throw EventError(message: "a trouble \(raw.trouble)") }
    guard Int(raw.preset) <= Preset.allCases.count else { throw EventError(message: "a preset \(raw.preset)") }
    let pathAt = bytes.startIndex + head
    path = Array(bytes[pathAt..<pathAt + pathBytes])
    source = Array(bytes[(pathAt + pathBytes)...])
    guard !path.contains(0), !source.contains(0) else { throw EventError(message: "a path with NUL in it") }
    time = raw.time
    cgroup = raw.cgroup
    pidNamespace = raw.pid_namespace
    mountNamespace = raw.mount_namespace
    domain = raw.domain
    generation = raw.generation
    hostPID = raw.host_pid
    hostParent = raw.host_parent
    pid = raw.pid
    parent = raw.parent
    uid = raw.uid
    ownerUID = raw.owner_uid
    isOwner = raw.is_owner == 1
    mode = raw.mode
    protocolNumber = raw.protocol
    cell = ImageCell(rawValue: raw.cell)
    resourceClass = ImageCell.classes[Int(raw.resource_class)]
    self.operation = operation
    self.hook = hook
    self.trouble = trouble
    preset = raw.preset == 0 ? nil : Preset.allCases[Int(raw.preset) - 1]
    command = MatcherEvent.name(bytes, MatcherEvent.commandAt)
    parentCommand = MatcherEvent.name(bytes, MatcherEvent.commandAt + 16)
  }

  /// Both names stand at the end of the head.
  private static let commandAt = headerSize - 32

  private static func name(_ bytes: ArraySlice<UInt8>, _ place: Int) -> [UInt8] {
    Array(bytes.dropFirst(place).prefix(16).prefix { $0 != 0 })
  }

  /// The bytes that `init` reads: for tests and measurements.
  package var encoded: [UInt8] {
    var out = ByteBuffer(capacity: MatcherEvent.headerSize + path.count + source.count)
    for value in [time, cgroup, pidNamespace, mountNamespace] { out.append64(value) }
    out.append32(UInt32(clamping: MatcherEvent.headerSize + path.count + source.count))
    for value in [
      domain, generation, hostPID, hostParent, pid, parent, uid, ownerUID, mode, protocolNumber,
    ] { out.append32(value) }
    out.append16(cell.rawValue)
    out.append([
      UInt8(ImageCell.number(of: resourceClass) ?? 0), operation.rawValue, hook.rawValue, trouble?.rawValue ?? 0,
      isOwner ? 1 : 0, UInt8(preset.map { $0.index + 1 } ?? 0),
    ])
    out.append16(UInt16(clamping: path.count))
    out.append16(UInt16(clamping: source.count))
    for name in [command, parentCommand] {
      let kept = name.prefix(16)
      out.append(kept + [UInt8](repeating: 0, count: 16 - kept.count))
    }
    out.append(path)
    out.append(source)
    return out.bytes
  }
}
