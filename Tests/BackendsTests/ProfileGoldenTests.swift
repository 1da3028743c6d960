import Automata
import Backends
import Foundation
import IR
import Runtime
import Testing

/// Profiles as a person reviews them. `RECORD=1` rewrites the files and fails.
@Suite struct ProfileGoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden/apparmor")

  static func subjects() throws -> [SubjectPolicy] {
    let audit = Postures()
    let block = Postures(file: .block, network: .block, capabilities: .block)
    let system = directory("/usr", recursive: true)
    return [
      profileSubject("block-literal", [profileRule(.file(literal("/etc/shadow")), .block)]),
      profileSubject(
        "block-directories",
        [
          profileRule(.file(directory("/var/log")), .block),
          profileRule(.file(directory("/root/.ssh", recursive: true)), .block, readOnly: true),
          profileRule(.process(directory("/tmp", recursive: true, files: false)), .block),
        ]
      ),
      profileSubject(
        "block-names",
        [
          profileRule(.process(.basename(Array("curl".utf8))), .block),
          profileRule(.process(try glob("/usr/*bin/nc{,.*}")), .block),
        ]
      ),
      profileSubject(
        "owner-only",
        [
          profileRule(.file(directory("/home", recursive: true)), .allow, ownerOnly: true),
          profileRule(.file(system), .allow, readOnly: true),
          profileRule(.process(literal("/usr/bin/id")), .block, ownerOnly: true),
        ],
        postures: block
      ),
      profileSubject(
        "allow-list",
        [
          profileRule(.process(literal("/usr/sbin/nginx")), .allow), profileRule(.file(system), .allow, readOnly: true),
          profileRule(.file(directory("/var/cache/nginx", recursive: true)), .allow),
          profileRule(.file(literal("/usr/share/secret")), .block), profileRule(.network(.tcp), .allow),
          profileRule(.capability(.net_bind_service), .allow),
        ],
        postures: block
      ),
      profileSubject(
        "audit",
        [
          profileRule(.file(directory("/etc", recursive: true)), .audit),
          profileRule(.file(literal("/etc/shadow")), .block), profileRule(.process(literal("/bin/sh")), .audit),
          profileRule(.network(.raw), .audit), profileRule(.capability(.net_raw), .audit),
        ]
      ),
      profileSubject(
        "posture-audit",
        [
          profileRule(.process(literal("/usr/sbin/nginx")), .allow), profileRule(.file(system), .allow, readOnly: true),
          profileRule(.network(.tcp), .allow), profileRule(.capability(.net_bind_service), .allow),
        ],
        postures: audit
      ),
      profileSubject("network-allow", [profileRule(.network(.tcp), .allow), profileRule(.network(.udp), .allow)]),
      profileSubject(
        "network-block",
        [
          profileRule(.network(.raw), .block), profileRule(.network(.packet), .block),
          profileRule(.network(.icmp), .block),
        ]
      ),
      profileSubject("network-none", [profileRule(.network(.all), .block)]),
      profileSubject(
        "source-loses",
        [
          profileRule(.file(directory("/secret", recursive: true)), .block, from: ["/usr/bin/cat", "/usr/bin/less"]),
          profileRule(.network(.tcp), .block, from: ["/usr/bin/python3"]),
          profileRule(.process(literal("/bin/sh")), .block, from: ["/usr/bin/python3"]),
        ]
      ),
      profileSubject(
        "source-gains",
        [
          profileRule(.file(directory("/secret", recursive: true)), .block),
          profileRule(.file(literal("/secret/key")), .allow, from: ["/usr/bin/vault"]),
          profileRule(.file(system), .allow, readOnly: true),
          profileRule(.file(directory("/lib", recursive: true)), .allow),
        ],
        postures: Postures(file: .block)
      ),
      profileSubject(
        "host",
        [
          profileRule(.file(literal("/etc/shadow")), .block),
          profileRule(.file(literal("/etc/kubernetes/admin.conf")), .block, from: ["/usr/bin/cat", "/usr/bin/less"]),
        ],
        host: true
      ),
      profileSubject(
        "native",
        [profileRule(.capability(.sys_admin), .block)],
        native: "  # ours\n  /run/app.sock rw,\n\tdeny /dev/mem r,"
      ),
      profileSubject(
        "hostile",
        [
          profileRule(.file(literal("/a b/\"c\",{d}[e]*?\\\n#f")), .block),
          profileRule(.file(directory("/ünïcode", recursive: true)), .audit),
        ],
        policyName: "x\n/** rwlkm,"
      ),
    ]
  }

  @Test func textsAreAsReviewed() throws {
    let isRecording = ProcessInfo.processInfo.environment["RECORD"] != nil
    for subject in try Self.subjects() {
      let outcome = try ProfileOutcome(subject)
      let file = Self.folder.appending(path: subject.name + ".profile")
      if isRecording {
        try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
        try Data(outcome.artifact.text.bytes).write(to: file)
        Issue.record("recorded \(file.lastPathComponent)")
      } else {
        let golden = try String(contentsOf: file, encoding: .utf8)
        #expect(outcome.text == golden, "\(subject.name) differs; review, then RECORD=1")
      }
      if let parser = AppArmorParser.locate(features: KernelFeatures.text) {
        #expect(try outcome.disagreements(parser) == [])
      }
    }
  }
}
