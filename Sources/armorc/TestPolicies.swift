import Analysis
import Diagnostics
import Frontend
import IR
import Runtime

/// One set of policies that tests speak of, loaded once however many files of tests name it.
struct TestPolicies: Sendable {
  /// As read, file 0 being a place for the file of tests.
  let files: [FileResult]
  let loaded: LoadResult
  let index: SpanIndex
  let side: PolicySide
  let finder: SubjectFinder
  /// What keeps the tests from being run.
  let errors: [Diagnostic]

  init(_ files: [(name: String, bytes: [UInt8])], _ options: PolicyOptions) {
    struct Input: Sendable {
      let name: String
      let bytes: [UInt8]
      let index: Int
    }
    let inputs = files.enumerated().map { Input(name: $1.name, bytes: $1.bytes, index: $0 + 1) }
    self.files = parallelMap(inputs, jobs: options.jobCount) {
      Frontend.read(name: $0.name, bytes: $0.bytes, index: $0.index)
    }
    let place = Frontend.read(name: "", bytes: [], index: 0)
    loaded = Frontend.join([place] + self.files)
    // In a cluster one of two policies of one name replaces the other; which one that is no file says.
    errors = loaded.diagnostics.filter {
      $0.severity == .error || $0.code == FrontendCode.duplicatePolicy.rawValue
    }
    index = SpanIndex(loaded)
    side = PolicySide(
      policies: errors.isEmpty ? loaded.policies.map(\.policy) : [],
      context: loaded.clusterContext(postures: options.postures),
      base: options.base?.list
    )
    finder = SubjectFinder(side)
  }

  /// All files with a file of tests in front, for findings that point at both.
  func sourceMap(_ tests: SourceFile) -> SourceMap { SourceMap([tests] + files.map(\.file)) }
}

/// Finds the files that a file of tests means.
enum TestPolicyPaths {
  /// `path` seen from the directory of `file`; `-` stands in the current one.
  static func resolve(_ path: String, from file: String) -> String {
    if path.hasPrefix("/") { return path }
    let directory = directory(of: file)
    if path == "." { return directory }
    let joined = directory == "." ? path : directory + (directory.hasSuffix("/") ? "" : "/") + path
    // `a/../b` is shown, and compared with what other files name, as `b`, where that is the same file.
    let short = shortened(joined)
    return FileAccess.identity(of: short) == FileAccess.identity(of: joined) ? short : joined
  }

  /// Without `.`, and without `..` wherever a name stands before it.
  private static func shortened(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    let text = (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    return text.isEmpty ? "." : text
  }

  static func directory(of file: String) -> String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }

  /// `path` as it is written in a file of `directory`; both relative to the current directory, or both absolute.
  static func relative(_ path: String, to directory: String) -> String? {
    func parts(_ text: String) -> [Substring]? {
      var result: [Substring] = []
      for part in text.split(separator: "/") where part != "." {
        if part == ".." { return nil }
        result.append(part)
      }
      return result
    }
    guard path.hasPrefix("/") == directory.hasPrefix("/"), let there = parts(path), let here = parts(directory) else {
      return nil
    }
    var common = 0
    while common < min(there.count, here.count), there[common] == here[common] { common += 1 }
    let up = [Substring](repeating: "..", count: here.count - common)
    let result = (up + there[common...]).joined(separator: "/")
    return result.isEmpty ? "." : result
  }
}
