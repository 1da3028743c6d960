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

  /// Which argument of each system call is a path, by number: 1 to 4, or 0. Of two paths the first; of a system call that
  /// makes a symbolic link, the link's.
  static let pathArguments: [UInt8] = {
    let names: [(UInt8, String)] = [
      (
        1,
        """
        open stat lstat access execve truncate chdir rename mkdir rmdir creat link unlink readlink chmod chown lchown
        utime mknod uselib statfs pivot_root chroot acct mount umount2 swapon swapoff setxattr lsetxattr getxattr
        lgetxattr listxattr llistxattr removexattr lremovexattr utimes
        """
      ),
      (
        2,
        """
        symlink inotify_add_watch openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat
        readlinkat fchmodat faccessat utimensat name_to_handle_at renameat2 execveat statx
        """
      ),
      (3, "symlinkat"),
    ]
    var arguments = [UInt8](repeating: 0, count: 512)
    for (argument, calls) in names {
      for call in calls.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
        if let number = SystemCalls.number(of: String(call)), arguments.indices.contains(number) {
          arguments[number] = argument
        }
      }
    }
    return arguments
  }()
}
