import Analysis
import Bundle
import Foundation
import IR
import Testing
import _PolicyTestSupport

@testable import Alerts

/// `simulate` reads alerts of armorc's own as the events that they tell of.
@Suite struct AlertRoundTripTests {
  private static func read(_ text: String) -> [LineReading] {
    var batcher = LineBatcher()
    var batches = batcher.append(Array(text.utf8)[...])
    if let last = batcher.finish() { batches.append(last) }
    return batches.flatMap(RecordReader.read).map(\.reading).filter { $0 != .companion }
  }

  private static func record(_ text: String) throws -> Record {
    let readings = read(text)
    guard readings.count == 1, case .record(let record) = readings[0] else {
      throw EventError(message: "\(readings)\n\(text)")
    }
    return record
  }

  /// What the matcher reports of an event.
  private static func report(_ event: Event, _ cell: ImageCell) -> MatcherEvent? {
    var report: MatcherEvent
    switch event.access {
    case .path(.exec, let path):
      report = Samples.event(.exec, .process, .exec, cell: cell)
      report.path = path.bytes
    case .path(let operation, let path):
      // As an open for both: which of the two was decided is told.
      report = Samples.event(.open, .file, operation, mode: 2, cell: cell)
      report.path = path.bytes
    case .network(let socket):
      let mode = UInt32(socket.family) << 16 | UInt32(socket.type) << 8
      report = Samples.event(.connect, .network, mode: mode, protocolNumber: UInt32(socket.protocolNumber), cell: cell)
    case .capability(let capability):
      report = Samples.event(.capable, .capabilities, mode: UInt32(capability.rawValue), cell: cell)
    case .syscall(let name, let path):
      guard let number = SystemCalls.number(of: name) else { return nil }
      report = Samples.event(.syscall, .syscalls, mode: UInt32(number), cell: cell)
      report.path = path?.bytes ?? []
    }
    report.isOwner = event.isOwner
    // A process without a program has no source in an alert: there it is not known, rather than none.
    guard let source = event.source else { return nil }
    report.source = source.bytes
    return report
  }

  @Test(arguments: AlertWriter.Format.allCases)
  func events(_ format: AlertWriter.Format) throws {
    let generator = SeededGenerator.fresh(ProcessInfo.processInfo.environment)
    print("AlertRoundTripTests.events seed \(generator.seed)")
    var random = RandomPolicy(generator)
    var checked = 0
    let cells = [
      ImageCell(.block, record: 0), ImageCell(.audit, record: 1), ImageCell(.block, posture: .file), ImageCell.free,
    ]
    for _ in 0..<3000 {
      let event = random.event()
      let cell = random.generator.pick(cells)
      guard let report = AlertRoundTripTests.report(event, cell) else { continue }
      // Text shows bytes that a terminal would obey as escapes.
      if format == .text, (report.path + report.source).contains(where: { $0 < 0x20 || $0 >= 0x7F }) { continue }
      if String(validating: report.path + report.source, as: UTF8.self) == nil { continue }
      checked += 1
      let alert = Samples.alert(report)
      let text = Samples.text(alert, format)
      let record = try AlertRoundTripTests.record(text)
      var wanted = event
      if case .path = event.access {
        #expect(record.event.isOwner == event.isOwner, "\(text)")
      } else {
        wanted.isOwner = true
      }
      var got = record.event.event
      if case .path = event.access {} else { got?.isOwner = true }
      #expect(got == wanted, "\(text)")
      let policy = alert.policy.isEmpty ? nil : alert.policy
      #expect(record.outcome == RecordedOutcome(cell.verdict, policy: policy), "\(text)")
      #expect(
        record.workload
          == .container(
            namespace: "shop",
            labels: nil,
            container: "cart",
            owner: format == .text ? nil : "Deployment/cart",
            pod: nil
          ),
        "\(text)"
      )
    }
    #expect(checked > 1000)
  }

  /// Programs with spaces in their names are no arguments.
  @Test func sourcesWithSpaces() throws {
    var event = Samples.event(.open, .file, path: "/etc/my file")
    event.source = Array("/opt/my tool".utf8)
    let record = try AlertRoundTripTests.record(Samples.text(Samples.alert(event)))
    #expect(record.event.event?.source == BytePath("/opt/my tool"))
  }

  @Test func hosts() throws {
    var place = AlertPlace(subject: "host.worker-1")
    place.isHost = true
    place.hostName = "worker-1"
    let event = Samples.event(.open, .file, path: "/etc/shadow")
    let alert = Samples.alert(event, AlertSubject(place: place, records: Samples.subject.records))
    #expect(try AlertRoundTripTests.record(Samples.text(alert)).workload == .host(name: "worker-1", labels: nil))
  }

  /// A selection of pods of several namespaces is found by its name, not taken for the node.
  @Test func selections() throws {
    let event = Samples.event(.open, .file, path: "/etc/shadow")
    let alert = Samples.alert(event, AlertSubject(place: AlertPlace(subject: "all.web")))
    #expect(try AlertRoundTripTests.record(Samples.text(alert)).workload == .subject("all.web"))
  }

  /// What no policy decided is no event for one.
  @Test func presets() {
    var event = Samples.event(.open, .file, path: "/proc/1/environ")
    event.preset = .protectEnv
    let readings = AlertRoundTripTests.read(Samples.text(Samples.alert(event)))
    #expect(readings == [.noAccess("decided by a preset, of which no verdict of a rule speaks")])
  }

  @Test func troubles() {
    for trouble in MatcherTrouble.allCases {
      let event = Samples.event(.open, .file, path: "/a", cell: ImageCell(rawValue: 2), trouble: trouble)
      let readings = AlertRoundTripTests.read(Samples.text(Samples.alert(event)))
      #expect(readings == [.noAccess("decided by the enforcer itself, by no policy")])
    }
    let missing = Alert.missing(lost: 1, heldBack: 0, malformed: 0, time: Samples.boot, hostName: "n")
    guard case .noAccess? = AlertRoundTripTests.read(Samples.text(missing)).first else {
      Issue.record("a notice is no event")
      return
    }
  }

  /// An audit record and the alert made of it say the same, but for the program: a process chooses its own name.
  @Test func auditRecords() throws {
    for line in AlertGoldenTests.log.split(separator: "\n") {
      guard case .denial(let denial) = AppArmorDenial.read(Array(line.utf8)[...]),
        case .record(let direct)? = AlertRoundTripTests.read(String(line)).first
      else { continue }
      let alert = Alert(denial, AlertPlace(subject: ProfileName.subject(of: denial.profile) ?? ""), hostName: "n")
      let record = try AlertRoundTripTests.record(Samples.text(alert))
      #expect(record.event.accesses == direct.event.accesses, "\(line)")
      #expect(record.event.isOwner == direct.event.isOwner, "\(line)")
      #expect(record.outcome?.verdict == direct.outcome?.verdict, "\(line)")
    }
  }
}
