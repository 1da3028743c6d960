package import IR

/// Sets of capabilities in words.
package enum CapabilityWords {
  /// `net_raw, sys_admin`, `all but chown`, `all`; in the kernel's order.
  package static func text(_ capabilities: Set<Capability>) -> String {
    let all = Capability.allCases
    let missing = all.filter { !capabilities.contains($0) }
    if missing.isEmpty { return "all" }
    if capabilities.isEmpty { return "none" }
    let isMost = missing.count * 2 < all.count
    let named = isMost ? missing : all.filter(capabilities.contains)
    return (isMost ? "all but " : "") + named.map(\.name).joined(separator: ", ")
  }
}
