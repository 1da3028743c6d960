package import Bundle
package import IR

extension SubjectBuild {
  /// The profile text's entry in the manifest.
  package var manifestArtifact: Manifest.Artifact {
    let text = apparmor.text.bytes
    return Manifest.Artifact(
      target: "apparmor",
      file: subject.name + "/apparmor.profile",
      bytes: text.count,
      sha256: sha256(text),
      enter: apparmor.entryLabel,
      layout: "\(apparmor.layout.rawValue), \(apparmor.profiles.profiles.count) profile"
        + (apparmor.profiles.profiles.count == 1 ? "" : "s") + ": \(apparmor.layoutReason)"
    )
  }
}

extension SubjectImage {
  /// The map image's entry in the manifest.
  package func manifestArtifact(_ subject: SubjectPolicy) -> Manifest.Artifact {
    Manifest.Artifact(
      target: "bpf",
      file: subject.name + "/" + ImageFile.fileName,
      bytes: artifact.bytes.count,
      sha256: sha256(artifact.bytes),
      enter: subject.name,
      layout: "\(artifact.imageBytes) of \(ImageHeader.bytes(ofTier: artifact.tier)) bytes, \(artifact.states) states, "
        + "\(artifact.labels) path classes, \(artifact.sources) source classes, \(artifact.records) records"
    )
  }
}

extension Manifest.Subject {
  /// A subject's entry.
  ///
  /// `meaning` is the SHA-256 of `DecisionTable.meaning`; `exactness` has one element per enforcer and rule, the rules
  /// always in the same order; `record` is the policy record, as `PolicyRecord.json` writes it.
  package init(
    _ subject: SubjectPolicy,
    meaning: String,
    exactness: [(enforcer: String, rules: [RuleExactness])],
    artifacts: [Manifest.Artifact],
    record: [UInt8]
  ) {
    self.init(
      name: subject.name,
      kind: subject.subject.kind,
      description: subject.subject.words,
      postures: Manifest.Postures(
        file: subject.postures.file.rawValue,
        network: subject.postures.network.rawValue,
        capabilities: subject.postures.capabilities.rawValue
      ),
      meaning: meaning,
      policies: subject.policies.map { "\($0.id.kind.rawValue) \($0.id) (\($0.location))" },
      rules: (exactness.first?.rules ?? []).indices.map { index in
        let origin = exactness[0].rules[index].origin
        var labels: [String: Manifest.Exactness] = [:]
        for one in exactness where index < one.rules.count {
          let rule = one.rules[index]
          labels[one.enforcer] = Manifest.Exactness(
            label: rule.label.rawValue,
            reason: rule.reason.isEmpty ? nil : rule.reason,
            witness: rule.witness?.description
          )
        }
        return Manifest.Rule(
          policy: "\(origin.policy)",
          path: origin.path,
          location: "\(origin.location)",
          exactness: labels
        )
      },
      notCompiled: subject.policies.flatMap(\.notCompiled).filter { $0.preset == nil }.map {
        Manifest.NotCompiled(what: $0.what, reason: $0.reason, location: "\($0.origin.location)")
      },
      artifacts: artifacts,
      record: Manifest.Record(
        file: subject.name + "/" + PolicyRecord.fileName,
        bytes: record.count,
        sha256: sha256(record)
      )
    )
  }
}

extension DecisionTable {
  /// Compiles a subject for an enforcer that needs nothing else.
  package static func compiled(_ subject: SubjectPolicy) throws(BuildProblem) -> DecisionTable {
    do throws(TableBudgetError) {
      return try DecisionTable(subject)
    } catch {
      throw .table(error)
    }
  }
}
