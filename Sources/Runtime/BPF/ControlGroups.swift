internal import CArmor
internal import CLinux
internal import Glibc

/// The control groups (cgroup2) whose tasks become a domain's.
struct ControlGroups: ~Copyable {
  private let map: BPFMap

  struct Group: Hashable {
    let path: String
    /// What the kernel knows it by: the inode of its directory.
    let number: UInt64
  }

  init(_ matcher: borrowing PinnedMatcher) throws(NodeError) { map = try matcher.map("cgroups") }

  /// Gives a group and all groups below it to a domain. One below that was given to another domain by itself stays so, with
  /// those below it. Groups that are made later inherit (`armor_cgroup_made`): each is given before the groups below it are
  /// listed, so none is missed.
  /// - Parameters:
  ///   - path: a directory in a cgroup2 file system.
  ///   - domain: whose it becomes.
  ///   - atExec: who enters joins with the next execve, not at once.
  /// - Returns: all of them, the group itself first.
  /// - Throws: `NodeError` if there is no such group, or no room for another one.
  borrowing func give(_ path: String, to domain: UInt32, atExec: Bool) throws(NodeError) -> [Group] {
    let top = Group(path: path, number: try ControlGroups.number(of: path))
    let before = try value(of: top)
    let value = domain | (atExec ? UInt32(ARMOR_AT_EXEC) : 0)
    try give(top, value)
    var given = [top]
    var next = 0
    while next < given.count {
      let parent = given[next]
      next += 1
      // A group that is gone has nothing below it.
      for name in (try? FileAccess.entries(of: parent.path)) ?? [] {
        let path = parent.path + "/" + name
        guard FileAccess.kind(of: path) == .directory, let number = try? ControlGroups.number(of: path) else {
          continue
        }
        let group = Group(path: path, number: number)
        let old = try self.value(of: group)
        guard old == nil || old == before || old == value else { continue }
        try give(group, value)
        given.append(group)
      }
    }
    return given
  }

  private borrowing func value(of group: Group) throws(NodeError) -> UInt32? {
    try map.value(of: bytes(of: group.number)).flatMap { structure(UInt32.self, in: $0) }
  }

  private borrowing func give(_ group: Group, _ value: UInt32) throws(NodeError) {
    do throws(NodeError) {
      try map.update(key: bytes(of: group.number), bytes(of: value))
    } catch {
      throw NodeError("'\(group.path)': \(error) (at most \(map.capacity) control groups can be attached)")
    }
  }

  /// Control groups per domain.
  borrowing func counts() throws(NodeError) -> [UInt32: Int] {
    var counts: [UInt32: Int] = [:]
    for key in try map.keys() {
      if let value = try map.value(of: key), let domain = structure(UInt32.self, in: value) {
        counts[domain & ~UInt32(ARMOR_AT_EXEC), default: 0] += 1
      }
    }
    return counts
  }

  private static func number(of path: String) throws(NodeError) -> UInt64 {
    guard unsafe clinux_file_system(path) == 0x6367_7270 else {
      throw NodeError("'\(path)' is no directory of a cgroup2 file system")
    }
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { throw NodeError(.last("look at", path)) }
    guard info.st_mode & S_IFMT == S_IFDIR else { throw NodeError("'\(path)' is no directory") }
    return UInt64(info.st_ino)
  }

  /// The group of a container's first process, if it is the container's own: nobody else is in it, and neither are we.
  static func own(of process: UInt32) -> String? {
    let mount = "/sys/fs/cgroup"
    guard unsafe clinux_file_system(mount) == 0x6367_7270, let group = group(of: "\(process)"), group != "/",
      group != self.group(of: "self"), !group.contains("/..")
    else { return nil }
    let path = mount + group
    guard FileAccess.kernelText(path + "/cgroup.procs") == "\(process)" else { return nil }
    return path
  }

  /// As `/proc/PID/cgroup` has it for version 2.
  private static func group(of process: String) -> String? {
    (FileAccess.kernelText("/proc/\(process)/cgroup") ?? "").split(separator: "\n").first { $0.hasPrefix("0::/") }
      .map { String($0.dropFirst(3)) }
  }
}
