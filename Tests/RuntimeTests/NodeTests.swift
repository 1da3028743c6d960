import Foundation
import Testing

@testable import Runtime

/// Loads into real maps. Needs root and a kernel with BPF; LSM programs are tried in `make vm`.
@Suite(.enabled(if: ScratchNode.isPossible, "bpf() and mount() are not permitted here"), .serialized)
struct NodeTests {
  @Test func loadsSwitchAllSubjectsAtOnce() throws {
    let node = try ScratchNode()
    #expect(try node.enforcer.status() == nil)
    let first = try node.load(node.bundle("one", ["a": ["/a"], "b": ["/b"]]))
    #expect(first.generation == 1 && first.before == nil && first.domains == 2)
    let old = try node.inForce()
    #expect(Set(old.keys) == ["a", "b"])
    for (_, loaded) in old { #expect(loaded.generation == 1 && loaded.imageGeneration == 1) }

    let second = try node.load(node.bundle("two", ["b": ["/c"], "c": ["/c"]]))
    #expect(second.generation == 2 && second.before == 1 && second.emptied == ["a"])
    let new = try node.inForce()
    #expect(new["a"]?.image == nil && new["a"]?.id == old["a"]?.id && new["b"]?.id == old["b"]?.id)
    #expect(new["b"]?.imageGeneration == 2 && new["c"]?.imageGeneration == 2)
    #expect(new["b"]?.image != old["b"]?.image)
    #expect(GenerationFiles(node.paths).numbers.sorted() == [1, 2])

    let back = try node.enforcer.rollback(forward: false)
    #expect(back == RollbackResult(from: 2, to: 1))
    #expect(try node.inForce() == old)
    #expect { try node.enforcer.rollback(forward: false) } throws: { "\($0)".contains("--forward") }
    #expect(try node.enforcer.rollback(forward: true) == RollbackResult(from: 1, to: 2))
    #expect(try node.inForce() == new)

    #expect(try node.load(node.bundle("one", ["a": ["/a"], "b": ["/b"]])).generation == 3)
    #expect(GenerationFiles(node.paths).numbers.sorted() == [2, 3])
    #expect(try node.inForce()["a"]?.id == old["a"]?.id)
  }

  @Test func statusIsOfOneGeneration() throws {
    let node = try ScratchNode()
    let bundle = try node.bundle("one", ["a": ["/a"], "b": ["/b"]])
    _ = try node.load(bundle)
    let status = try #require(try node.enforcer.status())
    #expect(status.generation == 1 && status.previous == nil && status.next == nil)
    #expect(status.domains.map(\.name) == ["a", "b"])
    #expect(status.domains.allSatisfy { $0.digest?.count == 64 && $0.meaning?.count == 64 && $0.threads == 0 })
    #expect(status.record?.bundle == (try FileAccess.realPath(bundle)))
    _ = try node.load(bundle)
    _ = try node.enforcer.rollback(forward: false)
    let back = try #require(try node.enforcer.status())
    #expect(back.generation == 1 && back.previous == nil && back.next == 2)
  }

  @Test func unloadLeavesNothing() throws {
    let node = try ScratchNode()
    #expect(try !node.enforcer.unload())
    _ = try node.load(node.bundle("one", ["a": ["/a"]]))
    #expect(try node.enforcer.unload())
    #expect(FileAccess.kind(of: node.paths.pins) == .missing)
    #expect(FileAccess.kind(of: node.paths.state) == .missing)
    let pins = try FileAccess.entries(of: NodePaths.parent(of: node.paths.pins))
    #expect(pins.filter { !$0.hasSuffix(".debug") } == [])
    #expect(try node.load(node.bundle("one", ["a": ["/a"]])).generation == 1)
  }

  @Test func checkChangesNothing() throws {
    let node = try ScratchNode()
    var request = LoadRequest(directory: try node.bundle("one", ["a": ["/a"]]))
    request.isDryRun = true
    #expect(try node.enforcer.load(request).generation == 1)
    #expect(FileAccess.kind(of: node.paths.pins) == .missing && FileAccess.kind(of: node.paths.state) == .missing)
    _ = try node.load(request.directory)
    let before = try node.inForce()
    #expect(try node.enforcer.load(request).generation == 2)
    #expect(try node.inForce() == before)
  }

  /// A bundle that is not what its manifest says is refused before anything changes.
  @Test(arguments: ["image", "size", "other", "manifest", "missing"])
  func badBundlesAreRefused(_ what: String) throws {
    let node = try ScratchNode()
    _ = try node.load(node.bundle("good", ["a": ["/a"]]))
    let before = try node.inForce()
    let bad = try node.bundle("bad", ["a": ["/b"], "b": ["/b"]])
    let image = bad + "/b/bpf.img"
    switch what {
    case "image":
      var bytes = try FileAccess.read(image, limit: 1 << 20)
      bytes[bytes.count / 2] ^= 1
      try FileAccess.replace(image, with: bytes)
    case "size": try FileAccess.replace(image, with: Array(try FileAccess.read(image, limit: 1 << 20).dropLast(8)))
    case "other": try FileAccess.replace(image, with: try FileAccess.read(bad + "/a/bpf.img", limit: 1 << 20))
    case "manifest": try FileAccess.replace(bad + "/manifest.json", with: Array("{}".utf8))
    default: try FileManager.default.removeItem(atPath: image)
    }
    #expect { try node.load(bad) } throws: { "\($0)".contains(bad) }
    #expect(try node.inForce() == before)
  }

  @Test func anotherVersionIsNotTouched() throws {
    let node = try ScratchNode()
    let bundle = try node.bundle("one", ["a": ["/a"]])
    _ = try node.load(bundle)
    // Something else in place of the control map.
    try FileManager.default.removeItem(atPath: node.paths.map("control"))
    try BPFMap.frozen([1, 2, 3], name: "other").pin(at: node.paths.map("control"))
    #expect { try node.load(bundle) } throws: { "\($0)".contains("of another version of armorc") }
    #expect { try node.enforcer.status() } throws: { "\($0)".contains("of another version of armorc") }
    #expect(try node.enforcer.unload())
  }

  /// What is in force stays, tasks' numbers and sources' hashes with it: the maps are the same ones.
  @Test func anotherArmorcTakesTheMapsOver() throws {
    let node = try ScratchNode()
    let one = try node.bundle("one", ["a": ["/a"], "b": ["/b"]])
    let two = try node.bundle("two", ["b": ["/c"]])
    #expect(try !node.load(one).hasNewPrograms)
    let before = try node.inForce()
    func mark() throws -> [String] { try FileAccess.entries(of: node.paths.pins).filter { $0.hasPrefix("object_") } }
    let old = try mark()
    var newer = node.enforcer
    newer.otherObject = newer.object + [0]
    let outcome = try newer.load(LoadRequest(directory: two))
    #expect(outcome.generation == 2 && outcome.before == 1 && outcome.hasNewPrograms && outcome.emptied == ["a"])
    #expect(try mark() != old && mark().count == 1)
    #expect(try node.inForce()["b"]?.id == before["b"]?.id)
    #expect(FileAccess.kind(of: node.paths.unfinishedPins) == .missing)
    // Both can read the other's; only a load exchanges.
    _ = try node.enforcer.rollback(forward: false)
    #expect(try node.inForce() == before)
    #expect(try !newer.load(LoadRequest(directory: two)).hasNewPrograms)
    #expect(try node.load(one).hasNewPrograms && mark() == old)
  }

  /// Another contract, or a map of another size: refused before anything changes.
  @Test(arguments: ["contract", "unknown", "map"]) func mapsThatCannotBeTakenOver(_ what: String) throws {
    let node = try ScratchNode()
    let bundle = try node.bundle("one", ["a": ["/a"]])
    _ = try node.load(bundle)
    let before = try node.inForce()
    let mark = try #require(try FileAccess.entries(of: node.paths.pins).first { $0.hasPrefix("object_") })
    var newer = node.enforcer
    newer.otherObject = newer.object + [0]
    switch what {
    case "contract":
      try FileManager.default.moveItem(atPath: "\(node.paths.pins)/\(mark)", toPath: node.paths.pins + "/object_0_0")
    case "unknown": try FileManager.default.removeItem(atPath: "\(node.paths.pins)/\(mark)")
    default:
      try FileManager.default.removeItem(atPath: node.paths.map("buckets"))
      try BPFMap.frozen([1, 2, 3], name: "other").pin(at: node.paths.map("buckets"))
    }
    #expect { try newer.load(LoadRequest(directory: bundle)) } throws: {
      "\($0)".contains("of another version of armorc") && "\($0)".contains("armorc unload")
    }
    #expect(try node.inForce() == before)
    #expect(FileAccess.kind(of: node.paths.unfinishedPins) == .missing)
    #expect(try newer.unload())
    #expect(try newer.load(LoadRequest(directory: bundle)).generation == 1)
  }

