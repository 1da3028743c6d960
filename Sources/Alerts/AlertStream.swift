/// Alerts on their way out: those that are wanted, written one behind another.
package struct AlertStream: Sendable {
  private let filter: AlertFilter
  private var writer: AlertWriter
  private var output: [UInt8] = []
  /// How many may still be written; nil: any number.
  private var left: Int?
  /// Alerts and logs that were written.
  package private(set) var written = 0
  /// Events or lines that were not understood.
  package private(set) var malformed: UInt64 = 0
  package private(set) var firstDefect: String?

  package init(_ format: AlertWriter.Format, filter: AlertFilter = AlertFilter(), limit: Int? = nil) {
    self.filter = filter
    writer = AlertWriter(format)
    left = limit
  }

  /// Whether as many were written as were asked for.
  package var isDone: Bool { left == 0 }

  package mutating func add(_ alert: Alert) {
    guard left != 0, filter.wants(alert) else { return }
    writer.append(alert, to: &output)
    if alert.kind == .systemEvent { return }
    written += 1
    if let count = left { left = count - 1 }
  }

  /// Adds an event as the matcher reports it.
  package mutating func add(
    _ bytes: ArraySlice<UInt8>,
    boot: Int,
    hostName: String,
    subject: (MatcherEvent) -> AlertSubject
  ) {
    do throws(EventError) {
      let event = try MatcherEvent(bytes)
      add(Alert(event, subject(event), boot: boot, hostName: hostName))
    } catch {
      addDefect(error.message)
    }
  }

  package mutating func addDefect(_ message: String) {
    malformed += 1
    if firstDefect == nil { firstDefect = message }
  }

  /// What was written since the last call.
  package mutating func takeOutput() -> [UInt8] {
    defer { output.removeAll(keepingCapacity: true) }
    return output
  }
}
