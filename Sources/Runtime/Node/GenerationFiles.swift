package import Bundle
internal import FoundationEssentials
internal import Glibc

/// What is kept of a load for later: when, from where, and the bundle's manifest and images.
package struct LoadRecord: Codable, Hashable, Sendable {
  package static let fileName = "load.json"
  static let currentFormat = 1

  package var format = LoadRecord.currentFormat
  package var enforcer: String
  package var generation: UInt32
  /// Seconds since 1970.
  package var time: Int
  /// The directory that was loaded, as an absolute path.
  package var bundle: String
  /// SHA-256 of the manifest.
  package var manifest: String
  /// Of the BPF object that the programs came from.
  package var object: String?

  package init(enforcer: String, generation: UInt32, bundle: String, manifest: String, object: String? = nil) {
    self.enforcer = enforcer
    self.generation = generation
    time = Int(Glibc.time(nil))
    self.bundle = bundle
    self.manifest = manifest
    self.object = object
  }

  package static func read(_ directory: String) throws(NodeError) -> LoadRecord {
    let path = directory + "/" + fileName
    do {
      let record = try JSONDecoder().decode(LoadRecord.self, from: Data(try FileAccess.read(path, limit: 1 << 16)))
      guard record.format == currentFormat else { throw NodeError("'\(path)' has format \(record.format)") }
      return record
    } catch let error as FileError {
      throw NodeError(error)
    } catch let error as NodeError {
      throw error
    } catch {
      throw NodeError("'\(path)' is not what armorc writes")
    }
  }

  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A value of numbers and strings always encodes.
    return ((try? encoder.encode(self)).map { Array($0) } ?? []) + [UInt8(ascii: "\n")]
  }
}

/// The directories `generation-N` of a node.
package struct GenerationFiles {
  let paths: NodePaths

  package init(_ paths: NodePaths) { self.paths = paths }

  /// Writes all of a generation, or nothing.
  func write(_ record: LoadRecord, manifest: [UInt8], _ files: [(path: String, bytes: [UInt8])]) throws(NodeError) {
    do throws(FileError) {
      let writer = try DirectoryWriter.start(
        target: paths.generation(record.generation),
        marker: LoadRecord.fileName
      )
      try writer.write(LoadRecord.fileName, record.bytes)
      try writer.write(Manifest.fileName, manifest)
      for file in files { try writer.write(file.path, file.bytes) }
      try writer.commit()
    } catch {
      throw NodeError(error)
    }
  }

  /// Removes every generation but these, and what a killed load left.
  package func keep(only generations: Set<UInt32>) throws(NodeError) {
    do throws(FileError) {
      let kept = Set(generations.map { "generation-\($0)" })
      for name in try FileAccess.entries(of: paths.state) where name.hasPrefix("generation-") && !kept.contains(name) {
        try DirectoryWriter.removeTree(paths.state + "/" + name)
      }
    } catch {
      throw NodeError(error)
    }
  }

  /// The numbers that have a directory.
  package var numbers: [UInt32] {
    ((try? FileAccess.entries(of: paths.state)) ?? []).compactMap { name in
      name.hasPrefix("generation-") ? UInt32(name.dropFirst("generation-".count)) : nil
    }
  }

  package func manifest(of generation: UInt32) throws(NodeError) -> Manifest {
    try Manifest.read(directory: paths.generation(generation))
  }
}
