internal import Glibc

/// AppArmor's files in securityfs.
struct AppArmorKernel: Sendable {
  static let standard = AppArmorKernel(root: "/sys/kernel/security/apparmor")

  /// Another directory in tests.
  let root: String

  /// One profile as the kernel has it.
  struct Profile: Hashable {
    let name: String
    /// `enforce`, `complain`, `kill`, `unconfined`.
    let mode: String
    /// Of the bytes that it came with, those of all profiles of that write: SHA-256 or SHA-1 in hexadecimal digits.
    let blob: String?
    /// Of the profile alone.
    let digest: String?
  }

  // MARK: Reading

  /// - Throws: `NodeError` unless profiles can be loaded here.
  func requireUsable() throws(NodeError) {
    let modules = KernelSecurity.read().modules
    if let modules, root == AppArmorKernel.standard.root, !modules.contains("apparmor") {
      throw NodeError(
        "the kernel does not ask AppArmor: boot it with lsm=\((modules + ["apparmor"]).joined(separator: ",")) apparmor=1"
      )
    }
    guard FileAccess.kind(of: root + "/.replace") != .missing else {
      throw NodeError(
        "there is no '\(root)/.replace': mount securityfs (mount -t securityfs securityfs /sys/kernel/security), "
          + "or boot with apparmor=1"
      )
    }
    try requirePrivileges(root)
  }

  private func requirePrivileges(_ root: String) throws(NodeError) {
    if root == AppArmorKernel.standard.root, !Privileges.hasMACAdmin {
      throw NodeError("this process lacks CAP_MAC_ADMIN: run as root or with this capability")
    }
  }

  /// All profiles of the root namespace by name, without the children of others; empty if they cannot be read.
  func profiles() -> [String: Profile] {
    var found: [String: Profile] = [:]
    let directory = root + "/policy/profiles"
    for entry in (try? FileAccess.entries(of: directory)) ?? [] {
      let path = directory + "/" + entry
      guard let name = FileAccess.kernelText(path + "/name") else { continue }
      func text(_ names: String...) -> String? {
        names.lazy.compactMap { FileAccess.kernelText(path + "/" + $0) }.first
      }
      found[name] = Profile(
        name: name,
        mode: text("mode") ?? "",
        blob: text("raw_sha256", "raw_sha1"),
        digest: text("sha256", "sha1")
      )
    }
    return found
  }

  // MARK: Changing

  /// Puts all profiles of the bytes in place of those of the same names, in one step: it is one write, which the kernel
  /// checks as a whole before it changes anything, and which no signal interrupts.
  func replace(_ blob: [UInt8]) throws(NodeError) {
    // The kernel refuses an empty write.
    guard !blob.isEmpty else { return }
    try write(blob, to: ".replace")
  }

  /// Removes a profile with its children. Tasks that it confined are free.
  func remove(_ name: String) throws(NodeError) {
    do throws(NodeError) {
      try write(Array(name.utf8) + [0], to: ".remove", named: name)
    } catch {
      // Somebody was faster.
      if !profiles().keys.contains(name) { return }
      throw error
    }
  }

  private func write(_ bytes: [UInt8], to file: String, named: String = "") throws(NodeError) {
    let path = root + "/" + file
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AppArmorKernel.error("open '\(path)'", errno) }
    defer { close(descriptor) }
    while true {
      // The buffer's own length bounds the write.
      let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count == bytes.count { return }
      if count < 0, errno == EINTR { continue }
      let doing = file == ".remove" ? "remove profile '\(named)'" : "load profiles"
      throw count < 0 ? AppArmorKernel.error(doing, errno) : NodeError("cannot \(doing): the kernel took only a part")
    }
  }

  static func error(_ doing: String, _ number: Int32) -> NodeError {
    let advice =
      switch number {
      case EPERM, EACCES:
        Privileges.hasMACAdmin
          ? "the capability is there: the policy may be locked, or this process may be confined or in a user namespace"
          : "missing CAP_MAC_ADMIN: run as root or with this capability"
      case EPROTO, EPROTONOSUPPORT, EBADMSG: "this kernel does not understand what apparmor_parser wrote"
      case ENOENT: "AppArmor is not enabled"
      default: ""
      }
    return NodeError("cannot \(doing): \(Errno.words(number))" + (advice.isEmpty ? "" : " (\(advice))"))
  }
}
