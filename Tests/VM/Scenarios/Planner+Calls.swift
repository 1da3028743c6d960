import IR

extension Planner {
  /// Programs that rules on system calls name as sources, or that lie in directories which they name.
  var callers: [BytePath] {
    let sets = subject.rules.filter { $0.resourceClass == .syscalls }.flatMap(\.sources)
    let known = Set(table.sources.paths.joined())
    return Set(sets.compactMap(Planner.member)).subtracting(known).sorted()
  }

  private static func member(_ set: PathSet) -> BytePath? {
    switch set {
    case .literal(let path): path
    case .directory(let path, _, _): BytePath((path == .root ? [] : path.bytes) + Array("/caller".utf8))
    case .basename(let name): BytePath(Array("/bin/".utf8) + name)
    case .glob: nil
    }
  }

  /// Calls that every process of the guest makes to be one.
  private static let indispensable: Set<String> = [
    "read", "write", "close", "clone", "fork", "vfork", "wait4", "execve", "execveat", "exit", "exit_group", "brk",
    "mmap",
    "munmap", "mprotect", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "set_robust_list", "rseq", "pipe", "pipe2",
    "arch_prctl", "set_tid_address", "prlimit64", "getrandom", "newfstatat", "readlink", "pause", "gettid", "ioctl",
  ]

  /// The calls that rules speak of and two that they do not; with a path argument, on paths inside and outside of what
  /// rules name. All are let through; what is audited must be reported.
  mutating func planCalls(_ actor: Actor) {
    var named: Set<String> = []
    var paths: Set<BytePath> = []
    for rule in subject.rules {
      guard case .syscall(let names, let set) = rule.target else { continue }
      named.formUnion(names)
      if let set { paths.formUnion(Probes.around(set)) }
    }
    guard !named.isEmpty else { return }
    if let elsewhere = BytePath("/opt/elsewhere") { paths.insert(elsewhere) }
    let others = ["sysinfo", "chmod"].filter { !named.contains($0) }
    for name in (named.sorted() + others) {
      guard let number = SystemCalls.number(of: name) else { continue }
      guard !Planner.indispensable.contains(name) else {
        skip("the guest makes the call \(name) all the time")
        continue
      }
      let argument = SystemCalls.pathArgument(of: name)
      let objects: [BytePath?] = argument == nil ? [nil] : paths.sorted().filter { !Guest.isReserved($0) }
      for path in objects {
        add(
          actor,
          uid: 0,
          places: [],
          operation: ["call", String(number), String(argument ?? 0), path?.escaped ?? "-"],
          event: Event(source: actor.source, access: .syscall(name, path))
        )
      }
    }
  }
}
