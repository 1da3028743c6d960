import Bundle
import Foundation
import Testing

@testable import Runtime

/// Generations of profiles, over files in place of the kernel's.
struct AppArmorNodeTests {
  /// A kernel that has what it is told to have, and remembers what was last written to it.
  final class Kernel {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("armorc-aa-\(UUID().uuidString)")
    let paths: NodePaths
    let kernel: AppArmorKernel

    init() throws {
      let root = directory.appendingPathComponent("apparmor")
      let state = directory.appendingPathComponent("state")
      try FileManager.default.createDirectory(
        at: root.appendingPathComponent("policy/profiles"),
        withIntermediateDirectories: true
      )
      try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
      for name in [".replace", ".remove"] { try Data().write(to: root.appendingPathComponent(name)) }
      paths = NodePaths(pins: "/none", state: state.path)
      kernel = AppArmorKernel(root: root.path)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    func has(_ name: String, blob: String) throws {
      let entry = URL(fileURLWithPath: kernel.root + "/policy/profiles/\(name).1")
      try FileManager.default.createDirectory(at: entry, withIntermediateDirectories: true)
      for (file, text) in [("name", name), ("mode", "enforce"), ("raw_sha256", sha256(Array(blob.utf8)))] {
        try Data((text + "\n").utf8).write(to: entry.appendingPathComponent(file))
      }
    }

    func generation(_ number: UInt32, _ profiles: [String], blob: String) throws {
      let directory = URL(fileURLWithPath: paths.generation(number))
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let subjects = profiles.map { LoadedProfiles.Subject(name: $0, enter: $0, profiles: [$0]) }
      try Data(LoadedProfiles(subjects, blob: Array(blob.utf8)).bytes).write(
        to: directory.appendingPathComponent(LoadedProfiles.fileName)
      )
      try Data(blob.utf8).write(to: directory.appendingPathComponent(LoadedProfiles.blobName))
    }

    func standing(_ inForce: UInt32, wanted: UInt32?) throws {
      try AppArmorStanding(
        inForce: AppArmorStanding.Generation(generation: inForce),
        wanted: wanted.map { AppArmorStanding.Generation(generation: $0, previous: inForce) }
      ).write(paths)
    }

    func written(_ file: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: kernel.root + "/" + file)), as: UTF8.self)
    }
  }

  /// Killed before the write: the old generation is in force, and nothing of it is removed.
  @Test func killedBefore() throws {
    let fake = try Kernel()
    try fake.generation(1, ["armorc.a", "armorc.b"], blob: "one")
    try fake.generation(2, ["armorc.a"], blob: "two")
    try fake.has("armorc.a", blob: "one")
    try fake.has("armorc.b", blob: "one")
    try fake.standing(1, wanted: 2)
    let node = try AppArmorNode(fake.kernel, fake.paths)
    #expect(node.current == 1)
    #expect(try AppArmorStanding.read(fake.paths) == node.standing)
    #expect(node.standing.wanted == nil)
    #expect(try fake.written(".remove").isEmpty)
    #expect(try fake.written(".replace").isEmpty)
  }

  /// Killed after it: the new one is, and what it lacks goes now.
  @Test func killedAfter() throws {
    let fake = try Kernel()
    try fake.generation(1, ["armorc.a", "armorc.b"], blob: "one")
    try fake.generation(2, ["armorc.a"], blob: "two")
    try fake.has("armorc.a", blob: "two")
    try fake.has("armorc.b", blob: "one")
    try fake.standing(1, wanted: 2)
    let node = try AppArmorNode(fake.kernel, fake.paths)
    #expect(node.current == 2)
    #expect(node.standing.inForce.previous == 1)
    #expect(node.standing.wanted == nil)
    #expect(try fake.written(".remove") == "armorc.b\0")
    #expect(try fake.written(".replace").isEmpty)
    #expect(Set(GenerationFiles(fake.paths).numbers) == [1, 2])
  }

  /// A kernel that does not say what it has is told again.
  @Test func killedAndNobodyKnows() throws {
    let fake = try Kernel()
    try fake.generation(1, ["armorc.a"], blob: "one")
    try fake.generation(2, ["armorc.a"], blob: "two")
    try fake.has("armorc.a", blob: "one")
    try FileManager.default.removeItem(atPath: fake.kernel.root + "/policy/profiles/armorc.a.1/raw_sha256")
    try fake.standing(1, wanted: 2)
    #expect(try AppArmorNode(fake.kernel, fake.paths).current == 2)
    #expect(try fake.written(".replace") == "two")
  }

  @Test func rollbackAndForward() throws {
    let fake = try Kernel()
    try fake.generation(1, ["armorc.a"], blob: "one")
    try fake.generation(2, ["armorc.a"], blob: "two")
    var node = try AppArmorNode(fake.kernel, fake.paths)
    #expect(throws: NodeError.self) { try node.rollback(forward: false) }
    try node.put(AppArmorStanding.Generation(generation: 2, previous: 1))
    #expect(try fake.written(".replace") == "two")
    #expect(throws: NodeError.self) { try node.rollback(forward: true) }
    #expect(try node.rollback(forward: false) == RollbackResult(from: 2, to: 1))
    #expect(try fake.written(".replace") == "one")
    #expect(throws: NodeError.self) { try node.rollback(forward: false) }
    #expect(try node.rollback(forward: true) == RollbackResult(from: 1, to: 2))
    #expect(try fake.written(".replace") == "two")
  }

  /// Bytes that are not those of the load are never given to the kernel.
  @Test func changedFiles() throws {
    let fake = try Kernel()
    try fake.generation(1, ["armorc.a"], blob: "one")
    try Data("other".utf8).write(to: URL(fileURLWithPath: fake.paths.generation(1) + "/" + LoadedProfiles.blobName))
    var node = try AppArmorNode(fake.kernel, fake.paths)
    #expect(throws: NodeError.self) { try node.put(AppArmorStanding.Generation(generation: 1)) }
    #expect(try fake.written(".replace").isEmpty)
    #expect(try AppArmorNode(fake.kernel, fake.paths).current == 0)
  }

  /// A profile of a name of ours that came with other bytes is another's, unless it stands in the way of this very change.
  @Test func othersStay() throws {
    let fake = try Kernel()
    try fake.generation(1, ["armorc.a"], blob: "one")
    try fake.generation(2, ["armorc.b"], blob: "two")
    try fake.generation(3, ["armorc.c"], blob: "three")
    try fake.has("armorc.a", blob: "by hand")
    try fake.standing(2, wanted: nil)
    var node = try AppArmorNode(fake.kernel, fake.paths)
    try node.put(AppArmorStanding.Generation(generation: 3, previous: 2))
    #expect(try fake.written(".remove").isEmpty)
  }

  @Test func unload() throws {
    let fake = try Kernel()
    try fake.generation(1, ["armorc.a"], blob: "one")
    try fake.has("armorc.a", blob: "one")
    try fake.has("another", blob: "other")
    try fake.standing(1, wanted: nil)
    let enforcer = AppArmorEnforcer(
      NodePaths(pins: "/none", state: fake.directory.path + "/run"),
      features: "",
      root: fake.kernel.root
    )
    #expect(!enforcer.isLoaded)
    var node = try AppArmorNode(fake.kernel, fake.paths)
    try node.unload()
    #expect(try fake.written(".remove") == "armorc.a\0")
    #expect(GenerationFiles(fake.paths).numbers.isEmpty)
    #expect(try AppArmorStanding.read(fake.paths) == nil)
  }
}
