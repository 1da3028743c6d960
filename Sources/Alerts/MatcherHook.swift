/// Where in the kernel an event was decided, numbered as `enum armor_hook`.
package enum MatcherHook: UInt8, Hashable, Sendable, CaseIterable {
  case exec = 1
  case open, create, unlink, mkdir, rmdir, mknod, symlink, link, rename, truncate, chmod, chown, mmap, unixConnect
  case socket, bind, connect, listen, accept, sendmsg
  case capable, syscall
  case mount, userns, ptrace, bpf, ioUring, mprotect

  /// What stands behind `lsm=` in `Data`: the hook as KubeArmor names it, else as the kernel does.
  package var word: String {
    switch self {
    case .exec: "SECURITY_BPRM_CHECK"
    case .open: "FILE_OPEN"
    case .create, .mknod: "PATH_MKNOD"
    case .unlink: "PATH_UNLINK"
    case .mkdir: "PATH_MKDIR"
    case .rmdir: "PATH_RMDIR"
    case .symlink: "PATH_SYMLINK"
    case .link: "PATH_LINK"
    case .rename: "PATH_RENAME"
    case .truncate: "PATH_TRUNCATE"
    case .chmod: "PATH_CHMOD"
    case .chown: "PATH_CHOWN"
    case .mmap: "MMAP_FILE"
    case .unixConnect: "UNIX_CONNECT"
    case .socket: "SOCKET_CREATE"
    case .bind: "SOCKET_BIND"
    case .connect: "SOCKET_CONNECT"
    case .listen: "SOCKET_LISTEN"
    case .accept: "SOCKET_ACCEPT"
    case .sendmsg: "SOCKET_SENDMSG"
    case .capable: "CAPABLE"
    case .syscall: "SYS_ENTER"
    case .mount: "SB_MOUNT"
    case .userns: "USERNS_CREATE"
    case .ptrace: "PTRACE_ACCESS_CHECK"
    case .bpf: "BPF"
    case .ioUring: "URING_OVERRIDE_CREDS"
    case .mprotect: "FILE_MPROTECT"
    }
  }

  /// Whether a denial says `Operation not permitted` (EPERM).
  var deniesByPermission: Bool {
    switch self {
    case .capable, .userns, .ptrace, .bpf, .ioUring: true
    default: false
    }
  }
}

/// Why no cell decided an event, numbered as `enum armor_trouble`.
package enum MatcherTrouble: UInt8, Hashable, Sendable, CaseIterable {
  case pathTooLong = 1
  case pathDetached, noScratch, noImage, badImage, fileless, alias

  /// What stands behind `nopolicy=` in `Data`.
  package var word: String {
    switch self {
    case .pathTooLong: "path-too-long"
    case .pathDetached: "path-detached"
    case .noScratch: "no-scratch"
    case .noImage: "no-image"
    case .badImage: "bad-image"
    case .fileless: "fileless"
    case .alias: "alias"
    }
  }

  /// The message of the alert.
  package var message: String {
    switch self {
    case .pathTooLong: "not decided: the path is longer than 4,095 bytes"
    case .pathDetached: "not decided: the file's mount is not in the mount namespace of the process"
    case .noScratch: "not decided: no memory for a path"
    case .noImage: "not decided: the policy of this generation is not loaded"
    case .badImage: "not decided: the policy's image is damaged"
    case .fileless: "a program without a path was executed"
    case .alias: "would show a protected file under another name, or leave the confinement"
    }
  }
}
