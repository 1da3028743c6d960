import Analysis
import Foundation
import IR
import Testing

/// Alerts that people posted, where they are at hand; read by hand, line by line.
@Suite struct AlertCorpusTests {
  private static let file: URL = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let places = ["../shared", "../../shared"].map {
      root.appending(path: $0 + "/corpus/alerts/events.jsonl").standardizedFileURL
    }
    return places.first { FileManager.default.fileExists(atPath: $0.path) } ?? root.appending(path: "no-alerts")
  }()
  private static var isThere: Bool { FileManager.default.fileExists(atPath: file.path) }

  private static let query = "network inet dgram udp from /usr/bin/curl"
  private static let expected: [(event: String, recorded: Verdict?)] = [
    ("exec /usr/bin/sleep from ?", .block),
    ("exec /usr/bin/apt from /bin/dash", .block),
    ("read /etc/nginx/conf.d/default.conf from /bin/cat", .audit),
    (query, .allow), (query, .allow), (query, .allow), (query, .allow),
    (query, .allow), (query, .allow), (query, .allow), (query, .allow),
    ("syscall unlink /home/vagrant/secret.txt from /usr/bin/unlink", .audit),
    ("syscall rmdir /home/jane-doe from /usr/bin/rmdir", .audit),
    ("exec /bin/sh from /usr/bin/runc|nothing", .allow),
    ("read /var/run/secrets/kubernetes.io/serviceaccount/token from /knoxAutoPolicy", .allow),
    ("network inet ? ? from /home/pea/main", .allow),
    ("exec /usr/bin/apt from /bin/bash", .block),
    ("write /sbin/raw from /bin/rm", .block),
    ("network unix stream from /bin/vault", .audit),
    ("exec /usr/bin/sleep|/bin/sleep from /bin/bash", .block),
    ("syscall setgid from /usr/sbin/sshd", .block),
    ("syscall setuid from /usr/sbin/sshd", .block),
    ("none: a query for a name (DNS), for which no verdict is claimed", nil),
    ("exec /usr/bin/apt from /bin/bash", .block),
    ("network unix stream from /usr/bin/containerd", .allow),
    ("exec /usr/bin/sleep from /usr/bin/bash", .block),
    ("none: a packet of the network firewall, no access of a process", nil),
    ("exec /usr/bin/python3.6 from /bin/bash", .block),
    ("exec /bin/sleep from /bin/bash", .block),
    ("exec /usr/bin/chmod from /usr/bin/bash", .block),
    ("syscall rmdir /home/jane-doe from /bin/rmdir", .audit),
    ("syscall unlink /home/secret.txt from /usr/bin/unlink", .audit),
    ("syscall rmdir /home/jane-doe from /bin/rmdir", .audit),
    ("read /run/secrets/kubernetes.io/serviceaccount from /bin/ls", .block),
    ("write /sbin/file from /bin/touch|/usr/bin/touch", .block),
    ("exec /usr/bin/apt from /bin/bash", .block),
    ("write /etc/ssl/certs from /bin/rmdir", .block),
    ("read /var/lib/mysql/ib_logfile1 from /bin/cat", .block),
    ("read /etc/ca-certificates.conf from /bin/cat", .block),
    ("exec /usr/bin/scp from /bin/bash", .block),
    ("network inet dgram from /usr/bin/curl", .block),
    ("write /tmp/sh-thd-2512146865 from /bin/bash", .block),
    ("exec /usr/bin/kubectl from /bin/bash", .block),
    ("exec /bin/netstat from /bin/bash", .block),
    ("write /root/.bash_history from /usr/bin/rm", .block),
    ("network inet dgram from /usr/sbin/hping3", .block),
    ("network packet raw 768 from /usr/sbin/tcpdump", .block),
  ]

  @Test(.enabled(if: isThere)) func everyLineIsUnderstood() throws {
    let readings = Lines.read(Array(try Data(contentsOf: AlertCorpusTests.file)))
    #expect(readings.count == AlertCorpusTests.expected.count)
    for (number, (reading, wanted)) in zip(readings, AlertCorpusTests.expected).enumerated() {
      #expect(Lines.text(reading) == wanted.event, "line \(number + 1)")
      #expect(Lines.record(reading)?.outcome?.verdict == wanted.recorded, "line \(number + 1)")
      if let record = Lines.record(reading) { #expect(record.workload != nil, "line \(number + 1)") }
    }
  }
}

/// Lines of a stream, read at once.
enum Lines {
  static func batches(_ bytes: [UInt8], size: Int = 1 << 18) -> [LineBatch] {
    var batcher = LineBatcher(size: size)
    var batches = batcher.append(bytes[...])
    if let last = batcher.finish() { batches.append(last) }
    return batches
  }

  static func numbered(_ bytes: [UInt8]) -> [(line: Int, reading: LineReading)] {
    batches(bytes).flatMap(RecordReader.read)
  }

  static func read(_ bytes: [UInt8]) -> [LineReading] { numbered(bytes).map(\.reading) }

  static func read(_ text: String) -> [LineReading] { read(Array(text.utf8)) }

  static func record(_ reading: LineReading?) -> Record? {
    if case .record(let record) = reading { record } else { nil }
  }

  /// The event, or why there is none.
  static func text(_ reading: LineReading?) -> String {
    switch reading {
    case .record(let record): record.event.description
    case .noAccess(let why): "none: " + why
    case .companion: "companion"
    case .unparsed(let why): "unparsed: " + why
    case nil: "nothing"
    }
  }
}
