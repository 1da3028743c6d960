internal import CArmor
internal import CLinux
internal import Glibc

/// Gives tasks to a domain.
package enum Attachment {
  package enum Target: Hashable, Sendable {
    /// All threads of a process.
    case process(UInt32)
    /// All tasks of a control group, and whoever enters it from now on.
    case cgroup(String)
  }

  package struct Result: Hashable, Sendable {
    package let domain: String
    /// Threads that were another's before, or nobody's.
    package let labelled: Int
  }

  /// Gives a running process or a control group to a domain.
  package static func attach(_ target: Target, to name: String, _ paths: NodePaths) throws(NodeError) -> Result {
    guard let lock = try NodeLock.take(paths, making: false), let matcher = try Matcher.open(paths) else {
      throw NodeRollback.nothingLoaded
    }
    defer { extendLifetime(lock) }
    let domain = try DomainNames(matcher).find(name)
    switch target {
    case .process(let process):
      guard kill(pid_t(bitPattern: process), 0) == 0 || errno == EPERM else {
        throw NodeError("there is no process \(process)")
      }
      let labelled = try label(matcher, domain.id, process: process, cgroup: 0)
      return Result(domain: domain.name, labelled: labelled)
    case .cgroup(let path):
      let cgroup = try identity(ofCgroup: path)
      // First whoever enters, then whoever is inside: nobody slips through between the two.
      try matcher.map("cgroups").update(key: bytes(of: cgroup), bytes(of: domain.id))
      let labelled = try label(matcher, domain.id, process: 0, cgroup: cgroup)
      return Result(domain: domain.name, labelled: labelled)
    }
  }

  /// Passes over all tasks until one finds nobody new: a thread may be started while a pass is under way.
  private static func label(_ matcher: borrowing Matcher, _ domain: UInt32, process: UInt32, cgroup: UInt64)
    throws(NodeError) -> Int
  {
    let labelling = try matcher.map("labelling")
    var total = 0
    for _ in 0..<100 {
      var request = armor_labelling()
      request.domain = domain
      request.tgid = process
      request.cgroup = cgroup
      try labelling.update(0, bytes(of: request))
      _ = try matcher.iterate(Matcher.labelProgram)
      guard let value = try labelling.value(0), let answer = structure(armor_labelling.self, in: value) else { break }
      guard answer.failed == 0 else {
        throw NodeError("the kernel had no memory to attach \(answer.failed) threads: they are not attached")
      }
      if answer.labelled == 0 { return total }
      total += Int(answer.labelled)
    }
    throw NodeError("threads start faster than they can be attached; freeze the control group first")
  }

  /// The number that the kernel knows a control group by: the inode of its directory.
  private static func identity(ofCgroup path: String) throws(NodeError) -> UInt64 {
    guard unsafe clinux_file_system(path) == 0x6367_7270 else {
      throw NodeError("'\(path)' is no directory of a cgroup2 file system")
    }
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { throw NodeError(.last("look at", path)) }
    guard info.st_mode & S_IFMT == S_IFDIR else { throw NodeError("'\(path)' is no directory") }
    return UInt64(info.st_ino)
  }

  // MARK: Run

  /// Gives this process, and so what it executes, to a domain, then executes a program in its place.
  ///
  /// Until it executes, the process has no source: rules with `fromSource` do not speak of this first execution.
  /// - Throws: `NodeError` if it cannot be attached; `SystemError` if the program cannot be executed.
  package static func run(_ path: String, _ arguments: [String], in name: String, _ paths: NodePaths) throws -> Never {
    _ = try attach(.process(UInt32(getpid())), to: name, paths)
    throw execute(path, arguments)
  }

  /// Executes a program in place of this process; the error if that does not work.
  package static func execute(_ path: String, _ arguments: [String]) -> SystemError {
    // INVARIANT: the strings are copies that live until the program is replaced or they are freed below; the array ends
    // with nil.
    let pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    // What a Swift program sets for itself must not be handed on.
    signal(SIGPIPE, SIG_DFL)
    _ = unsafe execv(path, pointers)
    let error = SystemError("execve")
    unsafe pointers.forEach { unsafe free($0) }
    return error
  }
}

/// The domains of the bank in force, by name.
struct DomainNames {
  private let entries: [DomainEntry]

  init(_ matcher: borrowing Matcher) throws(NodeError) {
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
