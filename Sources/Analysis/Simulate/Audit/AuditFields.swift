/// One audit record or one line of the kernel's log: words `key=value` after a head.
///
/// Values are quoted, or bare; a name with special bytes is bare hexadecimal.
struct AuditFields {
  /// `1364481363.243:24287` of `audit(1364481363.243:24287)`: equal for all records of one event.
  let serial: ArraySlice<UInt8>?
  /// `AVC`, `SYSCALL`, `PATH` …, from `type=AVC` or the kernel's number; nil when the line says neither.
  let type: String?
  private let pairs: [Pair]
  private let text: ArraySlice<UInt8>

  private struct Pair {
    let key: ArraySlice<UInt8>
    let value: ArraySlice<UInt8>
    let isQuoted: Bool
  }

  /// Most words of a record that are looked at.
  private static let mostPairs = 96

  /// A marker of such lines, for telling them from others.
  static func isAudit(_ line: ArraySlice<UInt8>) -> Bool {
    line.end(of: "audit(") != nil || line.end(of: "apparmor=\"") != nil || line.end(of: "avc: ") != nil
  }

  /// The serial of a line, without reading the rest.
  static func serial(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard let start = line.end(of: "audit(") else { return nil }
    guard let close = line[start...].prefix(64).firstIndex(of: UInt8(ascii: ")")) else { return nil }
    return line[start..<close]
  }

  init(_ line: ArraySlice<UInt8>) {
    text = line
    serial = AuditFields.serial(line)
    // What stands before is of the log that carried it: time, host, `kernel:`.
    let head = line.end(of: "audit(").map { line[..<$0] } ?? line[..<line.startIndex]
    if let start = head.end(of: "type=") {
      let word = head[start...].prefix { $0 > 0x20 && $0 != UInt8(ascii: ",") }
      type = AuditFields.typeName(String(decoding: word, as: UTF8.self))
    } else {
      type = nil
    }
    pairs = AuditFields.pairs(line[head.endIndex...])
  }

  /// Names of `linux/audit.h`.
  private static func typeName(_ word: String) -> String {
    ["1300": "SYSCALL", "1302": "PATH", "1307": "CWD", "1309": "EXECVE", "1327": "PROCTITLE", "1400": "AVC"][word]
      ?? word
  }

  private static func pairs(_ text: ArraySlice<UInt8>) -> [Pair] {
    var pairs: [Pair] = []
    var index = text.startIndex
    // 0x1D parts what auditd adds in `log_format = ENRICHED`.
    func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 }
    while index < text.endIndex, pairs.count < mostPairs {
      while index < text.endIndex, isSpace(text[index]) { index += 1 }
      let start = index
      while index < text.endIndex, !isSpace(text[index]), text[index] != UInt8(ascii: "=") { index += 1 }
      guard index < text.endIndex, text[index] == UInt8(ascii: "=") else { continue }
      let key = text[start..<index]
      index += 1
      if index < text.endIndex, text[index] == UInt8(ascii: "\"") {
        let first = index + 1
        let last = text[first...].firstIndex(of: UInt8(ascii: "\"")) ?? text.endIndex
        pairs.append(Pair(key: key, value: text[first..<last], isQuoted: true))
        index = min(text.endIndex, last + 1)
      } else {
        let first = index
        while index < text.endIndex, !isSpace(text[index]) { index += 1 }
        pairs.append(Pair(key: key, value: text[first..<index], isQuoted: false))
      }
    }
    return pairs
  }

  private func pair(_ key: String) -> Pair? {
    let wanted = key.utf8
    return pairs.first { $0.key.count == wanted.count && $0.key.elementsEqual(wanted) }
  }

  /// The value as it stands; nil when missing or empty.
  subscript(_ key: String) -> String? {
    guard let value = pair(key)?.value, !value.isEmpty else { return nil }
    return String(decoding: value, as: UTF8.self)
  }

  /// A name that may be hexadecimal.
  func name(_ key: String) -> [UInt8]? {
    guard let pair = pair(key), !pair.value.isEmpty else { return nil }
    if pair.isQuoted { return Array(pair.value) }
    if pair.value.elementsEqual("(null)".utf8) { return nil }
    return AuditFields.unhex(pair.value) ?? Array(pair.value)
  }

  func number(_ key: String) -> UInt64? { self[key].flatMap { UInt64($0) } }

  /// Whether these bytes stand anywhere in the record.
  func contains(_ wanted: String) -> Bool { text.end(of: wanted) != nil }

  /// The words between `{` and `}`.
  var permissions: [String] {
    guard let open = text.firstIndex(of: UInt8(ascii: "{")),
      let close = text[open...].firstIndex(of: UInt8(ascii: "}"))
    else { return [] }
    return text[(open + 1)..<close].split(separator: UInt8(ascii: " ")).prefix(64).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private static func unhex(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(text.count / 2)
    var index = text.startIndex
    while index + 1 < text.endIndex {
      guard let high = hexDigit(text[index]), let low = hexDigit(text[index + 1]) else { return nil }
      result.append(high << 4 | low)
      index += 2
    }
    return result
  }
}

extension ArraySlice<UInt8> {
  /// Index after the first occurrence of some ASCII text, or nil.
  func end(of wanted: String) -> Int? {
    let text = wanted.utf8
    guard let first = text.first, count >= text.count else { return nil }
    var index = startIndex
    let last = endIndex - text.count
    while index <= last {
      guard let hit = self[index...last].firstIndex(of: first) else { return nil }
      if self[hit..<hit + text.count].elementsEqual(text) { return hit + text.count }
      index = hit + 1
    }
    return nil
  }
}
