internal import CBpf
internal import Glibc
internal import IR

/// The program that every system call of every task on the node passes: attached only while an image in force has rules
/// for system calls. It is loaded and pinned with the others, so that attaching it cannot fail for the verifier.
enum SyscallProgram {
  static let name = "armor_syscall"

  /// Attaches it unless it is. For a node without programs (tests) there is nothing to do.
  static func attach(_ paths: NodePaths) throws(NodeError) {
    let link = paths.link(name)
    let pinned = paths.program(name)
    guard FileAccess.kind(of: link) == .missing, FileAccess.kind(of: pinned) != .missing else { return }
    let program = unsafe bpf_obj_get(pinned)
    guard program >= 0 else { throw NodeError("open program '\(pinned)'", SystemError("bpf(BPF_OBJ_GET)")) }
    defer { _ = close(program) }
    let attached = bpf_raw_tracepoint_open(nil, program)
    guard attached >= 0 else {
      throw NodeError("attach program '\(name)'", SystemError("bpf(BPF_RAW_TRACEPOINT_OPEN)"))
    }
    // Only this process's hold on the link: killed before the pin, it is detached again.
    defer { _ = close(attached) }
    guard unsafe bpf_obj_pin(attached, link) == 0 else {
      throw NodeError("pin '\(link)'", SystemError("bpf(BPF_OBJ_PIN)"))
    }
  }

  static func detach(_ paths: NodePaths) throws(NodeError) {
    guard unsafe unlink(paths.link(name)) == 0 || errno == ENOENT else {
      throw NodeError(.last("remove", paths.link(name)))
    }
  }

  /// Which argument of each system call is a path, by number: 1 to 4, or 0.
  static let pathArguments: [UInt8] = (0..<512).map {
    UInt8(SystemCalls.name(of: $0).flatMap(SystemCalls.pathArgument) ?? 0)
  }
}
