// The kernel's own names, so that a case, its name and `linux/capability.h` are the same word.
// swift-format-ignore: AlwaysUseLowerCamelCase
/// The capabilities of Linux 6.1 and later, numbered as `linux/capability.h` does.
package enum Capability: UInt8, Hashable, Sendable, CaseIterable {
  case chown, dac_override, dac_read_search, fowner, fsetid, kill, setgid, setuid, setpcap, linux_immutable
  case net_bind_service, net_broadcast, net_admin, net_raw, ipc_lock, ipc_owner, sys_module, sys_rawio, sys_chroot
  case sys_ptrace, sys_pacct, sys_admin, sys_boot, sys_nice, sys_resource, sys_time, sys_tty_config, mknod, lease
  case audit_write, audit_control, setfcap, mac_override, mac_admin, syslog, wake_alarm, block_suspend, audit_read
  case perfmon, bpf, checkpoint_restore

  /// The kernel's name without `CAP_`, lower case.
  package var name: String { String(describing: self) }

  /// Case folded; a `cap_` prefix is accepted (the front end notes it).
  package init?(name: String) {
    let folded = name.lowercased()
    let bare = folded.hasPrefix("cap_") ? String(folded.dropFirst(4)) : folded
    guard let found = Capability.byName[bare] else { return nil }
    self = found
  }

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })
}
