import Bundle
import Foundation
import Testing

@testable import Runtime

/// Loads that are killed: the old generation or the new one is in force, for every subject the same.
@Suite(.enabled(if: ScratchNode.isPossible && ScratchNode.hasCommand, "bpf() and mount() are not permitted here"))
struct KillTests {
  /// ARMORC_FULL=1 tries 200. The delays walk through the whole of a load, whatever that takes on this machine.
  @Test func killedLoadsLeaveOneGeneration() throws {
    let rounds = ProcessInfo.processInfo.environment["ARMORC_FULL"] == nil ? 30 : 200
    let node = try ScratchNode()
    let names = (0..<12).map { "subject-\($0)" }
    let bundles = try ["/old", "/new"].map { path in
      try node.bundle("bundle" + path.dropFirst(), Dictionary(uniqueKeysWithValues: names.map { ($0, [path]) }))
    }
    let started = ContinuousClock.now
    _ = try node.load(bundles[0])
    #expect(try run(bundles[1], node, killAfter: nil) == 0)
    let whole = started.duration(to: .now)
    let microseconds = max(
      2000,
      Int(whole.components.seconds * 1_000_000 + whole.components.attoseconds / 1_000_000_000_000)
    )
    var switched = 0
    var kept = 0
    for round in 0..<rounds {
      let before = try #require(try node.enforcer.status()?.generation)
      // Every third round starts from nothing.
      if round % 3 == 2 { _ = try node.enforcer.unload() }
      let fresh = round % 3 == 2
      // Multiples of the golden section lie evenly, whatever the number of rounds.
      let delay = Int(Double(microseconds) * (Double(round) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1))
      let bundle = bundles[round % 2]
      let status = try run(bundle, node, killAfter: delay)
      let loaded = try node.inForce()
      let generations = Set(loaded.values.map(\.generation))
      #expect(generations.count <= 1, "round \(round): \(generations)")
      let now = generations.first
      for (name, one) in loaded { #expect(one.imageGeneration == one.generation, "round \(round): \(name)") }
      if fresh {
        #expect(now == nil || now == 1)
      } else {
        #expect(loaded.count == names.count && (now == before || (now ?? 0) > before), "round \(round)")
      }
      if let now {
        let record = try LoadRecord.read(node.paths.generation(now))
        #expect(record.generation == now)
        if now != before || fresh { #expect(record.bundle == (try FileAccess.realPath(bundle))) }
      }
      if status == 0 { #expect(now != nil) }
      if fresh ? now == nil : now == before { kept += 1 } else { switched += 1 }
      // What the killed one left is no obstacle.
      _ = try node.load(bundle)
      let after = try node.inForce()
      #expect(after.count == names.count && Set(after.values.map(\.generation)).count == 1)
      #expect(GenerationFiles(node.paths).numbers.count <= 2)
    }
    print("KillTests: \(rounds) rounds over \(microseconds) µs: \(kept) old, \(switched) new, 0 mixtures")
    #expect(try node.enforcer.unload())
    #expect(FileAccess.kind(of: node.paths.state) == .missing)
  }

  /// The status; that of `SIGKILL` is 9.
  private func run(_ bundle: String, _ node: ScratchNode, killAfter microseconds: Int?) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: ScratchNode.command)
    process.arguments = [
      "load", bundle, "--maps-only", "--enforcer", "bpf", "--bpffs", node.paths.pins, "--state", node.paths.state,
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    if let microseconds {
      usleep(UInt32(microseconds))
      kill(process.processIdentifier, SIGKILL)
    }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
