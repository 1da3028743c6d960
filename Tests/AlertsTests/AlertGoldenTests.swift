import Bundle
import Foundation
import IR
import Testing

@testable import Alerts

/// Alerts as a person reviews them. `RECORD=1` rewrites the files and fails.
@Suite struct AlertGoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden/alerts")

  /// One of every hook.
  static var hooks: [MatcherEvent] {
    let files: [(MatcherHook, PathOperation, UInt32)] = [
      (.open, .read, 0o100000), (.open, .write, 0o101 | 0o1000 | 0o2000000), (.create, .write, 0),
      (.unlink, .write, 0), (.mkdir, .write, 0), (.rmdir, .write, 0), (.mknod, .write, 0), (.symlink, .write, 0),
      (.link, .write, 0), (.rename, .write, 0), (.truncate, .write, 0), (.chmod, .write, 0), (.chown, .write, 0),
      (.mmap, .read, 5), (.mmap, .write, 3), (.unixConnect, .write, 0),
    ]
    let sockets: [(MatcherHook, UInt32, UInt32, UInt32)] = [
      (.socket, 2, 3, 1), (.bind, 10, 1, 6), (.connect, 2, 1, 6), (.listen, 2, 1, 6), (.accept, 2, 1, 6),
      (.sendmsg, 2, 2, 17), (.socket, 1, 1, 0), (.socket, 17, 3, 768), (.socket, 99, 9, 255),
    ]
    return [Samples.event(.exec, .process, .exec, path: "/usr/bin/curl")]
      + files.map { Samples.event($0, .file, $1, path: "/etc/my file", mode: $2) }
      + sockets.map { Samples.event($0, .network, mode: $1 << 16 | $2 << 8, protocolNumber: $3) }
      + [
        Samples.event(.capable, .capabilities, mode: 13), Samples.event(.capable, .capabilities, mode: 63),
        Samples.event(.syscall, .syscalls, path: "/etc/passwd", mode: 87, cell: ImageCell(.audit, record: 1)),
        Samples.event(.syscall, .syscalls, mode: 511, cell: ImageCell(.audit, record: 1)),
        Samples.event(.mount, .file, .write, path: "/mnt", mode: 4096, cell: ImageCell(rawValue: 2), trouble: .alias),
        Samples.event(.userns, .capabilities, cell: ImageCell(rawValue: 2), trouble: .alias),
        Samples.event(.ptrace, .capabilities, mode: 2, cell: ImageCell(rawValue: 2), trouble: .alias),
        Samples.event(.bpf, .capabilities, mode: 5, cell: ImageCell(rawValue: 2), trouble: .alias),
        Samples.event(.ioUring, .capabilities, cell: ImageCell(rawValue: 2), trouble: .alias),
      ] + presets
  }

  /// What presets decide.
  private static var presets: [MatcherEvent] {
    var events = [
      Samples.event(.exec, .process, .exec, path: "/dev/shm/x"), Samples.event(.mprotect, .file, mode: 7),
      Samples.event(.open, .file, path: "/proc/1/environ"),
      Samples.event(.open, .file, path: "/proc/1/maps", cell: ImageCell(.audit, record: 1)),
    ]
    for index in events.indices { events[index].preset = Preset.allCases[index] }
    return events
  }

  /// Every way to decide, and every trouble.
  static var decisions: [(MatcherEvent, AlertSubject)] {
    let cells: [ImageCell] =
      [.free, ImageCell(.allow, record: 0), ImageCell(.audit, record: 1), ImageCell(.block, record: 0)]
      + [ImageCell(.block, record: 2)]
      + ImageCell.classes.flatMap { [ImageCell(.audit, posture: $0), ImageCell(.block, posture: $0)] }
    var host = AlertPlace(subject: "host.worker-1")
    host.isHost = true
    host.hostName = "worker-1"
    let onHost = AlertSubject(place: host, records: Samples.subject.records)
    let unknown = AlertSubject(place: AlertPlace(subject: ""))
    let events = cells.map { Samples.event(.open, .file, path: "/etc/shadow", cell: $0) }
    let troubled = MatcherTrouble.allCases.map {
      Samples.event(.open, .file, path: "/a", cell: ImageCell(rawValue: 2), trouble: $0)
    }
    let ignored = Samples.event(.open, .file, path: "/a", cell: .free, trouble: .noScratch)
    var odd = Samples.event(.exec, .process, .exec, path: "/tmp/a\"\\\n\u{1B}[31m é \u{2028}")
    odd.path.append(0xFF)
    odd.command = Array("x owner=true".utf8)
    odd.source = []
    return events.map { ($0, Samples.subject) } + events.prefix(4).map { ($0, onHost) }
      + (troubled + [ignored, odd]).map { ($0, Samples.subject) } + [(events[3], unknown)]
  }

  /// Lines of logs as kernels write them, and some that none does.
  static let log = """
    type=AVC msg=audit(1767225600.123:42): apparmor="DENIED" operation="open" class="file" profile="armorc.shop.cart.cart" \
    name="/etc/shadow" pid=12 comm="cat" requested_mask="r" denied_mask="r" fsuid=33 ouid=0\u{1D}FSUID="www-data" OUID="root"
    type=AVC msg=audit(1767225600.123:43): apparmor="DENIED" operation="open" profile="armorc.shop.cart.cart.S01-node" \
    name=2F746D702F612062 pid=12 comm=6361742078 requested_mask="wc" denied_mask="wc" fsuid=33 ouid=33
    Jan  1 00:00:00 node kernel: [  123.456789] audit: type=1400 audit(1767225600.124:44): apparmor="DENIED" \
    operation="capable" class="cap" profile="armorc.shop.cart.cart.others" pid=13 comm="ping" capability=13  capname="net_raw"
    2026-01-01T00:00:00.000000+00:00 node kernel: audit: type=1400 audit(1767225600.125:45): apparmor="DENIED" \
    operation="create" class="net" profile="armorc.shop.cart.cart" pid=13 comm="ping" family="inet" sock_type="raw" \
    protocol=1 requested_mask="create" denied_mask="create"
    type=AVC msg=audit(1767225600.500:46): apparmor="ALLOWED" operation="connect" class="file" profile="armorc.x" \
    name="/run/x.sock" pid=13 comm="a" requested_mask="wr" denied_mask="wr" fsuid=0 ouid=0
    type=AVC msg=audit(1767225600.500:47): apparmor="AUDIT" operation="exec" class="file" profile="armorc.host.n" \
    name="/usr/bin/id" pid=12 comm="sh" requested_mask="x" fsuid=33 ouid=0 target="armorc.host.n"
    type=AVC msg=audit(1767225600.500:48): apparmor="STATUS" operation="profile_load" profile="unconfined" name="p" pid=1 comm="a"
    type=AVC msg=audit(1767225600.500:49): apparmor="DENIED" operation="ptrace" class="ptrace" \
    profile="/usr/sbin/other" pid=12 comm="gdb" requested_mask="trace" denied_mask="trace" peer="unconfined"
    type=AVC msg=audit(1767225600.500:50): apparmor="DENIED" operation="link" info="link not subset of target" error=-13 \
    profile="armorc.shop.cart.cart" name="/tmp/b" pid=12 comm="ln" requested_mask="l" denied_mask="l" fsuid=0 ouid=0 target="/a"
    type=SYSCALL msg=audit(1767225600.500:50): arch=c000003e syscall=257 success=no exit=-13 comm="cat" exe="/bin/cat"
    type=AVC msg=audit(17672256001.500:50): apparmor="DENIED" operation="open"
    type=AVC msg=audit(1767225600.500:50): apparmor="DENIED" operation="open" profile="unclosed
    type=AVC msg=audit(1767225600.500:50): apparmor="DENIED" operation="open" profile=2F6120@@ name="/a" pid=12
    type=AVC msg=audit(1767225600.500:50): apparmor="SHOUTED" operation="open" profile="p" name="/a" pid=12
    """

  private static var audited: String {
    log.split(separator: "\n").map { line in
      switch AppArmorDenial.read(Array(line.utf8)[...]) {
      case .other: "other\n"
      case .unparsed: "unparsed\n"
      case .denial(let denial):
        {
          let subject = ProfileName.subject(of: denial.profile) ?? ""
          let place = subject == "shop.cart.cart" ? Samples.subject.place : AlertPlace(subject: subject)
          return Samples.text(Alert(denial, place, hostName: "worker-1"))
        }()
      }
    }.joined()
  }

  private static func written(_ name: String) -> String {
    switch name {
    case "hooks.jsonl": hooks.map { Samples.text(Samples.alert($0)) }.joined()
    case "decisions.jsonl": decisions.map { Samples.text(Samples.alert($0, $1)) }.joined()
    case "file-casing.jsonl": decisions.prefix(6).map { Samples.text(Samples.alert($0, $1), .jsonFile) }.joined()
    case "karmor.txt": decisions.map { Samples.text(Samples.alert($0, $1), .text) }.joined()
    case "audit.jsonl": audited
    default:
      Samples.text(.missing(lost: 12, heldBack: 3, malformed: 1, time: Samples.boot, hostName: "worker-1"))
        + Samples.text(.missing(lost: 1, heldBack: 0, malformed: 0, time: Samples.boot, hostName: "worker-1"), .text)
    }
  }

  @Test(arguments: ["hooks.jsonl", "decisions.jsonl", "file-casing.jsonl", "karmor.txt", "audit.jsonl", "missing.txt"])
  func isAsRecorded(_ name: String) throws {
    let file = AlertGoldenTests.folder.appending(path: name)
    let written = AlertGoldenTests.written(name)
    if ProcessInfo.processInfo.environment["RECORD"] != nil {
      try FileManager.default.createDirectory(at: AlertGoldenTests.folder, withIntermediateDirectories: true)
      try written.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("\(name) was rewritten")
      return
    }
    #expect(try written == String(contentsOf: file, encoding: .utf8))
  }

  @Test func everyHookIsThere() {
    #expect(Set(AlertGoldenTests.hooks.map(\.hook)) == Set(MatcherHook.allCases))
    #expect(Set(AlertGoldenTests.decisions.compactMap(\.0.trouble)) == Set(MatcherTrouble.allCases))
  }

  /// Whatever a path holds, an alert is one line of JSON.
  @Test func linesAreJSON() throws {
    for (event, subject) in AlertGoldenTests.decisions {
      for format in [AlertWriter.Format.json, .jsonFile] {
        let text = Samples.text(Samples.alert(event, subject), format)
        #expect(text.hasSuffix("}\n") && !text.dropLast().contains("\n"))
        #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) is [String: Any])
      }
    }
  }
}
