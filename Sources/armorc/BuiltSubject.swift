import Backends
import Bundle
import IR

/// What is kept of a subject once it is built: what writing and summing up need. Tables, profiles and models are let go, so
/// that memory grows with what is written.
struct BuiltSubject: Sendable {
  let name: String
  /// Path of the profile text inside the bundle, and the text.
  let file: String
  let text: [UInt8]
  /// Path of the policy record inside the bundle, and its text.
  let recordFile: String
  let record: [UInt8]
  /// Its entry in the manifest, as `Manifest.Subject.json` writes it.
  let entry: [UInt8]
  let profileCount: Int
  let ruleCount: Int
  let labels: [ExactnessLabel: Int]

  init(_ build: SubjectBuild) {
    name = build.subject.name
    file = build.apparmorFile
    text = build.apparmor.text.bytes
    recordFile = build.recordFile
    record = PolicyRecord.json(build.subject)
    entry = build.manifest(record: record).json
    profileCount = build.apparmor.profiles.profiles.count
    ruleCount = build.exactness.count
    labels = build.exactness.reduce(into: [:]) { $0[$1.label, default: 0] += 1 }
  }
}
