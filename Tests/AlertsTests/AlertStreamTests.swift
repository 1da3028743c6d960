import Bundle
import Foundation
import IR
import Testing

@testable import Alerts

@Suite struct AlertStreamTests {
  private func written(_ filter: AlertFilter, limit: Int? = nil) -> (lines: Int, stream: AlertStream) {
    var stream = AlertStream(.json, filter: filter, limit: limit)
    for (event, subject) in AlertGoldenTests.decisions {
      stream.add(event.encoded[...], boot: Samples.boot, hostName: "n") { _ in subject }
    }
    for event in AlertGoldenTests.hooks {
      stream.add(event.encoded[...], boot: Samples.boot, hostName: "n") { _ in Samples.subject }
    }
    let lines = stream.takeOutput().count { $0 == UInt8(ascii: "\n") }
    return (lines, stream)
  }

  private var all: [Alert] {
    AlertGoldenTests.decisions.map { Samples.alert($0, $1) } + AlertGoldenTests.hooks.map { Samples.alert($0) }
  }

  @Test func everythingWithoutFilter() {
    let (lines, stream) = written(AlertFilter())
    #expect(lines == all.count && stream.written == lines && stream.malformed == 0 && !stream.isDone)
  }

  @Test func eachFilter() {
    var filter = AlertFilter()
    filter.operations = [.network, .process]
    #expect(written(filter).lines == all.count { [.network, .process].contains($0.operation) })
    filter = AlertFilter()
    filter.policies = [Alert.defaultPosture]
    #expect(written(filter).lines == 2 * ImageCell.classes.count)
    filter = AlertFilter()
    filter.outcomes = [.log]
    #expect(written(filter).lines == all.count { $0.kind.isLog })
    filter.outcomes = [.audit, .block]
    #expect(written(filter).lines == all.count { !$0.kind.isLog })
    filter = AlertFilter()
    filter.severityAtLeast = 7
    let severe = written(filter).lines
    #expect(severe == all.count { $0.severity == 7 } && severe > 0)
    filter.severityAtLeast = 8
    #expect(written(filter).lines == 0)
    filter = AlertFilter()
    filter.subjects = ["host.worker-1"]
    #expect(written(filter).lines == 4)
  }

  @Test func limit() {
    let (lines, stream) = written(AlertFilter(), limit: 3)
    #expect(lines == 3 && stream.isDone)
  }

  @Test func malformedEventsAreCounted() {
    var stream = AlertStream(.json)
    stream.add([1, 2, 3], boot: 0, hostName: "") { _ in Samples.subject }
    stream.add([], boot: 0, hostName: "") { _ in Samples.subject }
    #expect(stream.malformed == 2 && stream.firstDefect?.contains("3 bytes") == true && stream.takeOutput().isEmpty)
  }

  /// A notice passes every filter and counts for no limit.
  @Test func notices() {
    var filter = AlertFilter()
    filter.policies = ["none"]
    var stream = AlertStream(.json, filter: filter, limit: 1)
    stream.add(.missing(lost: 1, heldBack: 0, malformed: 0, time: 0, hostName: ""))
    #expect(!stream.takeOutput().isEmpty && !stream.isDone)
  }

  @Test func times() {
    func text(_ nanoseconds: Int) -> String {
      var clock = AlertTime()
      var out: [UInt8] = []
      clock.append(nanoseconds, separator: UInt8(ascii: "T"), zone: "Z", to: &out)
      return String(decoding: out, as: UTF8.self)
    }
    #expect(text(0) == "1970-01-01T00:00:00.000000Z")
    #expect(text(1_709_164_799_999_999_999) == "2024-02-28T23:59:59.999999Z")
    #expect(text(1_709_164_800_000_001_000) == "2024-02-29T00:00:00.000001Z")
    #expect(text(4_102_444_800_120_000_000) == "2100-01-01T00:00:00.120000Z")
  }

  @Test func placesFromManifests() {
    func place(_ kind: String, _ words: String) -> AlertPlace {
      AlertPlace(
        Manifest.Subject(
          name: "n",
          kind: kind,
          description: words,
          postures: Manifest.Postures(file: nil, network: nil, capabilities: nil),
          meaning: "",
          policies: [],
          rules: [],
          notCompiled: [],
          artifacts: []
        )
      )
    }
    let labels: Set<LabelPair> = [LabelPair("app", "web"), LabelPair("tier", "front")]
    let identity = ContainerIdentity(namespace: "shop", labels: labels, container: "cart")
    let cart = place("container", Subject.container(workload: "Deployment/cart", identity).words)
    #expect(cart.namespace == "shop" && cart.container == "cart" && cart.ownerKind == "Deployment")
    #expect(cart.ownerName == "cart" && cart.pod == nil && !cart.isHost)
    #expect(place("container", Subject.container(workload: "Pod/web-0", identity).words).pod == "web-0")
    let pods = PodSelector(namespaces: .one("shop"), labels: labels, containers: ["main"])
    let selected = place("selection", Subject.selection(.pods(pods)).words)
    #expect(selected.namespace == "shop" && selected.labels == "app=web,tier=front" && selected.container == "main")
    let anywhere = place("selection", Subject.selection(.pods(PodSelector(namespaces: .all))).words)
    #expect(anywhere.namespace == nil && anywhere.labels == nil && anywhere.container == nil && !anywhere.isHost)
    #expect(place("selection", Subject.selection(.nodes(NodeSelector())).words).isHost)
    #expect(place("host", "node worker-1").hostName == "worker-1")
    #expect(place("container", "of the third kind").namespace == nil)
  }

  @Test(
    arguments: [
      ("armorc.shop.cart.cart", "shop.cart.cart"), ("armorc.a.S01-node", "a"), ("armorc.a.others", "a"),
      ("armorc.a//null-/bin/sh", "a"), ("armorc.", nil), ("unconfined", nil), ("/usr/bin/x", nil),
    ] as [(String, String?)]
  )
  func profiles(_ profile: String, _ subject: String?) { #expect(ProfileName.subject(of: profile) == subject) }

  /// Lines are the same however a log is cut, and overlong ones are left out.
  @Test func linesOfALog() {
    let long = String(repeating: "x", count: AppArmorDenial.maximumLine + 1)
    let text = Array("a\r\nbc\n\n\(long)\nd\n\(long)".utf8) + [0x0A] + Array("last".utf8)
    for cut in [1, 7, 4096, text.count] {
      var lines = LogLines()
      var found: [String] = []
      var start = 0
      while start < text.count {
        let end = min(text.count, start + cut)
        found += lines.append(Array(text[start..<end])).map { String(decoding: $0, as: UTF8.self) }
        start = end
      }
      if let last = lines.finish() { found.append(String(decoding: last, as: UTF8.self)) }
      #expect(found == ["a", "bc", "", "d", "last"], "\(cut)")
    }
  }
}
