import IR
import Runtime

/// A bundle as one side of a comparison. A placeholder: bundles hold no record of their policies yet.
enum BundleSide {
  struct Loaded: Sendable {
    let side: PolicySide
  }

  static func isBundle(_ directory: String) -> Bool {
    FileAccess.kind(of: directory + "/manifest.json") == .file
  }

  static func isManifest(_ bytes: [UInt8]) -> Bool { false }

  static func load(_ directory: String, jobs: Int) throws -> Loaded {
    throw Failure("cannot compare the bundle '\(directory)': it holds no record of the policies it was built from")
  }

  static func load(named name: String, jobs: Int, read: @Sendable (String) throws -> [UInt8]) throws -> Loaded {
    throw Failure("cannot compare the bundle '\(name)': it holds no record of the policies it was built from")
  }
}
