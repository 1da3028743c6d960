import Backends
import Bundle
import Foundation
import IR
import Testing
import _PolicyTestSupport

@testable import Runtime

/// A BPF file system and a state directory of one test's own, without programs: what is loaded is never asked.
final class ScratchNode {
  /// Whether this process may make maps and mount: root on a kernel with BPF, not in most containers.
  static let isPossible: Bool = {
    guard geteuid() == 0, (try? BPFMap.frozen([1], name: "armor_try")) != nil else { return false }
    return (try? ScratchNode()) != nil
  }()

  let directory: URL
  let paths: NodePaths
  let enforcer: BPFEnforcer

  init() throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("armorc-node-\(UUID().uuidString)")
    let pins = directory.appendingPathComponent("bpf").path
    try FileManager.default.createDirectory(atPath: pins, withIntermediateDirectories: true)
    guard mount("bpf", pins, "bpf", 0, nil) == 0 else {
      try? FileManager.default.removeItem(at: directory)
      throw NodeError("mount", SystemError("mount"))
    }
    paths = NodePaths(pins: pins + "/armorc", state: directory.appendingPathComponent("run").path)
    enforcer = BPFEnforcer(paths, mapsOnly: true)
  }

  deinit {
    umount2(directory.appendingPathComponent("bpf").path, Int32(MNT_DETACH))
    try? FileManager.default.removeItem(at: directory)
  }

  /// A bundle of subjects that each block some paths.
  func bundle(_ name: String, _ subjects: [String: [String]]) throws -> String {
    let path = directory.appendingPathComponent(name).path
    var entries: [Manifest.Subject] = []
    let writer = try DirectoryWriter.start(target: path, marker: Manifest.fileName)
    for (name, paths) in subjects.sorted(by: { $0.key < $1.key }) {
      let subject = try blocking(paths, named: name)
      let table = try DecisionTable(subject)
      let artifact = try BPFBackend.emit(subject, table)
      let file = name + "/" + ImageFile.fileName
      try writer.write(file, artifact.bytes)
      entries.append(
        Manifest.Subject(
          name: name,
          kind: "selection",
          description: name,
          postures: Manifest.Postures(file: nil, network: nil, capabilities: nil),
          meaning: sha256(table.meaning),
          policies: [],
          rules: [],
          notCompiled: [],
          artifacts: [
            Manifest.Artifact(
              target: "bpf",
              file: file,
              bytes: artifact.bytes.count,
              sha256: sha256(artifact.bytes),
              enter: name,
              layout: ""
            )
          ]
        )
      )
    }
    let manifest = Manifest(
      compiler: "armorc test",
      options: Manifest.Options(
        targets: ["bpf"],
        posture: Manifest.Postures(file: nil, network: nil, capabilities: nil),
        base: nil,
        floor: "none"
      ),
      sources: [],
      subjects: entries
    )
    try writer.write(Manifest.fileName, manifest.json())
    try writer.commit()
    return path
  }

  func load(_ bundle: String) throws -> LoadOutcome { try enforcer.load(LoadRequest(directory: bundle)) }

  /// What is in force: per domain the image that the matcher would walk.
  func inForce() throws -> [String: Loaded] {
    guard let matcher = try PinnedMatcher.open(paths) else { return [:] }
    let control = try matcher.readControl()
    var result: [String: Loaded] = [:]
    for (id, entry) in try matcher.readBanks()[Int(control.bank)].enumerated().dropFirst() where !entry.name.isEmpty {
      var image: [UInt8]?
      if let tier = entry.tier {
        let outer = try matcher.map("images_\(tier)")
        image = try outer.value(UInt32(id) * 2 + control.bank).flatMap { try? ScratchNode.image($0) }
      }
      result[entry.name] = Loaded(id: UInt32(id), generation: entry.generation, image: image)
    }
    return result
  }

  struct Loaded: Equatable {
    let id: UInt32
    let generation: UInt32
    /// The map's value; nil: no policy.
    let image: [UInt8]?

    /// The generation that stands in the image.
    var imageGeneration: UInt32? { image.flatMap { structure(UInt32.self, in: $0, at: 12) } }
  }

  /// User space reads the number of an inner map.
  private static func image(_ number: [UInt8]) throws -> [UInt8]? {
    guard let id = structure(UInt32.self, in: number) else { return nil }
    return try BPFMap.open(number: id).value(0)
  }
}
