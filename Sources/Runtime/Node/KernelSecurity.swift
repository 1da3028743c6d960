internal import CLinux

/// Which security modules the kernel asks.
package struct KernelSecurity: Hashable, Sendable {
  /// `/sys/kernel/security/lsm`, in order; nil if it cannot be read.
  package let modules: [String]?

  static let path = "/sys/kernel/security/lsm"

  package init(modules: [String]?) { self.modules = modules }

  package static func read() -> KernelSecurity {
    KernelSecurity(modules: FileAccess.kernelText(path).map { $0.split(separator: ",").map(String.init) })
  }

  /// - Throws: `NodeError` unless programs of LSM hooks are asked. Without the module they load and attach, and are never run.
  func requireBPF() throws(NodeError) {
    guard let modules else {
      throw NodeError(
        "cannot tell whether the kernel asks BPF programs: '\(KernelSecurity.path)' cannot be read; "
          + "mount it: mount -t securityfs securityfs /sys/kernel/security"
      )
    }
    guard modules.contains("bpf") else {
      throw NodeError(
        "the kernel does not ask BPF programs: boot it with lsm=\((modules + ["bpf"]).joined(separator: ",")) "
          + "('\(KernelSecurity.path)' has no 'bpf')"
      )
    }
  }
}
