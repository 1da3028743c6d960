internal import Bundle
internal import CLinux
internal import Glibc

/// What this node has that could enforce a policy. Reading it changes nothing and never fails.
package struct NodeProbe: Hashable, Sendable {
  package let kernel: KernelRelease
  package let security: KernelSecurity
  /// Capabilities that loading programs takes and this process lacks.
  package let missing: [String]
  /// Whether the kernel describes its types.
  package let hasTypes: Bool
  package let enforcers: [EnforcerProbe]

  package init(_ enforcers: [any NodeEnforcer]) {
    kernel = .running
    security = .read()
    missing = Privileges.missing.map(\.name)
    hasTypes = FileAccess.kind(of: KernelTypes.path) != .missing
    // An enforcer without verbs on nodes is still worth knowing of.
    let known = Set(enforcers.map(\.name))
    self.enforcers =
      enforcers.map { $0.probe() }
      + [NodeProbe.apparmor(), NodeProbe.selinux()].filter { !known.contains($0.name) }
  }

  private static func module(_ name: String, argument: String, _ probe: inout EnforcerProbe) {
    guard let modules = KernelSecurity.read().modules else {
      probe.unseen.append(
        "'\(KernelSecurity.path)' cannot be read: mount -t securityfs securityfs /sys/kernel/security"
      )
      return
    }
    if !modules.contains(name) {
      probe.obstacles.append(
        "the kernel does not ask it: boot with lsm=\((modules + [name]).joined(separator: ","))\(argument)"
      )
    }
  }

  static func apparmor() -> EnforcerProbe {
    var probe = EnforcerProbe(name: "apparmor")
    module("apparmor", argument: " apparmor=1", &probe)
    switch FileAccess.kernelText("/sys/module/apparmor/parameters/enabled") {
    case "Y"?: probe.facts.append("enabled")
    case nil: break
    case _?: probe.obstacles.append("the module is there and disabled: boot with apparmor=1")
    }
    if let path = Program.path(of: "apparmor_parser", further: ["/usr/sbin", "/sbin", "/usr/local/sbin"]) {
      let version = try? AppArmorParser(path: path, features: "").version()
      probe.facts.append("apparmor_parser \(version ?? "of an unknown version")")
    } else {
      probe.obstacles.append("apparmor_parser is not installed (Debian: apt-get install apparmor)")
    }
    if !Privileges.hasMACAdmin { probe.obstacles.append("this process lacks CAP_MAC_ADMIN") }
    return probe
  }

  static func selinux() -> EnforcerProbe {
    var probe = EnforcerProbe(name: "selinux")
    module("selinux", argument: " selinux=1", &probe)
    switch FileAccess.kernelText("/sys/fs/selinux/enforce") {
    case "1"?: probe.facts.append("enforcing")
    case "0"?: probe.facts.append("permissive")
    case _: break
    }
    return probe
  }
}

/// What the enforcers could do with a bundle: how its rules are labelled.
package struct BundleProspects: Hashable, Sendable {
  package struct Subject: Hashable, Sendable {
    package let name: String
    /// By enforcer: nil where the bundle has nothing for it.
    package let labels: [String: [String: Int]?]
  }
  package let subjects: [Subject]

  package static let labels = ["exact", "stricter", "looser", "unsupported"]

  package init(directory: String, enforcers: [String]) throws(NodeError) {
    subjects = try Manifest.read(directory: directory).subjects.map { subject in
      var labels: [String: [String: Int]?] = [:]
      for enforcer in enforcers {
        guard subject.artifacts.contains(where: { $0.target == enforcer }) else {
          labels[enforcer] = .some(nil)
          continue
        }
        var counts: [String: Int] = [:]
        for rule in subject.rules {
          if let exactness = rule.exactness[enforcer] { counts[exactness.label, default: 0] += 1 }
        }
        labels[enforcer] = counts
      }
      return Subject(name: subject.name, labels: labels)
    }
  }
}
