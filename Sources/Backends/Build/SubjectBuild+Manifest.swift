package import Bundle
import IR

extension SubjectBuild {
  /// Path of the profile text inside a bundle.
  package var apparmorFile: String { subject.name + "/apparmor.profile" }

  /// Path of the policy record inside a bundle.
  package var recordFile: String { subject.name + "/" + PolicyRecord.fileName }

  /// This subject's entry in the manifest; `record` is the policy record, as `PolicyRecord.json` writes it.
  package func manifest(record: [UInt8]) -> Manifest.Subject {
    let text = apparmor.text.bytes
    return Manifest.Subject(
      name: subject.name,
      kind: subject.subject.kind,
      description: subject.subject.words,
      postures: Manifest.Postures(
        file: subject.postures.file.rawValue,
        network: subject.postures.network.rawValue,
        capabilities: subject.postures.capabilities.rawValue
      ),
      meaning: sha256(meaning),
      policies: subject.policies.map { "\($0.id.kind.rawValue) \($0.id) (\($0.location))" },
      rules: exactness.map { rule in
        Manifest.Rule(
          policy: "\(rule.origin.policy)",
          path: rule.origin.path,
          location: "\(rule.origin.location)",
          exactness: [
            "apparmor": Manifest.Exactness(
              label: rule.label.rawValue,
              reason: rule.reason.isEmpty ? nil : rule.reason,
              witness: rule.witness?.description
            )
          ]
        )
      },
      notCompiled: subject.policies.flatMap(\.notCompiled).map {
        Manifest.NotCompiled(what: $0.what, reason: $0.reason, location: "\($0.origin.location)")
      },
      artifacts: [
        Manifest.Artifact(
          target: "apparmor",
          file: apparmorFile,
          bytes: text.count,
          sha256: sha256(text),
          enter: apparmor.entryLabel,
          layout: "\(apparmor.layout.rawValue), \(apparmor.profiles.profiles.count) profile"
            + (apparmor.profiles.profiles.count == 1 ? "" : "s") + ": \(apparmor.layoutReason)"
        )
      ],
      record: Manifest.Record(file: recordFile, bytes: record.count, sha256: sha256(record))
    )
  }
}
