import Alerts
import Bundle
import IR

/// One event of the matcher's ring buffer, as the guest prints it: its bytes in hexadecimal digits.
struct MatcherRecord: KernelRecord {
  private let event: MatcherEvent?
  private let reason: String
  private let text: String

  /// The records are those of the image of the scenario's subject.
  init(_ digits: Substring, _ records: [ImageRecord]) {
    let event = MatcherRecord.bytes(digits).flatMap { try? MatcherEvent($0[...]) }
    self.event = event
    guard let event else {
      (reason, text) = ("", "no event: \(digits)")
      return
    }
    reason =
      switch event.cell.reason {
      case .nobody: Reason.nobody
      case .posture(let resourceClass): Reason.posture(resourceClass)
      case .record(let index) where records.indices.contains(index): Reason.rule(records[index])
      case .record(let index): "record \(index), which the image does not have"
      }
    text =
      "\(event.cell.verdict.name) \(event.operation.name) by \(reason), hook \(event.hook), mode \(event.mode), path "
      + "'\(String(decoding: event.path, as: UTF8.self))', source '\(String(decoding: event.source, as: UTF8.self))'"
      + (event.trouble.map { ", " + $0.message } ?? "")
  }

  var isDenial: Bool { event.map { $0.cell.verdict == .block } ?? true }

  var isLog: Bool { event.map { $0.cell.verdict == .allow } ?? false }

  func concerns(_ expectation: Expectation) -> Bool {
    // What cannot be read concerns everything, and is a flaw.
    guard let event else { return true }
    switch expectation.object {
    case .socket(let family, let type):
      return event.resourceClass == .network && event.mode == UInt32(family) << 16 | UInt32(type) << 8
    case .capability(let name):
      return event.hook == .capable && UInt8(exactly: event.mode).flatMap(Capability.init(rawValue:))?.name == name
    case .call(let name, let path):
      return event.hook == .syscall && SystemCalls.name(of: Int(event.mode)) == name && escapedBytes(event.path) == path
    case .path(let path):
      let isOfPaths = event.resourceClass == .process || event.resourceClass == .file
      return isOfPaths && event.operation.name == expectation.access && escapedBytes(event.path) == path
    }
  }

  func flaw(_ expectation: Expectation) -> String? {
    guard let event else { return "an event cannot be read" }
    if event.trouble != nil { return "was not decided by its cell" }
    if event.cell.verdict != expectation.verdict { return "was reported as \(event.cell.verdict.name)" }
    if reason != expectation.reason { return "was reported by \(reason) instead of \(expectation.reason)" }
    if let source = expectation.source, escapedBytes(event.source) != source {
      return "was reported of another program"
    }
    return nil
  }

  var description: String { text }

  private static func bytes(_ digits: Substring) -> [UInt8]? {
    let digits = Array(digits.utf8)
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return bytes
  }
}

/// Who decided, in words that an expectation and an event have in common.
enum Reason {
  static let nobody = "nobody"
  static func posture(_ resourceClass: ResourceClass) -> String { "posture of " + resourceClass.rawValue }
  /// Everything that an alert says of the rule; free text escaped, so that no tab or newline is in it.
  static func rule(_ record: ImageRecord) -> String {
    let words = [
      record.kind.rawValue, record.namespace, record.name, record.resourceClass.rawValue, record.action.rawValue,
      String(record.severity), record.tags.joined(separator: ","), record.message,
    ]
    return words.map { escapedBytes(Array($0.utf8)) }.joined(separator: "|")
  }
}
