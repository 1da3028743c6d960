internal import CAppArmor

/// A message of AppArmor from the audit or kernel log, as libapparmor reads it.
package struct AppArmorDenial: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case denied
    /// Let through and reported: an audit rule, or a profile in complain mode.
    case audited
  }

  package var kind: Kind
  /// Nanoseconds since 1970.
  package var time: Int
  package var operation: String
  package var profile: String
  /// Of a path; empty where there is none.
  package var name: [UInt8] = []
  package var command: [UInt8] = []
  package var info = ""
  package var pid: Int?
  package var fsuid: Int?
  package var ouid: Int?
  /// The letters of file permissions.
  package var mask = ""
  package var errno = 0
  package var family: String?
  package var socketType: String?
  package var protocolName: String?
  package var capability: String?
}

/// What became of one line of a log.
package enum LogLine: Hashable, Sendable {
  case denial(AppArmorDenial)
  /// Nothing of AppArmor's, or a message about profiles.
  case other
  /// AppArmor's, but not understood.
  case unparsed
}

extension AppArmorDenial {
  /// Longest line that is looked at.
  package static let maximumLine = 1 << 16

  /// Reads one line, without its break, of any log that carries audit records.
  package static func read(_ line: ArraySlice<UInt8>) -> LogLine {
    guard line.count <= maximumLine, AuditWords.isAppArmor(line) else { return .other }
    guard let words = AuditWords(line) else { return .unparsed }
    var text = words.text.map { CChar(bitPattern: $0) } + [0]
    // INVARIANT: the text ends with NUL; libapparmor copies what it keeps and gives a record or nothing.
    guard let found = unsafe parse_record(&text) else { return .unparsed }
    defer { unsafe free_record(found) }
    let raw = unsafe found.pointee
    let kind: Kind
    switch unsafe raw.event {
    case AA_RECORD_DENIED: kind = .denied
    case AA_RECORD_AUDIT, AA_RECORD_ALLOWED: kind = .audited
    case AA_RECORD_HINT, AA_RECORD_STATUS, AA_RECORD_ERROR: return .other
    default: return .unparsed
    }
    guard let operation = unsafe copy(raw.operation), let profile = unsafe copy(raw.profile) else { return .unparsed }
    var denial = AppArmorDenial(
      kind: kind,
      time: words.time,
      operation: operation,
      profile: profile
    )
    denial.name = unsafe bytes(raw.name)
    denial.command = unsafe bytes(raw.comm)
    denial.info = unsafe copy(raw.info) ?? ""
    denial.pid = unsafe Int(exactly: raw.pid).flatMap { $0 > 0 ? $0 : nil }
    denial.fsuid = unsafe Int(exactly: raw.fsuid)
    denial.ouid = unsafe Int(exactly: raw.ouid)
    denial.mask = unsafe copy(raw.requested_mask) ?? copy(raw.denied_mask) ?? ""
    denial.errno = unsafe abs(Int(raw.error_code))
    denial.family = unsafe copy(raw.net_family)
    denial.socketType = unsafe copy(raw.net_sock_type)
    // It makes a name of the number, which says less: some numbers have none.
    denial.protocolName = words.protocolNumber
    if operation == "capable" { denial.capability = unsafe copy(raw.name) }
    return .denial(denial)
  }

  private static func copy(_ text: UnsafeMutablePointer<CChar>?) -> String? {
    // INVARIANT: strings of a record are NUL-terminated or null.
    unsafe text.map { unsafe String(cString: $0) }
  }

  private static func bytes(_ text: UnsafeMutablePointer<CChar>?) -> [UInt8] {
    guard let text = unsafe text else { return [] }
    var bytes: [UInt8] = []
    // As above.
    var place = unsafe text
    while unsafe place.pointee != 0 {
      bytes.append(UInt8(bitPattern: unsafe place.pointee))
      unsafe place += 1
    }
    return bytes
  }
}