  @Test func placesThatCannotHoldPinsAreNamed() throws {
    let node = try ScratchNode()
    let bundle = try node.bundle("one", ["a": ["/a"]])
    for (pins, words) in [
      (node.directory.path + "/pins", "is no BPF file system"),
      (NodePaths.parent(of: node.paths.pins) + "/a.b", "to have no dots"),
      (node.directory.path + "/none/pins", "No such file or directory"),
    ] {
      let enforcer = BPFEnforcer(NodePaths(pins: pins, state: node.paths.state), mapsOnly: true)
      #expect { try enforcer.load(LoadRequest(directory: bundle)) } throws: { "\($0)".contains(words) }
    }
  }

  // MARK: Confirmation

  @Test func confirmedGenerationsStay() throws {
    let node = try ScratchNode()
    _ = try node.load(node.bundle("one", ["a": ["/a"]]))
    var request = LoadRequest(directory: try node.bundle("two", ["a": ["/b"]]))
    request.confirmWithin = 3600
    _ = try node.enforcer.load(request)
    let waiting = try #require(try node.enforcer.status()?.confirmation)
    #expect(waiting.generation == 2 && waiting.secondsLeft > 3000)
    #expect { try node.load(request.directory) } throws: { "\($0)".contains("waits to be confirmed") }
    #expect(try node.enforcer.confirm() == 2)
    #expect { try node.enforcer.confirm() } throws: { "\($0)".contains("no generation waits") }
    try node.enforcer.expire(token: waiting.token)
    #expect(try node.enforcer.status()?.generation == 2)
  }

