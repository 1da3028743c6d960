internal import Bundle
package import IR

/// Which containers the subjects of a generation are: `<subject>/subject.json`, the bundle's policy record without
/// policies.
package struct SubjectIdentities: Sendable {
  static let fileName = "subject.json"

  /// Sorted by name.
  package let subjects: [(name: String, subject: Subject)]

  package init(_ subjects: [(name: String, subject: Subject)]) {
    self.subjects = subjects.sorted { $0.name < $1.name }
  }

  /// The files for a generation. A subject whose bundle has no record has none: it is chosen by name alone.
  static func files(of manifest: Manifest, in directory: String) throws(NodeError) -> [(path: String, bytes: [UInt8])] {
    var files: [(path: String, bytes: [UInt8])] = []
    for subject in manifest.subjects {
      guard let record = subject.record else { continue }
      let path = directory + "/" + record.file
      do {
        let bytes = try FileAccess.read(path, limit: PolicyRecord.maximumSize)
        guard bytes.count == record.bytes, sha256(bytes) == record.sha256 else {
          throw NodeError("'\(path)' is not the file that was built: its size or SHA-256 differs from the manifest's")
        }
        var policy = try PolicyRecord.subject(json: bytes)
        policy.policies = []
        policy.base = nil
        files.append((subject.name + "/" + fileName, PolicyRecord.json(policy)))
      } catch let error as FileError {
        throw NodeError(error)
      } catch let error as PolicyRecordError {
        let first = error.problems.first
        throw NodeError("'\(path)':\(first.map { "\($0.line):\($0.column): \($0.message)" } ?? " cannot be read")")
      } catch let error as NodeError {
        throw error
      } catch {
        throw NodeError("'\(path)': \(error)")
      }
    }
    return files
  }

  /// Those of a generation's directory.
  static func read(_ directory: String, _ manifest: Manifest) throws(NodeError) -> SubjectIdentities {
    var subjects: [(name: String, subject: Subject)] = []
    for entry in manifest.subjects where entry.record != nil {
      let path = directory + "/" + entry.name + "/" + fileName
      // A generation of an armorc that wrote none.
      guard FileAccess.kind(of: path) != .missing else { continue }
      do {
        let record = try PolicyRecord.subject(json: try FileAccess.read(path, limit: PolicyRecord.maximumSize))
        subjects.append((entry.name, record.subject))
      } catch let error as FileError {
        throw NodeError(error)
      } catch {
        throw NodeError("'\(path)' is not what armorc writes")
      }
    }
    return SubjectIdentities(subjects)
  }
}
