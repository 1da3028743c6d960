internal import CArmor
internal import CLinux
internal import Glibc

/// Puts programs and maps into a node that has none: all of them or nothing, by one rename.
struct MatcherInstallation {
  let object: [UInt8]
  let paths: NodePaths
  let kernel: KernelRelease
  /// False: maps only, nothing is loaded or attached, and so nothing is decided. For tests on kernels without the LSM.
  var attaches = true

  /// Hooks that some kernels lack, by section; without them the others do.
  static let optional: Set<String> = ["lsm/file_truncate", "lsm/userns_create", "lsm/uring_cmd", "lsm/uring_sqpoll"]

  /// - Returns: programs left out since the kernel has no such hook.
  func install() throws(NodeError) -> [String] {
    try paths.checkPins()
    try BPFDirectory.remove(paths.unfinishedPins)
    let object = try BPFObject(object, name: "armor")
    let skipped = try choose(object)
    try BPFDirectory.make(paths.unfinishedPins)
    do throws(NodeError) {
      try object.load()
      try pin(object, skipped)
    } catch {
      try? BPFDirectory.remove(paths.unfinishedPins)
      throw error
    }
    guard unsafe rename(paths.unfinishedPins, paths.pins) == 0 else {
      let error = NodeError(.last("rename to", paths.pins))
      try? BPFDirectory.remove(paths.unfinishedPins)
      throw error
    }
    return skipped
  }

  /// Decides which programs are loaded.
  private func choose(_ object: borrowing BPFObject) throws(NodeError) -> [String] {
    let programs = object.programs()
    let byPointer = kernel.losesTaskStorage
    let constants: [(String, UInt32)] = [("armor_tasks_by_pointer", byPointer ? 1 : 0)]
    for (name, value) in constants { try object.setConstant(name, value) }
    if byPointer { try object.setCapacity(ofMap: "tasks_by_pointer", 1 << 17) }
    guard attaches else {
      for program in programs { try object.setLoads(program.name, false) }
      return []
    }
    let types = try KernelTypes()
    var skipped: [String] = []
    var lacking: [String] = []
    for program in programs {
      // The test entry of `verify` is no part of a node.
      if MatcherInstallation.isTestEntry(program.section) {
        try object.setLoads(program.name, false)
      } else if program.section == "lsm/task_free" && !byPointer {
        try object.setLoads(program.name, false)
      } else if !types.supports(section: program.section) {
        try object.setLoads(program.name, false)
        skipped.append(program.section)
        if !MatcherInstallation.optional.contains(program.section) { lacking.append(program.section) }
      }
    }
    guard lacking.isEmpty else {
      throw NodeError(
        "this kernel has no hook for \(lacking.joined(separator: ", ")): it needs CONFIG_BPF_LSM, "
          + "CONFIG_SECURITY_PATH, CONFIG_SECURITY_NETWORK and CONFIG_DEBUG_INFO_BTF"
      )
    }
    return skipped
  }

  static func isTestEntry(_ section: String) -> Bool { ["tc", "syscall", "socket", "classifier"].contains(section) }

  private func pin(_ object: borrowing BPFObject, _ skipped: [String]) throws(NodeError) {
    let place = NodePaths(pins: paths.unfinishedPins, state: paths.state)
    try BPFDirectory.make(place.pins + "/maps")
    try BPFDirectory.make(place.pins + "/links")
    for name in object.mapNames() where !["scratch", "test_input"].contains(name) {
      try object.pinMap(name, at: place.map(name))
    }
    var key: UInt64 = 0
    repeat {
      var random: CUnsignedLongLong = 0
      guard unsafe clinux_random(&random) == 0 else { throw NodeError("choose a key", SystemError("getrandom")) }
      key = random
    } while key == 0
    let control = try BPFMap.open(pinned: place.map(PinnedMatcher.controlName))
    try control.update(0, Control(bank: 0, generation: 0, hashKey: key).bytes)
    guard attaches else { return }
    for program in object.programs() where try isLoaded(program.section, skipped) {
      try object.attach(program.name, pinningAt: place.link(program.name))
    }
  }

  private func isLoaded(_ section: String, _ skipped: [String]) throws(NodeError) -> Bool {
    if MatcherInstallation.isTestEntry(section) || skipped.contains(section) { return false }
    return section != "lsm/task_free" || kernel.losesTaskStorage
  }
}

/// Directories of pins.
enum BPFDirectory {
  static func make(_ path: String) throws(NodeError) {
    guard unsafe mkdir(path, 0o700) == 0 else { throw NodeError(.last("make", path)) }
  }

  /// Removes a tree of pins, links before maps. Nothing there is no error.
  static func remove(_ path: String) throws(NodeError) {
    do throws(FileError) {
      try DirectoryWriter.removeTree(path + "/links")
      try DirectoryWriter.removeTree(path)
    } catch {
      throw NodeError(error)
    }
  }
}
