import FoundationEssentials

/// Why a manifest cannot be used.
package struct ManifestError: Error, Hashable, Sendable {
  /// Lower case, no final period; names the field.
  package let message: String
}

extension Manifest {
  /// Largest manifest that is read, in bytes.
  package static let maximumSize = 256 << 20

  /// Reads and validates: format, names, sizes, digests, and that no file lies outside the bundle.
  package init(json: [UInt8]) throws(ManifestError) {
    guard json.count <= Manifest.maximumSize else {
      throw ManifestError(message: "the manifest has \(json.count) bytes; at most \(Manifest.maximumSize) are read")
    }
    struct Version: Decodable { let format: Int }
    let decoder = JSONDecoder()
    let data = Data(json)
    let format: Int
    do {
      format = try decoder.decode(Version.self, from: data).format
    } catch {
      throw ManifestError(message: "not a manifest: no 'format' number (\(Manifest.brief(error)))")
    }
    guard format == Manifest.currentFormat else {
      throw ManifestError(message: "format \(format); this armorc reads format \(Manifest.currentFormat)")
    }
    do {
      self = try decoder.decode(Manifest.self, from: data)
    } catch {
      throw ManifestError(message: Manifest.brief(error))
    }
    if let defect { throw ManifestError(message: defect) }
  }

  /// What a well-formed manifest may not say, or nil.
  private var defect: String? {
    var names: Set<String> = []
    for subject in subjects {
      guard Manifest.isSafe(subject.name) else { return "subject name '\(subject.name)' is not made of [a-z0-9._-]" }
      guard names.insert(subject.name).inserted else { return "subject '\(subject.name)' stands there twice" }
      guard Manifest.isDigest(subject.meaning) else { return "subject '\(subject.name)': 'meaning' is no SHA-256" }
      var files: Set<String> = []
      for artifact in subject.artifacts {
        let parts = artifact.file.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == subject.name, Manifest.isSafe(String(parts[1])) else {
          return "artifact '\(artifact.file)' is not '\(subject.name)/' and a file name"
        }
        guard files.insert(artifact.file).inserted else { return "artifact '\(artifact.file)' stands there twice" }
        guard artifact.bytes >= 0 else { return "artifact '\(artifact.file)' has a negative size" }
        guard Manifest.isDigest(artifact.sha256) else { return "artifact '\(artifact.file)': 'sha256' is no SHA-256" }
      }
      guard let record = subject.record else { continue }
      guard record.file == subject.name + "/" + PolicyRecord.fileName else {
        return "record '\(record.file)' is not '\(subject.name)/\(PolicyRecord.fileName)'"
      }
      guard !files.contains(record.file) else { return "record '\(record.file)' is an artifact too" }
      guard record.bytes >= 0 else { return "record '\(record.file)' has a negative size" }
      guard Manifest.isDigest(record.sha256) else { return "record '\(record.file)': 'sha256' is no SHA-256" }
    }
    return nil
  }

  /// Whether a name is safe as a file name: `[a-z0-9._-]`, 1 to 120 bytes, no leading dot or dash.
  package static func isSafe(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 120, first != UInt8(ascii: "."), first != UInt8(ascii: "-")
    else { return false }
    return name.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  private static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }

  private static func brief(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? "." + $0.stringValue }.joined()
    }
    return switch error as? DecodingError {
    case .keyNotFound(let key, let context)?: "'\(path(context)).\(key.stringValue)' is missing"
    case .typeMismatch(_, let context)?: "'\(path(context))' has the wrong type"
    case .valueNotFound(_, let context)?: "'\(path(context))' is null"
    case .dataCorrupted(let context)?: context.codingPath.isEmpty ? "it is not JSON" : "'\(path(context))' is malformed"
    default: "it cannot be decoded"
    }
  }
}
