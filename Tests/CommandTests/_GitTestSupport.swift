import Foundation
import Testing

/// git, for repositories that tests make.
enum Git {
  static let path = ["/usr/bin/git", "/bin/git", "/usr/local/bin/git"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Identity and time are fixed and no configuration of the machine is read, so commits are the same everywhere.
  static let environment = [
    "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
  ]

  /// Runs git in a directory and gives back what it wrote.
  @discardableResult static func run(_ arguments: [String], in directory: Scratch) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(path))
    process.arguments = ["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"] + arguments
    process.currentDirectoryURL = directory.url
    process.environment = environment
    // A file instead of a pipe: nothing can fill up.
    let streams = try Scratch()
    try streams.write("output", "")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: streams.path("output"))
    process.standardError = FileHandle(forWritingAtPath: streams.path("output"))
    try process.run()
    process.waitUntilExit()
    let output = try streams.text("output")
    try #require(process.terminationStatus == 0, "git \(arguments): \(output)")
    return output
  }

  /// A repository whose first commit holds these files.
  static func repository(_ files: [String: String]) throws -> Scratch {
    let scratch = try Scratch()
    try run(["init", "--quiet"], in: scratch)
    for (name, text) in files { try scratch.write(name, text) }
    try commit("first", in: scratch)
    return scratch
  }

  static func commit(_ message: String, in repository: Scratch) throws {
    try run(["add", "--all"], in: repository)
    try run(["commit", "--quiet", "--allow-empty", "--message", message], in: repository)
  }
}

/// The files of `examples/`, by their paths from the top of the repository.
enum Examples {
  static let files: [String: String] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var files: [String: String] = [:]
    for folder in ["cluster", "policies"] {
      let url = root.appendingPathComponent("examples/\(folder)")
      for name in (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [] where name.hasSuffix(".yaml") {
        let data = try? Data(contentsOf: url.appendingPathComponent(name))
        files["examples/\(folder)/\(name)"] = String(decoding: data ?? Data(), as: UTF8.self)
      }
    }
    return files
  }()
}