  @Test func unconfirmedGenerationsAreRolledBack() throws {
    let node = try ScratchNode()
    _ = try node.load(node.bundle("one", ["a": ["/a"]]))
    let before = try node.inForce()
    var request = LoadRequest(directory: try node.bundle("two", ["a": ["/b"]]))
    request.confirmWithin = 0
    _ = try node.enforcer.load(request)
    let waiting = try #require(Confirmation.read(node.paths))
    try node.enforcer.expire(token: waiting.token &+ 1)
    #expect(try node.enforcer.status()?.generation == 2)
    try node.enforcer.expire(token: waiting.token)
    #expect(try node.inForce() == before)
    #expect(Confirmation.read(node.paths) == nil)
  }

  @Test func aFirstGenerationThatNobodyConfirmsIsWithdrawn() throws {
    let node = try ScratchNode()
    var request = LoadRequest(directory: try node.bundle("one", ["a": ["/a"]]))
    request.confirmWithin = 0
    _ = try node.enforcer.load(request)
    let waiting = try #require(Confirmation.read(node.paths))
    try node.enforcer.expire(token: waiting.token)
    let after = try node.inForce()
    #expect(after.values.allSatisfy { $0.image == nil })
    #expect(try node.load(request.directory).generation == 3)
  }

  @Test func locksAreExclusiveAndFollowTheirFile() throws {
    let node = try ScratchNode()
    func isTaken() throws -> Bool {
      let lock = try NodeLock.take(node.paths, making: true, waiting: 0)
      return lock == nil
    }
    let lock = try NodeLock.take(node.paths, making: true)
    #expect { _ = try isTaken() } throws: { "\($0)".contains("another armorc") }
    // Whoever holds a lock on a file that was removed holds nothing.
    try FileManager.default.removeItem(atPath: node.paths.lock)
    #expect(try !isTaken())
    extendLifetime(lock)
  }
}
