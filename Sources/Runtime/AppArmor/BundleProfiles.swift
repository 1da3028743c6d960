internal import Bundle
internal import Dispatch
internal import FoundationEssentials
internal import Synchronization

/// The AppArmor profiles of a bundle, all compiled.
struct BundleProfiles: Sendable {
  static let target = "apparmor"

  struct Subject: Sendable {
    let name: String
    /// The profile that a process enters.
    let enter: String
    /// All of its profiles, without children of profiles.
    let profiles: [String]
    let binary: [UInt8]
  }

  let manifest: Manifest
  /// The text of the manifest, as it stands there.
  let manifestBytes: [UInt8]
  /// In the order of the manifest.
  let subjects: [Subject]
  /// Files for the generation that tell which containers the subjects are.
  let identities: [(path: String, bytes: [UInt8])]

  /// What the kernel is given.
  var blob: [UInt8] { subjects.flatMap(\.binary) }

  /// Reads a directory that `build` wrote and compiles it.
  /// - Throws: `NodeError` that names everything that does not compile.
  init(directory: String, parser: AppArmorParser) throws(NodeError) {
    let path = directory + "/" + Manifest.fileName
    do throws(FileError) {
      manifestBytes = try FileAccess.read(path, limit: Manifest.maximumSize)
    } catch {
      throw NodeError(error)
    }
    do throws(ManifestError) {
      manifest = try Manifest(json: manifestBytes)
    } catch {
      throw NodeError("'\(path)': \(error.message)")
    }
    let entries = manifest.subjects
    let results = Mutex([Result<Subject, NodeError>?](repeating: nil, count: entries.count))
    DispatchQueue.concurrentPerform(iterations: entries.count) { index in
      let result = Result { () throws(NodeError) in
        try BundleProfiles.compile(entries[index], in: directory, parser)
      }
      results.withLock { $0[index] = result }
    }
    var subjects: [Subject] = []
    var problems: [String] = []
    var owner: [String: String] = [:]
    for case let result? in results.withLock({ $0 }) {
      switch result {
      case .success(let subject):
        subjects.append(subject)
        for name in subject.profiles {
          if let other = owner.updateValue(subject.name, forKey: name) {
            problems.append("profile '\(name)' stands in '\(other)' and in '\(subject.name)'")
          }
        }
      case .failure(let error): problems.append(error.description)
      }
    }
    if let first = problems.first {
      let rest = problems.dropFirst()
      throw NodeError(
        first + (rest.isEmpty ? "" : "; \(rest.count) more below") + "; nothing was changed",
        log: rest.joined(separator: "\n")
      )
    }
    self.subjects = subjects
    identities = try SubjectIdentities.files(of: manifest, in: directory)
  }

  private static func compile(_ subject: Manifest.Subject, in directory: String, _ parser: AppArmorParser)
    throws(NodeError) -> Subject
  {
    guard let artifact = subject.artifacts.first(where: { $0.target == target }) else {
      throw NodeError("subject '\(subject.name)' has no profile; build the bundle with --target apparmor")
    }
    let path = directory + "/" + artifact.file
    let text: [UInt8]
    do throws(FileError) {
      text = try FileAccess.read(path, limit: Manifest.maximumSize)
    } catch {
      throw NodeError(error)
    }
    guard text.count == artifact.bytes, sha256(text) == artifact.sha256 else {
      throw NodeError("'\(path)' is not the file that was built: its size or SHA-256 differs from the manifest's")
    }
    let binary: [UInt8]
    let names: [String]
    do throws(ParserFailure) {
      binary = try parser.compile(text)
      names = try parser.names(in: text).filter { $0.firstRange(of: "//") == nil }
    } catch {
      throw NodeError("'\(path)'\(words(error))")
    }
    guard names.contains(artifact.enter) else {
      throw NodeError("'\(path)' holds no profile '\(artifact.enter)', which the manifest says is to be entered")
    }
    // Whatever a bundle holds, it takes no other's profile away.
    if let foreign = names.first(where: { !$0.hasPrefix(AppArmorEnforcer.prefix) }) {
      throw NodeError(
        "'\(path)' holds profile '\(foreign)', whose name does not begin with '\(AppArmorEnforcer.prefix)'"
      )
    }
    return Subject(name: subject.name, enter: artifact.enter, profiles: names, binary: binary)
  }

  private static func words(_ failure: ParserFailure) -> String {
    switch failure {
    case .refused(let messages):
      let first = messages.first
      return (first?.line.map { ":\($0)" } ?? "") + ": apparmor_parser: \(first?.text ?? "refused it")"
    case .timedOut(let time): return ": apparmor_parser did not end within \(time)"
    case .outputTooLong: return ": apparmor_parser wrote more than \(AppArmorParser.outputLimit) bytes"
    case .crashed(let signal): return ": apparmor_parser was killed by signal \(signal)"
    case .system(let error): return ": cannot run apparmor_parser: \(error)"
    }
  }
}

/// `profiles.json` of a generation: what was given to the kernel.
struct LoadedProfiles: Codable, Hashable, Sendable {
  static let fileName = "profiles.json"
  static let blobName = "profiles.bin"

  struct Subject: Codable, Hashable, Sendable {
    var name: String
    var enter: String
    var profiles: [String]
  }
  var subjects: [Subject]
  /// Of `profiles.bin`, as kernels from 6.8 and before state them.
  var sha256: String
  var sha1: String

  init(_ subjects: [Subject], blob: [UInt8]) {
    self.subjects = subjects
    sha256 = Bundle.sha256(blob)
    sha1 = Bundle.sha1(blob)
  }

  var names: Set<String> { Set(subjects.flatMap(\.profiles)) }

  func isBlob(_ digest: String) -> Bool { digest == sha256 || digest == sha1 }

  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A value of strings always encodes.
    return ((try? encoder.encode(self)).map { Array($0) } ?? []) + [UInt8(ascii: "\n")]
  }

  static func read(_ directory: String) throws(NodeError) -> LoadedProfiles {
    let path = directory + "/" + fileName
    do {
      return try JSONDecoder().decode(
        LoadedProfiles.self,
        from: Data(try FileAccess.read(path, limit: Manifest.maximumSize))
      )
    } catch let error as FileError {
      throw NodeError(error)
    } catch {
      throw NodeError("'\(path)' is not what armorc writes")
    }
  }

  /// The bytes that were given to the kernel, which are those of the load.
  func blob(_ directory: String) throws(NodeError) -> [UInt8] {
    let path = directory + "/" + LoadedProfiles.blobName
    do throws(FileError) {
      let bytes = try FileAccess.read(path, limit: 1 << 31)
      guard Bundle.sha256(bytes) == sha256 else {
        throw FileError("use", path, reason: "its SHA-256 is not that of the load")
      }
      return bytes
    } catch {
      throw NodeError(error)
    }
  }
}
