import Frontend
import Runtime

/// The files that the PATH arguments of a command stand for.
struct InputFiles {
  /// Names as the user would write them, sorted bytewise, without repeats; `-` is standard input.
  let names: [String]

  /// Largest file that is read, in bytes. The front end has its own, smaller limits and words.
  static let maximumSize = 64 << 20
  /// Most files of one run.
  static let maximumCount = 2_000_000
  /// Deepest directory below a PATH.
  static let maximumDepth = 64

  init(_ paths: [String]) throws {
    var found: Set<String> = []
    var visited: Set<FileAccess.Identity> = []
    // Sorted, so that the order of the arguments never decides under which name a directory is entered.
    for path in Set(paths).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      switch path == "-" ? .file : FileAccess.kind(of: path) {
      case .file: found.insert(path)
      case .directory: try InputFiles.collect(path, depth: 0, visited: &visited, into: &found)
      case .other: throw Failure("cannot read '\(path)': neither a file nor a directory")
      case .missing: throw Failure("cannot read '\(path)': no such file or directory")
      }
    }
    guard found.count <= InputFiles.maximumCount else {
      throw Failure("more than \(InputFiles.maximumCount) files; give fewer directories")
    }
    names = found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Enters every directory once, however many links lead to it: two links upwards would make 2^40 paths.
  private static func collect(
    _ directory: String,
    depth: Int,
    visited: inout Set<FileAccess.Identity>,
    into found: inout Set<String>
  ) throws {
    guard depth < maximumDepth else {
      throw Failure("'\(directory)' lies more than \(maximumDepth) directories deep")
    }
    if let identity = FileAccess.identity(of: directory), !visited.insert(identity).inserted { return }
    let entries: [String]
    do { entries = try FileAccess.entries(of: directory) } catch { throw Failure("\(error)") }
    for name in entries where !name.hasPrefix(".") {
      let path = directory.hasSuffix("/") ? directory + name : directory + "/" + name
      switch FileAccess.kind(of: path) {
      case .directory: try collect(path, depth: depth + 1, visited: &visited, into: &found)
      // A pipe, or a link to nowhere, fails when it is read: what is called a policy is not passed over in silence.
      case .file, .other, .missing: if isPolicyName(name) { found.insert(path) }
      }
    }
  }

  /// Whether a file in a directory is looked into; one that is named as a PATH always is.
  static func isPolicyName(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }

  /// The bytes of every file, in the order of `names`. Files of tests are passed over unless they are wanted, or hold what
  /// would be lost without a word.
  func read(jobs: Int, tests: TestFileMode = .passOver) throws -> [(name: String, bytes: [UInt8])] {
    let results = parallelMap(names, jobs: jobs) { name -> Swift.Result<[UInt8], FileError> in
      do throws(FileError) {
        return .success(
          name == "-"
            ? try FileAccess.readStandardInput(limit: InputFiles.maximumSize)
            : try FileAccess.read(name, limit: InputFiles.maximumSize)
        )
      } catch {
        return .failure(error)
      }
    }
    var files: [(name: String, bytes: [UInt8])] = []
    var failures: [String] = []
    for (name, result) in zip(names, results) {
      switch result {
      case .success(let bytes):
        let isTest = TestFileName.matches(name)
        if !isTest || tests == .read || Frontend.holdsObjects(bytes) { files.append((name: name, bytes: bytes)) }
      case .failure(let error): failures.append("\(error)")
      }
    }
    guard failures.isEmpty else { throw Failure(failures.joined(separator: "\narmorc: ")) }
    return files
  }
}
