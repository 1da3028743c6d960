internal import Glibc

/// Why git did not answer.
package enum GitError: Error, Hashable, Sendable {
  case notInstalled
  /// The current directory belongs to no repository that git would read; git's reason.
  case noRepository(String)
  /// What armorc asked for, and git's or the system's reason.
  case failed(String, reason: String)
  /// An object has more bytes than asked for; its index among those asked for.
  case tooLarge(index: Int, bytes: Int)
  /// A partial or shallow clone does not have the object; its index among those asked for.
  case missing(index: Int)
}

/// The repository of the current directory, as far as its objects and its index go. Nothing is ever written: no checkout,
/// no refreshed index, no hook.
package struct GitRepository: Sendable {
  /// Path of the current directory from the top of the work tree: empty or ending in a slash.
  package let prefix: String
  package let hasWorkTree: Bool
  private let program: String
  private let environment: [String]

  private static let timeout = Duration.seconds(300)
  /// Most bytes of one answer that is kept whole.
  private static let answerLimit = 1 << 20

  /// Finds the repository as git itself does.
  package static func discover() throws(GitError) -> GitRepository {
    guard let program = Program.path(of: "git", further: []) else { throw .notInstalled }
    let environment = Self.environment
    let bare = GitRepository(prefix: "", hasWorkTree: false, program: program, environment: environment)
    let result = try bare.run(["rev-parse", "--is-inside-work-tree", "--show-prefix"])
    guard result.ending == .exited(0) else { throw .noRepository(GitRepository.reason(result)) }
    // "true", a line break, the prefix, which may hold further line breaks, and a line break.
    let text = String(decoding: result.output, as: UTF8.self)
    let end = text.firstIndex(of: "\n") ?? text.endIndex
    let prefix = text[end...].dropFirst().dropLast()
    return GitRepository(
      prefix: String(prefix),
      hasWorkTree: text[..<end] == "true",
      program: program,
      environment: environment
    )
  }

  private init(prefix: String, hasWorkTree: Bool, program: String, environment: [String]) {
    self.prefix = prefix
    self.hasWorkTree = hasWorkTree
    self.program = program
    self.environment = environment
  }

  /// The tree that a revision names; nil if there is no such revision.
  package func tree(of revision: String) throws(GitError) -> String? {
    try resolved(revision + "^{tree}", of: revision)
  }

  /// Where two histories met; nil if they never did, or one of the two is no revision.
  package func mergeBase(_ a: String, _ b: String) throws(GitError) -> String? {
    guard let first = try resolved(a + "^{commit}", of: a), let second = try resolved(b + "^{commit}", of: b) else {
      return nil
    }
    let result = try run(["merge-base", first, second])
    return result.ending == .exited(0) ? GitRepository.line(result.output) : nil
  }

  /// What stands at a path of a tree; nil if nothing does. The path has plain components between slashes.
  package func entry(_ path: String, in tree: String) throws(GitError) -> GitEntry? {
    if path.isEmpty { return GitEntry(kind: .directory, path: "", id: tree) }
    var found: GitEntry?
    try records(["ls-tree", "-z", "--full-tree", tree, path]) { record in
      found = GitEntry(treeRecord: record)
      return true
    }
    return found?.path == path ? found : nil
  }

  /// Every entry below a tree that `keep` wants by its path, directories aside; paths are those inside the tree.
  package func entries(below tree: String, keep: (GitEntry) -> Bool) throws(GitError) -> [GitEntry] {
    var found: [GitEntry] = []
    try records(["ls-tree", "-r", "-z", "--full-tree", tree]) { record in
      guard let entry = GitEntry(treeRecord: record) else { return false }
      if keep(entry) { found.append(entry) }
      return true
    }
    return found
  }

  /// Every entry of the index that `keep` wants; paths are those from the top of the work tree.
  package func indexEntries(keep: (GitEntry) -> Bool) throws(GitError) -> [GitEntry] {
    var found: [GitEntry] = []
    try records(["-C", try topLevel(), "ls-files", "--stage", "-z", "--full-name"]) { record in
      guard let entry = GitEntry(indexRecord: record) else { return false }
      if keep(entry) { found.append(entry) }
      return true
    }
    return found
  }

  /// The absolute path of the work tree, links resolved.
  package func topLevel() throws(GitError) -> String {
    let result = try run(["rev-parse", "--show-toplevel"])
    guard result.ending == .exited(0), let line = GitRepository.line(result.output), line.hasPrefix("/") else {
      throw .failed("the top of the work tree", reason: GitRepository.reason(result))
    }
    return line
  }

  /// The bytes of objects, in the order of their ids.
  /// - Throws: `.tooLarge` and `.missing`, for the first object of which it is true.
  package func contents(of ids: [String], limit: Int) throws(GitError) -> [[UInt8]] {
    guard !ids.isEmpty else { return [] }
    var reader = BatchReader(limit: limit)
    let result = try run(
      ["cat-file", "--batch"],
      input: Array(ids.joined(separator: "\n").utf8) + [UInt8(ascii: "\n")],
      receiver: { reader.take($0) }
    )
    if let problem = reader.problem { throw problem }
    guard result.ending == .exited(0), reader.isAtEnd, reader.contents.count == ids.count else {
      throw .failed("the contents of \(ids.count) objects", reason: GitRepository.reason(result))
    }
    return reader.contents
  }

  // MARK: Running git

  private func resolved(_ expression: String, of revision: String) throws(GitError) -> String? {
    guard !revision.isEmpty, !revision.hasPrefix("-"), !revision.utf8.contains(0) else { return nil }
    let result = try run(["rev-parse", "--verify", "--quiet", expression])
    guard result.ending == .exited(0), let line = GitRepository.line(result.output), GitEntry.isID(line.utf8) else {
      return nil
    }
    return line
  }

  /// Hands over what lies between NULs. `body` returns false for what git would not write.
  private func records(_ arguments: [String], _ body: (ArraySlice<UInt8>) -> Bool) throws(GitError) {
    var rest: [UInt8] = []
    var isSound = true
    let result = try withoutActuallyEscaping(body) { (body) throws(GitError) in
      try run(
        arguments,
        receiver: { chunk in
          rest += chunk
          var start = 0
          while isSound, let end = rest[start...].firstIndex(of: 0) {
            isSound = body(rest[start..<end])
            start = end + 1
          }
          rest.removeFirst(start)
          return isSound
        }
      )
    }
    guard result.ending == .exited(0), isSound, rest.isEmpty else {
      throw .failed("a list of files", reason: GitRepository.reason(result))
    }
  }

  private func run(
    _ arguments: [String],
    input: [UInt8] = [],
    receiver: ChildProcess.Receiver? = nil
  ) throws(GitError) -> ChildProcess.Result {
    let fixed = ["--no-pager", "--no-optional-locks", "--literal-pathspecs", "-c", "core.fsmonitor=false"]
    do throws(SystemError) {
      return try ChildProcess.run(
        program,
        fixed + arguments,
        environment: environment,
        input: input,
        further: [],
        temporaryDirectory: Program.temporaryDirectory,
        limits: ChildProcess.Limits(timeout: GitRepository.timeout, output: GitRepository.answerLimit),
        receiver: receiver
      )
    } catch {
      throw .failed("git \(arguments.first ?? "")", reason: "\(error.call): error \(error.number)")
    }
  }

  /// What git reads of the environment to find repositories, objects and its settings; nothing that makes it write
  /// (traces), ask (prompts) or start other programs (pagers, editors).
  private static var environment: [String] {
    let names =
      ["HOME", "PATH", "TMPDIR", "USER", "LOGNAME", "SUDO_UID", "XDG_CONFIG_HOME", "GIT_DIR", "GIT_WORK_TREE"]
      + ["GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"]
      + ["GIT_QUARANTINE_PATH", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"]
      + ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT"]
    var result = ["LC_ALL=C", "GIT_TERMINAL_PROMPT=0"]
    let count = Program.variable("GIT_CONFIG_COUNT").flatMap { Int($0) } ?? 0
    let pairs = (0..<min(max(0, count), 256)).flatMap { ["GIT_CONFIG_KEY_\($0)", "GIT_CONFIG_VALUE_\($0)"] }
    for name in names + pairs {
      if let value = Program.variable(name) { result.append("\(name)=\(value)") }
    }
    return result
  }

  private static func line(_ output: [UInt8]) -> String? {
    guard output.last == UInt8(ascii: "\n") else { return nil }
    return String(decoding: output.dropLast(), as: UTF8.self)
  }

  /// Why a run failed, on one line.
  private static func reason(_ result: ChildProcess.Result) -> String {
    switch result.ending {
    case .timedOut: return "git took more than \(timeout.components.seconds) s"
    case .outputTooLong: return "git wrote more than \(answerLimit) bytes"
    case .stopped: return "git wrote what it never writes"
    case .killed(let signal): return "git was killed by signal \(signal)"
    case .exited(let status):
      let lines = String(decoding: result.errors, as: UTF8.self).split(separator: "\n")
      guard let line = lines.first(where: { $0.hasPrefix("fatal: ") || $0.hasPrefix("error: ") }) ?? lines.first else {
        return "git ended with \(status)"
      }
      return String(line.hasPrefix("fatal: ") || line.hasPrefix("error: ") ? line.dropFirst(7) : line)
    }
  }
}
