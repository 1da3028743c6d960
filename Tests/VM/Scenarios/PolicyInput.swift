import Diagnostics
import Frontend
import IR
import Runtime

/// Policies and context from files, as `armorc build` reads them.
enum PolicyInput {
  /// Most bytes of one file.
  private static let limit = 16 << 20

  /// The subjects of all YAML files of `paths` (directories are searched), with the base list that `examples/README.md`
  /// builds with.
  /// - Throws: `JudgeError` naming every error.
  static func subjects(_ paths: [String]) throws -> [SubjectPolicy] {
    try subjects(try paths.flatMap(files).map { ($0, try FileAccess.read($0, limit: limit)) }, base: BaseList.runtimeV1)
  }

  /// The subjects of texts.
  static func subjects(_ sources: [(name: String, bytes: [UInt8])], base: BaseList?) throws -> [SubjectPolicy] {
    let loaded = Frontend.load(sources: sources)
    guard !loaded.hasErrors else {
      let errors = loaded.diagnostics.filter { $0.severity == .error }
      throw JudgeError(description: errors.map { "\($0.code): \($0.message)" }.joined(separator: "\n"))
    }
    let resolution = Resolution(
      policies: loaded.policies.map(\.policy),
      context: loaded.clusterContext(),
      base: base
    )
    if let policy = resolution.unmatched.first {
      throw JudgeError(description: "policy '\(policy)' matches no workload or node")
    }
    return resolution.subjects
  }

  private static func files(_ path: String) throws -> [String] {
    switch FileAccess.kind(of: path) {
    case .file: return [path]
    case .directory:
      return try FileAccess.entries(of: path).sorted().flatMap { name -> [String] in
        let entry = path + "/" + name
        let isPolicy = name.hasSuffix(".yaml") || FileAccess.kind(of: entry) == .directory
        return isPolicy ? try files(entry) : []
      }
    case .other, .missing: throw JudgeError(description: "'\(path)' is no file or directory")
    }
  }
}
