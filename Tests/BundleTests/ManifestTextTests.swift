import Bundle
import Foundation
import Testing

/// The text that armorc writes against Foundation's encoder, byte for byte.
@Suite struct ManifestTextTests {
  private static func subject(_ name: String, rules: [Manifest.Rule]) -> Manifest.Subject {
    Manifest.Subject(
      name: name,
      kind: "container",
      description: "container \"a\" of b\\c in d/e \u{7f} ü \u{2028}",
      postures: Manifest.Postures(file: "block", network: nil, capabilities: "audit"),
      meaning: String(repeating: "a", count: 64),
      policies: rules.map(\.policy),
      rules: rules,
      notCompiled: rules.map { Manifest.NotCompiled(what: $0.path, reason: "tab\tbell\u{07}\u{1f}", location: "-:1") },
      artifacts: [
        Manifest.Artifact(
          target: "apparmor",
          file: "\(name)/apparmor.profile",
          bytes: 12,
          sha256: String(repeating: "0", count: 64),
          enter: "armorc.\(name)",
          layout: "single\r\n\u{08}\u{0c}"
        )
      ],
      record: rules.isEmpty
        ? nil : Manifest.Record(file: "\(name)/policy.json", bytes: 7, sha256: String(repeating: "1", count: 64))
    )
  }

  private static var manifests: [Manifest] {
    let exact = Manifest.Exactness(label: "exact", reason: nil, witness: nil)
    let looser = Manifest.Exactness(label: "looser", reason: "why", witness: "exec /bin/sh")
    let rules = [
      Manifest.Rule(
        policy: "a/b",
        path: "spec.file.matchPaths[0]",
        location: "f.yaml:1",
        exactness: ["apparmor": exact]
      ),
      Manifest.Rule(
        policy: "a/c",
        path: "spec.process.matchPaths[1]",
        location: "f.yaml:2",
        exactness: ["selinux": exact, "apparmor": looser]
      ),
      Manifest.Rule(policy: "a/d", path: "", location: "", exactness: [:]),
    ]
    let options = Manifest.Options(
      targets: ["apparmor"],
      posture: Manifest.Postures(file: nil, network: nil, capabilities: nil),
      base: "runtime-v1",
      floor: "none"
    )
    return [
      Manifest(compiler: "armorc", options: options, sources: [], subjects: []),
      Manifest(
        compiler: "armorc 1",
        options: options,
        sources: [
          Manifest.Source(file: "dir/é \"q\".yaml", sha256: "0"), Manifest.Source(file: "-", sha256: "1"),
        ],
        subjects: [subject("one", rules: rules), subject("two", rules: [])]
      ),
    ]
  }

  @Test(arguments: manifests) func isWhatTheEncoderWrites(_ manifest: Manifest) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let expected = String(decoding: try encoder.encode(manifest), as: UTF8.self) + "\n"
    #expect(String(decoding: manifest.json(), as: UTF8.self) == expected)
  }

  @Test func readsBack() throws {
    let subjects = [ManifestTextTests.subject("one", rules: [])]
    let empty = try #require(ManifestTextTests.manifests.first)
    var whole = empty
    whole.subjects = subjects
    #expect(try Manifest(json: empty.json(subjects: subjects.map(\.json))) == whole)
  }
}
