import Backends
import Bundle
import IR

/// What one enforcer gets of a subject.
struct BuiltPart: Sendable {
  let enforcer: Enforcer
  let bytes: [UInt8]
  let artifact: Manifest.Artifact
  let exactness: [RuleExactness]
  let profileCount: Int

  init(_ build: SubjectBuild) {
    enforcer = .apparmor
    bytes = build.apparmor.text.bytes
    artifact = build.manifestArtifact
    exactness = build.exactness
    profileCount = build.apparmor.profiles.profiles.count
  }

  init(_ image: SubjectImage, _ subject: SubjectPolicy) {
    enforcer = .bpf
    bytes = image.artifact.bytes
    artifact = image.manifestArtifact(subject)
    exactness = image.exactness
    profileCount = 0
  }
}

/// What is kept of a subject once it is built: what writing and summing up need. Tables, profiles and models are let go, so
/// that memory grows with what is written.
struct BuiltSubject: Sendable {
  struct Part: Sendable {
    let enforcer: Enforcer
    /// Path inside the bundle.
    let file: String
    let bytes: [UInt8]
    let profileCount: Int
    let labels: [ExactnessLabel: Int]
  }

  let name: String
  let artifacts: [Part]
  /// Path of the policy record inside the bundle, and its text.
  let recordFile: String
  let record: [UInt8]
  /// Its entry in the manifest, as `Manifest.Subject.json` writes it.
  let entry: [UInt8]
  let ruleCount: Int

  init(_ subject: SubjectPolicy, _ table: DecisionTable, _ parts: [BuiltPart]) {
    name = subject.name
    artifacts = parts.map { part in
      Part(
        enforcer: part.enforcer,
        file: part.artifact.file,
        bytes: part.bytes,
        profileCount: part.profileCount,
        labels: part.exactness.reduce(into: [:]) { $0[$1.label, default: 0] += 1 }
      )
    }
    recordFile = subject.name + "/" + PolicyRecord.fileName
    record = PolicyRecord.json(subject)
    ruleCount = parts.first?.exactness.count ?? 0
    entry =
      Manifest.Subject(
        subject,
        meaning: sha256(table.meaning),
        exactness: parts.map { ($0.enforcer.rawValue, $0.exactness) },
        artifacts: parts.map(\.artifact),
        record: record
      ).json
  }
}
