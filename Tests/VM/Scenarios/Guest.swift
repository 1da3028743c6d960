import IR

/// What the guest itself needs of its file system and can do.
enum Guest {
  /// Paths that scenarios leave alone: the guest's own, and file systems that make their own files.
  static func isReserved(_ path: BytePath) -> Bool {
    path == .root
      || ["/proc", "/sys", "/vm", "/init"].contains { text in
        guard let root = BytePath(text) else { return false }
        return path == root || path.isBelow(root)
      }
  }

  /// The interpreter of the guest's scripts.
  static let shell = BytePath("/bin/sh") ?? .root

  /// Capabilities that the actor can use without needing another one or changing anything that matters.
  static let capabilities: [Capability] = [
    .chown, .setuid, .setgid, .setpcap, .net_bind_service, .net_raw, .net_admin, .sys_admin, .sys_chroot, .sys_time,
    .sys_nice, .sys_resource, .sys_boot, .mknod, .ipc_lock, .sys_tty_config, .sys_pacct, .sys_rawio, .sys_module,
  ]
}
