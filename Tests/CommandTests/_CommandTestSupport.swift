import Foundation
import Testing

/// The built command, run as people run it: a process, its exit status and what it wrote.
enum Command {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
    /// Everything it said, for messages of failed expectations.
    var all: String { "status \(status)\n\(output)\(errors)" }
  }

  /// What `timeout` ends with when it had to kill.
  static let killed: Int32 = 137

  /// Beside the test bundle, which is the running program.
  static let path: String = {
    let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(fileURLWithPath: own ?? "").deletingLastPathComponent().appendingPathComponent("armorc").path
  }()

  static let hasParser = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"].contains {
    FileManager.default.isExecutableFile(atPath: $0 + "/apparmor_parser")
  }

  static let hasTerminal = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

  /// Runs armorc in a directory, or `below` it. Whatever takes longer than `seconds` is killed: a hang is a failure, not a
  /// wait.
  static func run(
    _ arguments: [String],
    in directory: Scratch,
    below folder: String = "",
    input: String? = nil,
    environment: [String: String] = [:],
    seconds: Int = 900
  ) async throws -> Outcome {
    try await launch(
      ["/usr/bin/timeout", "--signal=KILL", "\(seconds)", path] + arguments,
      in: directory.url.appendingPathComponent(folder),
      input: input,
      environment: environment
    )
  }

  /// Runs armorc with a terminal as standard output, which `script` provides.
  static func runOnTerminal(
    _ arguments: String,
    in directory: Scratch,
    environment: [String: String]
  ) async throws -> Outcome {
    try await launch(
      ["/usr/bin/script", "-qec", "timeout --signal=KILL 900 '\(path)' \(arguments)", "/dev/null"],
      in: directory.url,
      input: "",
      environment: environment
    )
  }

  private static func launch(
    _ command: [String],
    in directory: URL,
    input: String?,
    environment: [String: String]
  ) async throws -> Outcome {
    // Files instead of pipes: nothing can fill up, and nothing has to be read while the process runs.
    let streams = try Scratch()
    let (output, errors) = (streams.path("output"), streams.path("errors"))
    try streams.write("output", "")
    try streams.write("errors", "")
    try streams.write("input", input ?? "")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = directory
    var variables = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]
    variables.merge(environment) { $1 }
    process.environment = variables
    process.standardInput = try FileHandle(forReadingFrom: streams.url.appendingPathComponent("input"))
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    let status: Int32 = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return Outcome(status: status, output: try streams.text("output"), errors: try streams.text("errors"))
  }
}

/// A directory of one test, removed with it.
final class Scratch: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("armorc-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  func write(_ name: String, _ text: String) throws {
    let file = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  /// Everything in it: path to contents, links and directories marked as such. Equal exactly if nothing changed.
  func tree(without excluded: String? = nil) throws -> [String: String] {
    var result: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: url.path) {
      if let excluded, name == excluded || name.hasPrefix(excluded + "/") { continue }
      let kind = try FileManager.default.attributesOfItem(atPath: path(name))[.type] as? FileAttributeType
      switch kind {
      case .typeDirectory: result[name] = "directory"
      case .typeSymbolicLink:
        result[name] = "link " + (try FileManager.default.destinationOfSymbolicLink(atPath: path(name)))
      case .typeRegular: result[name] = "file " + (try text(name))
      default: result[name] = "other"
      }
    }
    return result
  }

  /// The manifest of the bundle `out`, changed by a closure and written back.
  func editManifest(_ edit: (inout [String: Any]) -> Void) throws {
    let file = url.appendingPathComponent("out/manifest.json")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    var manifest = try #require(object as? [String: Any])
    edit(&manifest)
    try JSONSerialization.data(withJSONObject: manifest).write(to: file)
  }
}

/// Policies that the tests share.
enum Sample {
  static func policy(_ name: String, app: String = "web", _ rules: String) -> String {
    """
    apiVersion: security.kubearmor.com/v1
    kind: KubeArmorPolicy
    metadata:
      name: \(name)
      namespace: shop
    spec:
      selector:
        matchLabels:
          app: \(app)

    """ + rules
  }

  /// Says something, and nothing about which a linter could complain.
  static let clean = policy(
    "no-shadow",
    """
      action: Block
      file:
        matchPaths:
          - path: /etc/shadow

    """
  )

  /// One warning: an annotation that nobody knows.
  static let warned = """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: shop
      annotations:
        kubearmor-file-postures: block
    ---

    """ + clean

  /// One error, on line 12.
  static let broken = policy(
    "typo",
    """
      action: Block
      file:
        matchPath:
          - path: /etc/shadow

    """
  )

  /// A rule that needs the union layout: the first process of the container gets more than the policy says.
  static let looser = policy(
    "one-reader",
    app: "vault",
    """
      file:
        matchDirectories:
          - dir: /etc/keys/
            action: Block
          - dir: /etc/keys/
            readOnly: true
            action: Allow
            fromSource:
              - path: /usr/bin/agent
          - dir: /
            recursive: true
            action: Allow

    """
  )

  /// A host policy whose only rule is for some sources.
  static func host(_ sources: String) -> String {
    """
    apiVersion: security.kubearmor.com/v1
    kind: KubeArmorHostPolicy
    metadata: {name: host}
    spec:
      nodeSelector: {matchLabels: {pool: workers}}
      action: Block
      file: {matchPaths: [{path: /etc/shadow, fromSource: [\(sources)]}]}

    """
  }
}
