/// The kernel features for which armorc has profiles compiled.
///
/// Without a feature file `apparmor_parser` asks the running kernel, and on a machine without AppArmor it silently drops
/// every network, mount, signal and ptrace rule. So armorc always names its own.
///
/// The tree is what kernels 5.10 and later have in common, as they show it below
/// `/sys/kernel/security/apparmor/features` (held against Debian's 6.1.192; binaries compiled with it were loaded there
/// and into 6.12.117). Every entry means "mediate this"; what
/// is left out is not mediated, hence allowed, by the profiles compiled with it:
/// - `policy/versions/v9`, `policy/permstable32`, `policy/unconfined_restrictions`: newer binary formats.
///   With `v7` the stream says ABI 7, which kernels from 4.14 to the newest load.
/// - `policy/diff_encode`: understood by every kernel here, but not announced by Debian's.
/// - `network_v8/af_mask` ends with `xdp`: `mctp` came with 5.15. Rules do not depend on this list.
/// - `network_v8/tcp-fast-open`, `io_uring`, `mqueue`, `userns`: later kernels or distribution patches only. A profile
///   compiled without them never mediates these classes.
/// - `dbus`, `network/af_unix`: only kernels with Ubuntu's patches. `dbus` rules are dropped, `unix` rules become
///   `network unix` (the socket family without addresses).
///
/// Of these entries parser 3.0.8 acts on six: `policy/versions/v6` (a policy database in which every class is decided
/// on its own), `v7` (the ABI in the header), `network_v8`, `mount`, `ptrace` and `signal`. The rest is there for other
/// versions of the parser.
package enum KernelFeatures {
  /// Contents of the feature file, in the parser's own notation: `name {value}` and `name {children}`.
  package static let text: String = render(tree)

  indirect enum Node {
    case leaf(String, String)
    case group(String, [Node])
  }

  static let tree: [Node] = [
    .leaf("capability", "0xffffff"),
    .group("caps", [.leaf("mask", capabilityNames.joined(separator: " "))]),
    .group(
      "domain",
      [
        .group("attach_conditions", [.leaf("xattr", "yes")]),
        .leaf("change_hat", "yes"),
        .leaf("change_hatv", "yes"),
        .leaf("change_onexec", "yes"),
        .leaf("change_profile", "yes"),
        .leaf("computed_longest_left", "yes"),
        .leaf("fix_binfmt_elf_mmap", "yes"),
        .leaf("post_nnp_subset", "yes"),
        .leaf("stack", "yes"),
        .leaf("version", "1.2"),
      ]
    ),
    .group("file", [.leaf("mask", "create read write exec append mmap_exec link lock")]),
    .group("mount", [.leaf("mask", "mount umount pivot_root")]),
    .group("namespaces", [.leaf("pivot_root", "no"), .leaf("profile", "yes")]),
    .group("network_v8", [.leaf("af_mask", socketFamilies.joined(separator: " "))]),
    .group(
      "policy",
      [
        .leaf("outofband", "0x000001"),
        .leaf("set_load", "yes"),
        .group("versions", ["v5", "v6", "v7", "v8"].map { .leaf($0, "yes") }),
      ]
    ),
    .group("ptrace", [.leaf("mask", "read trace")]),
    .group(
      "query",
      [
        .group(
          "label",
          [
            .leaf("data", "yes"),
            .leaf("multi_transaction", "yes"),
            .leaf("perms", "allow deny audit quiet"),
          ]
        )
      ]
    ),
    .group(
      "rlimit",
      [
        .leaf(
          "mask",
          "cpu fsize data stack core rss nproc nofile memlock as locks sigpending msgqueue nice rtprio rttime"
        )
      ]
    ),
    .group(
      "signal",
      [
        .leaf(
          "mask",
          """
          hup int quit ill trap abrt bus fpe kill usr1 segv usr2 pipe alrm term stkflt chld cont stop stp ttin ttou \
          urg xcpu xfsz vtalrm prof winch io pwr sys emt lost
          """
        )
      ]
    ),
  ]

  /// Names of the capabilities 0...40, by number, as the kernel and the parser write them.
  package static let capabilityNames = [
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw", "ipc_lock", "ipc_owner",
    "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct", "sys_admin", "sys_boot", "sys_nice",
    "sys_resource", "sys_time", "sys_tty_config", "mknod", "lease", "audit_write", "audit_control", "setfcap",
    "mac_override", "mac_admin", "syslog", "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf",
    "checkpoint_restore",
  ]

  /// Names of the socket families in the kernel's order, which leaves out 12 (DECnet) and has no `mctp` (45) before 5.15.
  static let socketFamilies = [
    "unspec", "unix", "inet", "ax25", "ipx", "appletalk", "netrom", "bridge", "atmpvc", "x25", "inet6", "rose",
    "netbeui", "security", "key", "netlink", "packet", "ash", "econet", "atmsvc", "rds", "sna", "irda", "pppox",
    "wanpipe", "llc", "ib", "mpls", "can", "tipc", "bluetooth", "iucv", "rxrpc", "isdn", "phonet", "ieee802154",
    "caif", "alg", "nfc", "vsock", "kcm", "qipcrtr", "smc", "xdp",
  ]

  /// The parser wants the closing brace of a leaf on a line of its own, like the kernel's files, which end with one.
  private static func render(_ nodes: [Node]) -> String {
    nodes.map { node in
      switch node {
      case .leaf(let name, let value): "\(name) {\(value)\n}\n"
      case .group(let name, let children): "\(name) {\(render(children))}\n"
      }
    }.joined()
  }
}
