import Bundle
import IR
import Runtime

/// A bundle as one side of a comparison: the policies as they were built, without the files they came from.
enum BundleSide {
  struct Loaded: Sendable {
    let manifest: Manifest
    /// As they were built, in order of name.
    let subjects: [SubjectPolicy]
    let side: PolicySide
    /// The contents of a file by its path inside the bundle.
    fileprivate let read: @Sendable (String) throws -> [UInt8]
    fileprivate let built: [Subject: SubjectPolicy]
    /// By subject name.
    fileprivate let artifacts: [String: Manifest.Artifact]
    fileprivate let images: [String: Manifest.Artifact]

    fileprivate init(
      _ manifest: Manifest,
      _ subjects: [SubjectPolicy],
      _ side: PolicySide,
      read: @escaping @Sendable (String) throws -> [UInt8]
    ) {
      self.manifest = manifest
      self.subjects = subjects.sorted { $0.name < $1.name }
      self.side = side
      self.read = read
      built = Dictionary(self.subjects.map { ($0.subject, $0) }) { first, _ in first }
      func first(_ target: String) -> [String: Manifest.Artifact] {
        let entries = manifest.subjects.compactMap { entry in
          entry.artifacts.first { $0.target == target }.map { (entry.name, $0) }
        }
        return Dictionary(entries) { first, _ in first }
      }
      artifacts = first("apparmor")
      images = first("bpf")
    }
  }

  /// AppArmor's profiles of one subject as they lie in a bundle.
  struct Profiles: Sendable {
    let text: [UInt8]
    /// The profile that a runtime enters.
    let enter: String
  }

  /// Whether a directory holds the manifest of a bundle, sound or not.
  static func isBundle(_ directory: String) -> Bool {
    let path = directory + "/" + Manifest.fileName
    guard FileAccess.kind(of: path) == .file, let bytes = try? FileAccess.read(path, limit: Manifest.maximumSize) else {
      return false
    }
    return isManifest(bytes)
  }

  /// Whether a text is meant to be a bundle's manifest: many programs keep a file of that name.
  static func isManifest(_ bytes: [UInt8]) -> Bool {
    ["\"compiler\"", "\"subjects\"", "\"meaning\""].allSatisfy { bytes.firstRange(of: Array($0.utf8)) != nil }
      || (try? Manifest(json: bytes)) != nil
  }

  /// Reads every policy record of a bundle, which must be the one that its manifest gives the digest of.
  /// - Throws: `Failure` with everything that is wrong with it, file by file.
  static func load(_ directory: String, jobs: Int) throws -> Loaded {
    try load(named: directory, jobs: jobs) { file in
      do throws(FileError) {
        return try FileAccess.read(directory + "/" + file, limit: Manifest.maximumSize)
      } catch {
        throw Failure("\(error)")
      }
    }
  }

  /// The same for a bundle that lies elsewhere than in a directory: `read` gives a file by its path inside the bundle, and
  /// `name` is what messages call the bundle.
  /// - Throws: `Failure` as above.
  static func load(
    named name: String,
    jobs: Int,
    read: @escaping @Sendable (String) throws -> [UInt8]
  ) throws -> Loaded {
    let manifest: Manifest
    do {
      manifest = try Manifest(json: try read(Manifest.fileName))
    } catch let error as ManifestError {
      throw Failure("'\(name)/\(Manifest.fileName)': \(error.message)")
    }
    let results = parallelMap(manifest.subjects, jobs: jobs) { entry -> Result<SubjectPolicy, Failure> in
      do {
        return .success(try subject(entry, named: name, read: read))
      } catch {
        return .failure(error as? Failure ?? Failure("\(error)"))
      }
    }
    var subjects: [SubjectPolicy] = []
    var failures: [String] = []
    for result in results {
      switch result {
      case .success(let subject): subjects.append(subject)
      case .failure(let failure): failures.append(failure.message)
      }
    }
    guard failures.isEmpty else { throw Failure(failures.joined(separator: "\narmorc: ")) }
    do throws(RecordSide.Contradiction) {
      let side = try RecordSide.side(subjects, options: manifest.options)
      return Loaded(manifest, subjects, side, read: read)
    } catch {
      throw Failure(error.problems.map { "'\(name)': \($0)" }.joined(separator: "\narmorc: "))
    }
  }

  /// What a record says of a subject of the manifest.
  static func subject(
    _ entry: Manifest.Subject,
    named name: String,
    read: (String) throws -> [UInt8]
  ) throws -> SubjectPolicy {
    guard let record = entry.record else {
      throw Failure("'\(name)' does not say what '\(entry.name)' was built from; build it anew")
    }
    let text = try read(record.file)
    guard text.count == record.bytes, sha256(text) == record.sha256 else {
      throw Failure("'\(name)/\(record.file)' is not the file that was built: its SHA-256 differs")
    }
    let subject: SubjectPolicy
    do throws(PolicyRecordError) {
      subject = try PolicyRecord.subject(json: text)
    } catch {
      var lines = error.problems.map { problem in
        let place = problem.line == 0 ? "" : ":\(problem.line):\(problem.column)"
        return "\(name)/\(record.file)\(place): \(problem.message)"
      }
      if error.hasMore { lines.append("\(name)/\(record.file): and more") }
      throw Failure(lines.joined(separator: "\narmorc: "))
    }
    guard subject.name == entry.name else {
      throw Failure("'\(name)/\(record.file)' is of '\(subject.name)', not of '\(entry.name)'")
    }
    return subject
  }
}

extension BundleSide.Loaded {
  /// The floor of its profiles.
  var floor: String { manifest.options.floor }

  /// The profiles that were built for a subject; nil if none were, or for other policies.
  /// - Throws: `Failure` when they cannot be read or are not those that were built.
  func profiles(of subject: SubjectPolicy) throws -> BundleSide.Profiles? {
    try file(of: subject, artifacts).map { BundleSide.Profiles(text: $0.bytes, enter: $0.artifact.enter) }
  }

  /// The map image that was built for a subject, likewise.
  func image(of subject: SubjectPolicy) throws -> [UInt8]? { try file(of: subject, images)?.bytes }

  var hasImages: Bool { !images.isEmpty }

  /// The map image of what has the same policies, postures and visibility: a workload as a record names it is none of the
  /// bundle's subjects, and decided as one of them.
  /// - Throws: as `profiles(of:)`, and if there is no such image.
  func image(like subject: SubjectPolicy) throws -> [UInt8] {
    if let bytes = try image(of: subject) { return bytes }
    let alike = subjects.first {
      $0.policies == subject.policies && $0.postures == subject.postures && $0.base == subject.base
        && $0.visibility == subject.visibility
    }
    guard let alike, let bytes = try image(of: alike) else {
      throw Failure("the bundle holds no map image for its policies and postures")
    }
    return bytes
  }

  private func file(
    of subject: SubjectPolicy,
    _ artifacts: [String: Manifest.Artifact]
  ) throws -> (artifact: Manifest.Artifact, bytes: [UInt8])? {
    guard let built = built[subject.subject], built.policies == subject.policies,
      built.postures == subject.postures, built.base == subject.base, let artifact = artifacts[built.name]
    else { return nil }
    let bytes = try read(artifact.file)
    guard bytes.count == artifact.bytes, sha256(bytes) == artifact.sha256 else {
      throw Failure("'\(artifact.file)' is not the file that was built: its SHA-256 differs")
    }
    return (artifact, bytes)
  }
}
