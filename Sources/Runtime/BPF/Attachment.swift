internal import Bundle
internal import CArmor
internal import CLinux
internal import Glibc

/// Gives tasks to a domain.
enum Attachment {
  /// Gives a running process or a control group to a domain: `withSource`, rules with a source speak of it from now on by
  /// the program that it runs; `atExec`, a process stays what it is until it executes something.
  static func attach(
    _ target: AttachmentTarget,
    to name: String,
    _ paths: NodePaths,
    withSource: Bool = true,
    atExec: Bool = false
  ) throws(NodeError) -> AttachmentResult {
    guard let lock = try NodeLock.take(paths, making: false), let matcher = try PinnedMatcher.open(paths) else {
      throw NodeRollback.nothingLoaded
    }
    defer { extendLifetime(lock) }
    let domain = try DomainNames(matcher).find(name)
    let key = try matcher.readControl().hashKey
    var threads = 0
    var groups = 0
    switch target {
    case .process(let process):
      guard kill(pid_t(bitPattern: process), 0) == 0 || errno == EPERM else {
        throw NodeError("there is no process \(process)")
      }
      let hash = withSource && !atExec ? source(of: process, key: key) : 0
      threads = try label(matcher, domain.id, process: process, cgroup: 0, source: hash, atExec: atExec)
    case .cgroup(let path):
      // First whoever enters, then whoever is inside: nobody slips through between the two.
      let all = try ControlGroups(matcher).give(path, to: domain.id, atExec: atExec)
      groups = all.count
      // What a runtime has started in a container's own group is confined with its next execve, and is labelled by itself.
      for group in atExec ? [] : all {
        for process in processes(ofCgroup: group.path) {
          threads += try label(
            matcher,
            domain.id,
            process: process,
            cgroup: 0,
            source: source(of: process, key: key)
          )
        }
        // Whoever was started since the list was read.
        threads += try label(matcher, domain.id, process: 0, cgroup: group.number, source: 0)
      }
    }
    return AttachmentResult(domain: domain.name, threads: threads, groups: groups)
  }

  /// The hash of the path of the program that a process runs; 0 if it has none.
  private static func source(of process: UInt32, key: UInt64) -> UInt64 {
    var buffer = [CChar](repeating: 0, count: 4096)
    // readlink writes at most as many bytes as it is told, and no NUL.
    let count = unsafe readlink("/proc/\(process)/exe", &buffer, buffer.count)
    guard count > 0, count <= buffer.count else { return 0 }
    var path = buffer[..<count].map { UInt8(bitPattern: $0) }
    guard path.first == UInt8(ascii: "/") else { return 0 }
    let deleted = Array(" (deleted)".utf8)
    if path.suffix(deleted.count) == deleted[...] { path.removeLast(deleted.count) }
    return KernelImage.hash(path, key: key)
  }

  private static func processes(ofCgroup path: String) -> [UInt32] {
    (FileAccess.kernelText(path + "/cgroup.procs") ?? "").split(separator: "\n").compactMap { UInt32($0) }
  }

  /// Passes over all tasks until one finds nobody new: a thread may be started while a pass is under way.
  private static func label(
    _ matcher: borrowing PinnedMatcher,
    _ domain: UInt32,
    process: UInt32,
    cgroup: UInt64,
    source: UInt64,
    atExec: Bool = false
  ) throws(NodeError) -> Int {
    let labelling = try matcher.map("labelling")
    var total = 0
    for _ in 0..<100 {
      var request = armor_labelling()
      request.domain = domain
      request.tgid = process
      request.cgroup = cgroup
      request.hash = source
      request.at_exec = atExec ? 1 : 0
      try labelling.update(0, bytes(of: request))
      _ = try matcher.iterate(PinnedMatcher.labelProgram)
      guard let value = try labelling.value(0), let answer = structure(armor_labelling.self, in: value) else { break }
      guard answer.failed == 0 else {
        throw NodeError("the kernel had no memory to attach \(answer.failed) threads: they are not attached")
      }
      if answer.labelled == 0 { return total }
      total += Int(answer.labelled)
    }
    throw NodeError("threads start faster than they can be attached; freeze the control group first")
  }
}

/// The domains of the bank in force, by name.
struct DomainNames {
  private let entries: [DomainEntry]

  init(_ matcher: borrowing PinnedMatcher) throws(NodeError) {
    let control = try matcher.readControl()
    guard control.generation > 0 else { throw NodeRollback.nothingLoaded }
    entries = try matcher.readBanks()[Int(control.bank)]
  }

  init(_ entries: [DomainEntry]) { self.entries = entries }

  /// The domain of this name; `shop/cart` also finds `shop.cart` and, if there is only one, `shop.cart.…`.
  func find(_ text: String) throws(NodeError) -> (id: UInt32, name: String) {
    let name = String(text.map { $0 == "/" ? "." : $0 })
    let all = entries.enumerated().dropFirst().filter { !$0.element.name.isEmpty && $0.element.tier != nil }
    if let exact = all.first(where: { $0.element.name == name }) { return (UInt32(exact.offset), name) }
    let longer = all.filter { $0.element.name.hasPrefix(name + ".") }
    if longer.count == 1, let only = longer.first { return (UInt32(only.offset), only.element.name) }
    guard longer.isEmpty else {
      throw NodeError("'\(text)' may be \(Self.list(longer.map(\.element.name))): name one of them")
    }
    throw NodeError(
      "no domain '\(text)' is loaded; there \(all.count == 1 ? "is" : "are") \(Self.list(all.map(\.element.name)))"
    )
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.sorted().prefix(8).joined(separator: ", ")
    return names.isEmpty ? "none" : shown + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }
}
