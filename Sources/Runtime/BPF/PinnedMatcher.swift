internal import CArmor
internal import CBpf
internal import CLinux
internal import Glibc

/// The programs and maps that are pinned on this node.
struct PinnedMatcher: ~Copyable {
  let paths: NodePaths
  let control: BPFMap
  let domains: BPFMap

  static let controlName = "control"
  static let domainsName = "domains"
  /// Iterators that label and list tasks.
  static let labelProgram = "armor_label"
  static let listProgram = "armor_list"

  /// What is there; nil if nothing is.
  static func open(_ paths: NodePaths) throws(NodeError) -> PinnedMatcher? {
    guard FileAccess.kind(of: paths.pins) == .directory else { return nil }
    let control = try BPFMap.open(pinned: paths.map(controlName))
    let domains = try BPFMap.open(pinned: paths.map(domainsName))
    guard control.bufferSize == MemoryLayout<armor_control>.size, domains.bufferSize == DomainEntry.size,
      domains.capacity == 2 * DomainEntry.count
    else {
      throw NodeError("what is pinned in '\(paths.pins)' is of another version of armorc: unload it, then load again")
    }
    return PinnedMatcher(paths: paths, control: control, domains: domains)
  }

  private init(paths: NodePaths, control: consuming BPFMap, domains: consuming BPFMap) {
    self.paths = paths
    self.control = control
    self.domains = domains
  }

  borrowing func map(_ name: String) throws(NodeError) -> BPFMap { try BPFMap.open(pinned: paths.map(name)) }

  // MARK: Banks

  borrowing func readControl() throws(NodeError) -> Control {
    guard let bytes = try control.value(0), let value = Control(bytes) else {
      throw NodeError("'\(paths.map(PinnedMatcher.controlName))' holds no state that armorc wrote")
    }
    return value
  }

  /// Puts a bank in force that is ready, by one write, and returns when no decision by the other is under way. The program
  /// on system calls is attached before and detached after, so that no generation that needs it is ever without.
  borrowing func putInForce(_ value: Control) throws(NodeError) {
    let needsCalls = DomainEntry((try domains.value(value.bank) ?? [])[...]).auditsCalls
    if needsCalls { try SyscallProgram.attach(paths) }
    try control.update(0, value.bytes)
    clinux_wait_for_programs()
    if !needsCalls { try SyscallProgram.detach(paths) }
  }

  /// The entries of both banks, by bank and number.
  borrowing func readBanks() throws(NodeError) -> [[DomainEntry]] {
    let all = try domains.all()
    return (0..<2).map { bank in
      (0..<DomainEntry.count).map { id in
        DomainEntry(all[((id * 2 + bank) * DomainEntry.size)...].prefix(DomainEntry.size))
      }
    }
  }

  borrowing func write(_ entry: DomainEntry, _ id: UInt32, bank: UInt32) throws(NodeError) {
    try domains.update(id * 2 + bank, entry.bytes)
  }

  // MARK: Tasks

  /// Has an iterator visit all threads there are; what it writes.
  borrowing func iterate(_ program: String) throws(NodeError) -> [UInt8] {
    let path = paths.link(program)
    let link = unsafe bpf_obj_get(path)
    guard link >= 0 else { throw NodeError("open '\(path)'", SystemError("bpf(BPF_OBJ_GET)")) }
    let iterator = bpf_iter_create(link)
    let problem = SystemError("bpf(BPF_ITER_CREATE)")
    _ = close(link)
    guard iterator >= 0 else { throw NodeError("visit all tasks", problem) }
    defer { _ = close(iterator) }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // The buffer's own length bounds the read.
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(iterator, $0.baseAddress, $0.count) }
      if count == 0 { return output }
      if count > 0 {
        output += buffer[..<count]
      } else if errno != EINTR && errno != EAGAIN {
        throw NodeError("visit all tasks", SystemError("read"))
      }
    }
  }

  /// The tasks of all domains.
  borrowing func readTasks() throws(NodeError) -> [LabelledTask] {
    // A node whose programs could not be attached (tests) has no iterator and so no tasks.
    guard FileAccess.kind(of: paths.link(PinnedMatcher.listProgram)) != .missing else { return [] }
    let bytes = try iterate(PinnedMatcher.listProgram)
    let size = MemoryLayout<armor_listed>.size
    return stride(from: 0, to: bytes.count / size * size, by: size).compactMap { place in
      structure(armor_listed.self, in: bytes, at: place).map {
        LabelledTask(domain: $0.domain, process: $0.tgid, thread: $0.pid)
      }
    }
  }

  /// Numbers that tasks or cgroups carry.
  borrowing func usedDomains() throws(NodeError) -> Set<UInt32> {
    Set(try readTasks().map(\.domain)).union(try ControlGroups(self).counts().keys)
  }
}

/// A thread that a domain was given to.
struct LabelledTask: Hashable {
  let domain: UInt32
  let process: UInt32
  let thread: UInt32
}
