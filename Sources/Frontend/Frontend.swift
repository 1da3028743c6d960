package import Diagnostics
import IR

/// What all files of a run hold, joined in the order in which they were given.
package struct LoadResult: Sendable {
  package let sourceMap: SourceMap
  /// In file and document order, those with errors included (`Policy.isIncomplete`).
  package let policies: [LoadedPolicy]
  package let context: ManifestContext
  /// Documents of files of tests, by file.
  package let tests: [(file: FileID, tests: LoadedTests)]
  /// In order of file, offset and code.
  package let diagnostics: [Diagnostic]

  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

/// YAML text to policies and context. Pure: the caller reads the files.
package enum Frontend {
  /// Reads one file; a function of its arguments alone, so files can be read on many threads.
  /// `index` is the position of the file in the run, from 0; `join` wants the results in this order.
  /// A file named as one of tests holds no policies.
  package static func read(
    name: String,
    bytes: [UInt8],
    index: Int,
    limits: Limits = Limits(),
    tests: TestFileMode = .passOver
  ) -> FileResult {
    let source = SourceFile(name: name, bytes: bytes)
    return TestFileName.matches(name)
      ? FileReader.readTests(source, FileID(index: index), limits, tests)
      : FileReader.read(source, FileID(index: index), limits)
  }

  /// Whether a file of tests holds what does not belong there, so that a command may not pass over it.
  package static func holdsObjects(_ bytes: [UInt8]) -> Bool {
    let source = SourceFile(name: "", bytes: bytes)
    return !FileReader.readTests(source, FileID(index: 0), Limits(), .passOver).diagnostics.isEmpty
  }

  /// Reads a file of tests, whatever its name.
  package static func readTests(name: String, bytes: [UInt8], index: Int, limits: Limits = Limits()) -> FileResult {
    FileReader.readTests(SourceFile(name: name, bytes: bytes), FileID(index: index), limits, .read)
  }

  /// Joins the results of all files, given in order of the index that `read` got.
  package static func join(_ results: [FileResult]) -> LoadResult {
    join(results, in: SourceMap(results.map(\.file)))
  }

  /// Joins some of the files that `read` was given: their indices are places in `map`. So one file can belong to several
  /// sets and is read once.
  package static func join(_ results: [FileResult], in map: SourceMap) -> LoadResult {
    let policies = results.flatMap(\.policies)
    var diagnostics = results.flatMap(\.diagnostics)
    let context = ContextJoin.join(results.map(\.context), &diagnostics)
    reportDuplicates(policies, &diagnostics)
    return LoadResult(
      sourceMap: map,
      policies: policies,
      context: context,
      tests: results.enumerated().flatMap { index, result in
        result.tests.map { (file: FileID(index: index), tests: $0) }
      },
      diagnostics: diagnostics.inOrder()
    )
  }

  /// Reads all files, one after the other.
  package static func load(sources: [(name: String, bytes: [UInt8])], limits: Limits = Limits()) -> LoadResult {
    join(
      sources.enumerated().map { index, source in
        read(name: source.name, bytes: source.bytes, index: index, limits: limits)
      }
    )
  }

  /// In a cluster the later of two policies of one name replaces the earlier; which one that is no file says.
  private static func reportDuplicates(_ policies: [LoadedPolicy], _ diagnostics: inout [Diagnostic]) {
    var first: [PolicyID: LoadedPolicy] = [:]
    for policy in policies where !policy.policy.id.name.isEmpty {
      guard let earlier = first[policy.policy.id] else {
        first[policy.policy.id] = policy
        continue
      }
      diagnostics.append(
        Diagnostic(
          FrontendCode.duplicatePolicy.rawValue,
          .warning,
          "\(policy.policy.id.kind.rawValue) '\(policy.policy.id)' is defined twice",
          at: policy.spans.name,
          labels: [Label(earlier.spans.name, "first defined here")],
          notes: ["in a cluster the one applied last replaces the other; 'build' takes neither"]
        )
      )
    }
  }
}
