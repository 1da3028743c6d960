import Analysis
import Foundation
import IR
import Testing

/// Events as JSON: every form, every mistake, and the rows of the oracle where they are at hand.
@Suite struct EventRecordTests {
  private func read(_ text: String) -> EventJSON.Records { EventJSON.records(Array(text.utf8)) }

  private func one(_ text: String) throws -> EventRecord {
    let read = read(text)
    #expect(read.errors.isEmpty, "\(read.errors)")
    return try #require(read.records.first)
  }

  @Test func textAndStructureMeanTheSame() throws {
    let shadow = try Event(parsing: "read /etc/shadow from /bin/cat as other")
    for text in [
      #"{"event": "read /etc/shadow from /bin/cat as other"}"#,
      #"{"event": {"op": "read", "path": "/etc/shadow", "source": "/bin/cat", "isOwner": false, "tty": null}}"#,
      #"{"op": "READ", "path": "/etc/shadow", "source": "/bin/cat", "is_owner": false}"#,
      #""read /etc/shadow from /bin/cat as other""#,
      #"[{"event": "read /etc/shadow from /bin/cat as other"}]"#,
      #"{"rows": [{"event": "read /etc/sh\u0061dow from /bin/cat as other"}], "notes": []}"#,
      "\u{FEFF}{\"event\": \"read /etc/shadow from /bin/cat as other\"}",
    ] {
      #expect(try one(text).event == shadow, "\(text)")
    }
    for (json, event) in [
      (#"{"op": "network", "network": {"family": "inet", "type": "stream", "protocol": "tcp"}}"#, "network tcp"),
      (#"{"op": "network", "network": {"family": "packet", "type": "raw", "protocol": null}}"#, "network packet raw"),
      (#"{"op": "network", "family": 2, "type": 1, "protocol": 6}"#, "network inet stream tcp"),
      (#"{"op": "network", "network": "udp", "source": "/a"}"#, "network udp from /a"),
      (#"{"op": "capability", "capability": "CAP_KILL"}"#, "capability kill"),
      (#"{"op": "syscall", "syscall": "unlink", "path": "/a b"}"#, "syscall unlink \"/a b\""),
      (#"{"op": "exec", "path": "/a\\b\"c"}"#, #"exec /a\\b\"c"#),
    ] {
      #expect(try one(#"{"event": \#(json)}"#).event == Event(parsing: event), "\(json)")
    }
  }

  @Test func unknownOwnersAreKept() throws {
    #expect(try one(#"{"event": {"op": "read", "path": "/a", "isOwner": null}}"#).isOwnerUnknown)
    #expect(try !one(#"{"event": {"op": "read", "path": "/a"}}"#).isOwnerUnknown)
    #expect(try !one(#"{"event": {"op": "capability", "capability": "kill", "isOwner": null}}"#).isOwnerUnknown)
  }

  @Test func subjectsAndPostures() throws {
    func subject(_ members: String) throws -> SubjectQuery? { try one(#"{"event": "exec /a", \#(members)}"#).subject }
    let web: Set = [LabelPair("app", "web")]
    #expect(try subject(#""id": "x""#) == nil)
    #expect(try subject(#""subject": "shop.web.nginx""#) == .name("shop.web.nginx"))
    let container = SubjectQuery.container(namespace: "shop", labels: web, container: "nginx", pod: nil)
    for members in [
      #""subject": "shop/app=web:nginx""#, #""namespace": "shop", "labels": {"app": "web"}, "container": "nginx""#,
      #""namespace": "shop", "labels": "app=web", "container": "nginx""#,
      #""subject": {"kind": "pod", "namespace": "shop", "labels": {"app": "web"}, "container": "nginx", "node_labels": {}}"#,
    ] {
      #expect(try subject(members) == container, "\(members)")
    }
    #expect(
      try subject(#""pod": "web-0", "host": "n1""#)
        == .container(namespace: "default", labels: nil, container: nil, pod: "web-0")
    )
    #expect(try subject(#""host": "n1""#) == .host(name: "n1", labels: []))
    let labels: Set = [LabelPair("kubernetes.io/hostname", "n1")]
    #expect(
      try subject(
        #""subject": {"kind": "host", "namespace": null, "labels": {}, "node_labels": {"kubernetes.io/hostname": "n1"}}"#
      ) == .host(name: "n1", labels: labels)
    )
    let record = try one(#"{"event": "exec /a", "posture": {"file": "block", "network": null}}"#)
    #expect(record.postures == PartialPostures(file: .block))
    #expect(try one(#"{"event": "exec /a", "posture": "audit"}"#).postures.capabilities == .audit)
  }

  /// Text and what its error has to say; none is passed over.
  @Test(arguments: [
    ("", "no JSON"), ("{", "no JSON"), ("{}", "no 'event'"), (#"{"evnt": "exec /a"}"#, "evnt"), ("1", "found a number"),
    (#"{"event": 1}"#, "'event' is a number"), (#"{"event": "raed /a"}"#, "did you mean 'read'?"),
    (#"{"event": {"op": "raed", "path": "/a"}}"#, "did you mean 'read'?"),
    (#"{"event": {"op": "read"}}"#, "no 'event.path'"),
    (#"{"event": {"op": "read", "path": "a/b"}}"#, "write '/a/b'"), (#"{"event": {"path": "/a"}}"#, "no 'event.op'"),
    (#"{"event": {"op": "read", "path": "/a", "sorce": "/b"}}"#, "did you mean 'source'?"),
    (#"{"event": {"op": "read", "path": "/a", "isOwner": 1}}"#, "expected true, false or null"),
    (#"{"event": {"op": "network"}}"#, "a socket is missing"),
    (#"{"event": {"op": "network", "family": "in et"}}"#, "one word"),
    (#"{"event": {"op": "capability", "capability": "nope"}}"#, "unknown capability"),
    (#"{"event": "exec /a", "namspace": "x"}"#, "did you mean 'namespace'?"),
    (#"{"event": "exec /a", "posture": "blck"}"#, "expected allow, audit or block"),
    (#"{"event": "exec /a", "posture": {"fil": "block"}}"#, "posture.fil"),
    (#"{"event": "exec /a", "labels": ["a"]}"#, "'labels' is an array"),
    (#"{"event": "exec /a", "labels": "a"}"#, "no label"),
    (#"{"event": "exec /a", "subject": "a=b"}"#, "need a namespace"),
    (#"{"event": "exec /a", "subject": {"kind": "vm"}}"#, "vm"),
    (#"{"event": "exec /a", "event": "exec /b"}"#, "stands there twice"),
    (#"{"event": "exec /a"} x"#, "behind the value"),
    (#"{"event": "exec \ud800"}"#, "surrogate"), ("{\"event\": \"\u{1}\"}", "control character"),
  ])
  func mistakesAreSaid(_ text: String, _ words: String) {
    let read = read(text)
    #expect(read.records.isEmpty && read.errors.count == 1, "\(read)")
    #expect(read.errors.first?.message.contains(words) ?? false, "\(read.errors)")
  }

  @Test func linesAreReadOneByOne() throws {
    let read = read("{\"event\":\"exec /a\"}\n\n{\"event\":\"exec b\"}\n{oops\n{\"event\":\"exec /c\"}\n")
    #expect(read.records.map(\.event) == [try Event(parsing: "exec /a"), try Event(parsing: "exec /c")])
    #expect(read.errors.map(\.line) == [3, 4], "\(read.errors)")
  }

  @Test func hostileJSONEndsWell() throws {
    for text in [
      String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 5_000), "\"\\u12", "-", "1e", "01",
      "tru",
      "[1,]", "{\"a\":1,}", "\"\\x\"", "nul", "\"abc", "[\"\\ud83d\\ude00\"", "{\"\u{0}\":1}",
    ] {
      #expect(throws: JSONSyntaxError.self, "\(text.prefix(20))") { try JSONTree(Array(text.utf8)) }
    }
    #expect(throws: JSONSyntaxError.self) { try JSONTree([0x22, 0xFF, 0x22]) }
    let tree = try JSONTree(Array(#"{"a": [1.5e-3, "\ud83d\ude00", null, true], "b": {}}"#.utf8))
    #expect(tree["a"] == .array([.number("1.5e-3"), .string("😀"), .null, .bool(true)]))
  }

  /// Mistakes are shown whole lines at a time, safe for a terminal, with the carets below the offending bytes.
  @Test func mistakesAreSafeToPrint() throws {
    for text in [
      "read /a \u{1B}[31m\u{202E}", "raed /\u{1B}]0;x\u{7}", String(repeating: "é ", count: 9_000), "\u{1B}[2J", "",
    ] {
      do throws(EventSyntaxError) {
        _ = try Event(parsing: text)
        Issue.record("'\(text)' is an event")
      } catch {
        let shown = error.text(for: text)
        #expect(!(shown + error.line).unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202E })
        #expect(shown.split(separator: "\n").allSatisfy { $0.count < 400 })
      }
    }
    let text = "read /etc/shadow form /bin/cat"
    do throws(EventSyntaxError) { _ = try Event(parsing: text) } catch {
      let lines = error.text(for: text).split(separator: "\n")
      #expect(lines[1] == "  read /etc/shadow form /bin/cat")
      #expect(lines[2] == "                   ^^^^ did you mean 'from'?")
    }
  }

  @Test func queriesReadBack() throws {
    for text in ["shop.web", "shop/", "shop/a=b", "shop/a=b,c=:main", "host:n1", "host:n1/a=b,c=d", "shop/:main"] {
      let query = try SubjectQuery(parsing: text)
      #expect(query.description == text)
      #expect(try SubjectQuery(parsing: query.description) == query)
    }
    for text in ["", "a=b", "/a=b", "shop/a", "shop/a=b,a=c", "shop/a=b:", "host:", "shop/a=b,"] {
      #expect(throws: SubjectQueryError.self, "\(text)") { try SubjectQuery(parsing: text) }
    }
  }

  private static let shared = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")

  @Test func everyRowOfTheOracle() throws {
    let oracle = Self.shared.appending(path: "oracle/upstream-scenarios.json")
    guard FileManager.default.fileExists(atPath: oracle.path) else {
      print("EventRecordTests: no oracle beside the project; nothing was read")
      return
    }
    let read = EventJSON.records(Array(try Data(contentsOf: oracle)))
    #expect(read.errors.isEmpty, "\(read.errors)")
    #expect(read.records.count == 218)
    #expect(read.records.allSatisfy { $0.subject != nil && $0.postures.file != nil && $0.id != nil })
    #expect(read.records.contains { $0.isOwnerUnknown })
  }
}
