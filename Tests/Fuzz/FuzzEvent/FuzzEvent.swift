import Alerts
import Analysis
import Bundle
import IR

/// Any bytes as an event of the matcher and as a line of a log: refused, or an alert that `simulate` understands.
///
///     scripts/fuzz 60 0 FuzzEvent
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzEvent(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // libFuzzer hands in `count` readable bytes that live for the call.
  let input = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  if let event = try? MatcherEvent(input[...]) {
    precondition((try? MatcherEvent(event.encoded[...])) == event, "an event is read as it is written")
    check(Alert(event, subject, boot: 1_767_225_600_000_000_000, hostName: "n"))
  }
  for line in input.split(separator: 0x0A).prefix(64) {
    guard case .denial(let denial) = AppArmorDenial.read(line) else { continue }
    check(Alert(denial, AlertPlace(subject: ProfileName.subject(of: denial.profile) ?? ""), hostName: "n"))
  }
  return 0
}

private let subject = AlertSubject(
  place: AlertPlace(subject: "fuzz"),
  records: [
    ImageRecord(
      kind: .pod,
      namespace: "default",
      name: "fuzz",
      severity: 5,
      tags: ["a"],
      message: "m",
      action: .block,
      resourceClass: .file
    )
  ]
)

private func check(_ alert: Alert) {
  for format in AlertWriter.Format.allCases {
    var writer = AlertWriter(format)
    var out: [UInt8] = []
    writer.append(alert, to: &out)
    precondition(out.last == 0x0A, "an alert ends its line")
    if format == .text { continue }
    precondition(out.count { $0 == 0x0A } == 1, "one line")
    var batcher = LineBatcher()
    var batches = batcher.append(out[...])
    if let last = batcher.finish() { batches.append(last) }
    for (_, reading) in batches.flatMap(RecordReader.read) {
      if case .unparsed(let why) = reading, alert.operation != .capabilities, alert.operation != .syscall,
        alert.operation != .network
      {
        preconditionFailure("simulate does not understand it: \(why)")
      }
    }
  }
}
