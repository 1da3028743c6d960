internal import Bundle
internal import CArmor
internal import CLinux
internal import Glibc

/// Puts programs and maps into a node: all of them or nothing, by one rename.
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
    try make(over: nil) { () throws(NodeError) in
      guard unsafe rename(paths.unfinishedPins, paths.pins) == 0 else {
        throw NodeError(.last("rename to", paths.pins))
      }
    }
  }

  /// Whether the programs that are pinned came from this very object.
  func isInstalled() throws(NodeError) -> Bool { try MatcherInstallation.marks(paths).contains(mark) }

  /// Puts the programs of this object in place of another armorc's, over the same maps: tasks stay attached, what is in
  /// force stays so. The new ones are attached before the old ones go; in between both are asked, and agree.
  /// - Throws: `NodeError` if the two cannot share their maps; then nothing has changed.
  func replace() throws(NodeError) -> [String] {
    let old = PinnedPrograms(paths)
    let skipped = try make(over: paths) { () throws(NodeError) in
      guard unsafe clinux_exchange(paths.unfinishedPins, paths.pins) == 0 else {
        throw NodeError(.last("exchange", paths.pins))
      }
    }
    try BPFDirectory.remove(paths.unfinishedPins)
    // The kernel detaches a moment after the last hold on a link is gone.
    old.waitUntilGone()
    return skipped
  }

  private func make(over pinned: NodePaths?, _ putInPlace: () throws(NodeError) -> Void) throws(NodeError) -> [String] {
    try paths.checkPins()
    try BPFDirectory.remove(paths.unfinishedPins)
    let object = try BPFObject(object, name: "armor")
    let skipped = try choose(object)
    let shared = pinned == nil ? [] : try share(object)
    try BPFDirectory.make(paths.unfinishedPins)
    do throws(NodeError) {
      try object.load()
      try pin(object, skipped, keepingKey: shared.contains(PinnedMatcher.controlName))
      try putInPlace()
    } catch {
      try? BPFDirectory.remove(paths.unfinishedPins)
      throw error
    }
    return skipped
  }

  // MARK: Versions

  /// A directory of this name stands beside the pins: the contract of `armor.h` and the digest of the object.
  private var mark: String { MatcherInstallation.contract + sha256(object) }
  private static let markPrefix = "object_"
  private static let contract = "\(markPrefix)\(ARMOR_IMAGE_VERSION)_"

  private static func marks(_ paths: NodePaths) throws(NodeError) -> [String] {
    do throws(FileError) {
      return try FileAccess.entries(of: paths.pins).filter { $0.hasPrefix(markPrefix) }
    } catch {
      throw NodeError(error)
    }
  }

  /// Has the programs use the maps that are pinned.
  /// - Returns: the names of those maps.
  private func share(_ object: borrowing BPFObject) throws(NodeError) -> Set<String> {
    let another = NodeError(
      "what is pinned in '\(paths.pins)' is of another version of armorc, whose maps this one cannot take over: "
        + "'armorc unload', then load again; tasks have to be attached again"
    )
    guard try MatcherInstallation.marks(paths).contains(where: { $0.hasPrefix(MatcherInstallation.contract) }) else {
      throw another
    }
    var names: Set<String> = []
    for name in pinnedMaps(object) {
      // A map that only the new programs know.
      guard FileAccess.kind(of: paths.map(name)) != .missing else { continue }
      let map = try BPFMap.open(pinned: paths.map(name))
      guard map.shape == (try object.shape(ofMap: name)) else { throw another }
      try object.reuse(map, as: name)
      names.insert(name)
    }
    guard names.contains(PinnedMatcher.controlName), names.contains(PinnedMatcher.domainsName) else { throw another }
    return names
  }

  private func pinnedMaps(_ object: borrowing BPFObject) -> [String] {
    object.mapNames().filter { !["scratch", "test_input"].contains($0) }
  }

  /// Decides which programs are loaded.
  private func choose(_ object: borrowing BPFObject) throws(NodeError) -> [String] {
    let programs = object.programs()
    let byPointer = kernel.losesTaskStorage
    try object.setConstant("armor_tasks_by_pointer", bytes(of: UInt32(byPointer ? 1 : 0)))
    try object.setConstant("armor_path_argument", SyscallProgram.pathArguments)
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

  private func pin(_ object: borrowing BPFObject, _ skipped: [String], keepingKey: Bool) throws(NodeError) {
    let place = NodePaths(pins: paths.unfinishedPins, state: paths.state)
    try BPFDirectory.make(place.pins + "/maps")
    try BPFDirectory.make(place.pins + "/links")
    try BPFDirectory.make(place.pins + "/programs")
    try BPFDirectory.make(place.pins + "/" + mark)
    for name in pinnedMaps(object) { try object.pinMap(name, at: place.map(name)) }
    if !keepingKey { try chooseKey(place) }
    guard attaches else { return }
    for program in object.programs() where try isLoaded(program.section, skipped) {
      if program.name == SyscallProgram.name {
        try object.pinProgram(program.name, at: place.program(program.name))
        if FileAccess.kind(of: paths.link(program.name)) == .missing { continue }
      }
      try object.attach(program.name, pinningAt: place.link(program.name))
    }
  }

  /// Of the hashes by which tasks know their sources.
  private func chooseKey(_ place: NodePaths) throws(NodeError) {
    var key: UInt64 = 0
    repeat {
      var random: CUnsignedLongLong = 0
      guard unsafe clinux_random(&random) == 0 else { throw NodeError("choose a key", SystemError("getrandom")) }
      key = random
    } while key == 0
    let control = try BPFMap.open(pinned: place.map(PinnedMatcher.controlName))
    try control.update(0, Control(bank: 0, generation: 0, hashKey: key).bytes)
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
