package import Automata
import IR

/// What a container's profile protects whatever the policies say. It replaces the container runtime's own profile, so it
/// keeps that one's protections. The same for every policy.
package enum Floor: String, Hashable, Sendable, CaseIterable {
  /// What the profiles `docker-default` (moby, profiles/apparmor/template.go) and `cri-containerd.apparmor.d` protect:
  /// no mounts, no writes to most of `/proc` and `/sys`, no tracing of, and no signals to, processes outside.
  case runtimeDefault = "runtime-default"
  case none

  struct Entry {
    let pattern: String
    let bits: FileBits
    let exec: Bool
    let comment: String
  }

  // Docker's also denies locks, which are no writing here.
  private static let writing: FileBits = [.write, .link]
  private static let everything: FileBits = [.read, .write, .link, .lock]

  var entries: [Entry] {
    guard self == .runtimeDefault else { return [] }
    func entry(_ pattern: String, _ bits: FileBits, exec: Bool = true, _ comment: String = "") -> Entry {
      Entry(pattern: pattern, bits: bits, exec: exec, comment: comment)
    }
    return [
      entry("/proc/*", .write, exec: false, "files directly in /proc"),
      entry(
        "/proc/{[^1-9],[^1-9][^0-9],[^1-9s][^0-9y][^0-9s],[^1-9][^0-9][^0-9][^0-9]*}/**",
        .write,
        exec: false,
        "all of /proc but /proc/<number> and /proc/sys"
      ),
      entry("/proc/sys/[^k]**", .write, exec: false, "/proc/sys but /proc/sys/k*"),
      entry("/proc/sys/kernel/{?,??,[^s][^h][^m]**}", .write, exec: false, "/proc/sys/kernel but shm*"),
      entry("/proc/sysrq-trigger", Floor.everything),
      entry("/proc/kcore", Floor.everything),
      entry("/sys/[^f]*/**", Floor.writing, "all of /sys but /sys/fs/cgroup"),
      entry("/sys/f[^s]*/**", Floor.writing),
      entry("/sys/fs/[^c]*/**", Floor.writing),
      entry("/sys/fs/c[^g]*/**", Floor.writing),
      entry("/sys/fs/cg[^r]*/**", Floor.writing),
      entry("/sys/firmware/**", Floor.everything),
      entry("/sys/devices/virtual/powercap/**", Floor.everything),
      entry("/sys/kernel/security/**", Floor.everything),
    ]
  }

  /// The rules of the floor; denials are reported, because a silent one would silence a policy's block of the same path.
  package var rules: [ProfileRule] { self == .none ? [] : Floor.runtimeDefaultRules }

  private static let runtimeDefaultRules: [ProfileRule] =
    Floor.runtimeDefault.entries.compactMap { entry in
      guard let glob = try? Glob(Array(entry.pattern.utf8)) else { return nil }
      return ProfileRule(
        .floor,
        .auditDeny,
        .file(FileRule(NamePattern(glob), bits: entry.bits, exec: entry.exec ? .inherit : nil)),
        comment: entry.comment
      )
    }

  /// The rules of the floor, whose patterns are pairwise different, and all names sorted by those. Nil if there is none.
  static let sorting: (rules: [ProfileRule], partition: Partition)? = {
    let rules = Floor.runtimeDefault.rules
    let patterns = rules.compactMap { rule -> NamePattern? in
      if case .file(let file) = rule.body { file.pattern } else { nil }
    }
    guard patterns.count == rules.count, Set(patterns).count == rules.count else { return nil }
    return (try? Partition.of(patterns.map(\.language))).map { (rules, $0) }
  }()

  /// Rules for the classes that no policy speaks of: free, but for what the floor protects. `peers` are the subject's own
  /// profiles.
  func mediation(peers: [String]) -> [ProfileRule] {
    func rule(_ qualifier: ProfileRule.Qualifier, _ words: String) -> ProfileRule {
      ProfileRule(.mediation, qualifier, .words(words))
    }
    switch self {
    case .none:
      return ["mount", "umount", "pivot_root", "remount", "ptrace", "signal", "dbus"].map { rule(.allow, $0) }
    case .runtimeDefault:
      // A label of two profiles is matched as a whole first, then by its components.
      let labels = peers + peers.dropFirst().map { peers[0] + "//&" + $0 }
      let peer = labels.count == 1 ? labels[0] : "{" + labels.joined(separator: ",") + "}"
      return [
        rule(.allow, "umount"),
        rule(.auditDeny, "mount"),
        rule(.allow, "dbus"),
        rule(.allow, "ptrace (trace,read,tracedby,readby) peer=\(peer)"),
        rule(.allow, "signal (send,receive) peer=\(peer)"),
      ]
        + ["unconfined", "{/usr/bin/,/usr/sbin/,}{runc,crun}"].map {
          rule(.allow, "signal (receive) peer=\($0)")
        }
    }
  }

  /// What the floor alone denies, with everything else allowed: for those who hold profiles against policies.
  package func access(budget: StateBudget = StateBudget()) throws(EmissionError) -> ProfileAccess? {
    guard self != .none else { return nil }
    if budget == StateBudget(), let known = Floor.runtimeDefaultAccess { return known }
    return try modelled(budget)
  }

  /// The same for every subject, so made once.
  private static let runtimeDefaultAccess = try? Floor.runtimeDefault.modelled(StateBudget())

  private func modelled(_ budget: StateBudget) throws(EmissionError) -> ProfileAccess {
    let everything: FileBits = [.read, .write, .link, .lock, .map]
    let free = [
      ProfileRule(.files, .allow, .file(FileRule(.everything, bits: everything, exec: .inherit))),
      ProfileRule(.network, .allow, .network(family: nil, type: nil)),
      ProfileRule(.capabilities, .allow, .capability(nil)),
    ]
    return try ProfileModel.access(name: rawValue, rules: free + rules, budget: budget)
  }
}
