/// The words of a line that libapparmor is to read. Its versions refuse lines with keys that they do not know, such as
/// the `class` of newer kernels, and heads of logs that they have not seen: only what they all know is handed over.
struct AuditWords {
  /// An audit record as auditd writes it, of known keys in their order.
  let text: [UInt8]
  /// Nanoseconds since 1970.
  let time: Int
  /// As it is written; nil where there is none.
  let protocolNumber: String?

  private static let keys: Set<String> = [
    "apparmor", "operation", "profile", "name", "pid", "comm", "requested_mask", "denied_mask", "fsuid", "ouid",
    "family", "sock_type", "protocol", "capability", "capname", "error", "info", "target", "namespace",
  ]

  static func isAppArmor(_ line: ArraySlice<UInt8>) -> Bool { find("apparmor=\"", in: line) != nil }

  /// Nil for a line that the kernel does not write.
  init?(_ line: ArraySlice<UInt8>) {
    guard let start = AuditWords.find("audit(", in: line), let close = line[start...].prefix(48).firstIndex(of: 0x29)
    else { return nil }
    let id = line[start..<close]
    guard let time = AuditWords.time(id) else { return nil }
    self.time = time
    var text = Array("type=AVC msg=audit(".utf8) + id + Array("):".utf8)
    var protocolNumber: String?
    var rest = line[(close + 1)...]
    while let sign = rest.firstIndex(of: UInt8(ascii: "=")) {
      // `: apparmor=`, ` ouid=`, or, behind auditd's translation, `\u{1D}FSUID=`.
      let key = rest[..<sign].reversed().prefix { $0 > 0x20 && $0 != UInt8(ascii: ":") }.reversed()
      rest = rest[(sign + 1)...]
      let value: ArraySlice<UInt8>
      let isQuoted = rest.first == UInt8(ascii: "\"")
      if isQuoted {
        let inside = rest.dropFirst()
        guard let end = inside.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        value = inside[..<end]
        rest = inside[(end + 1)...]
      } else {
        value = rest.prefix { $0 > 0x20 }
        rest = rest[value.endIndex...]
      }
      let name = String(decoding: key, as: UTF8.self)
      guard AuditWords.keys.contains(name) else { continue }
      guard isQuoted ? value.allSatisfy({ 0x20...0x7E ~= $0 }) : AuditWords.isBare(value) else { return nil }
      // An empty name is none.
      if value.isEmpty { continue }
      if name == "protocol" { protocolNumber = String(decoding: value, as: UTF8.self) }
      text += [0x20] + key + [UInt8(ascii: "=")]
      text += isQuoted ? [0x22] + value + [0x22] : Array(value)
    }
    self.text = text
    self.protocolNumber = protocolNumber
  }

  /// A number or a name in hexadecimal.
  private static func isBare(_ value: ArraySlice<UInt8>) -> Bool {
    value.allSatisfy { 0x30...0x39 ~= $0 || 0x41...0x46 ~= $0 || 0x61...0x66 ~= $0 || $0 == 0x2D }
  }

  /// `1767225600.123:42`
  private static func time(_ id: ArraySlice<UInt8>) -> Int? {
    guard let text = String(validating: id, as: UTF8.self) else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, UInt32(parts[1]) != nil else { return nil }
    let clock = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard clock.count == 2, clock[0].utf8.count <= 10, let seconds = UInt32(clock[0]), clock[1].utf8.count == 3,
      let milliseconds = UInt32(clock[1])
    else { return nil }
    return Int(seconds) * 1_000_000_000 + Int(milliseconds) * 1_000_000
  }

  /// Index behind the first occurrence of a text, or nil.
  private static func find(_ wanted: String, in line: ArraySlice<UInt8>) -> Int? {
    let text = Array(wanted.utf8)
    guard let first = text.first, line.count >= text.count else { return nil }
    var from = line.startIndex
    while let hit = line[from...].firstIndex(of: first), line.endIndex - hit >= text.count {
      if line[hit..<hit + text.count].elementsEqual(text) { return hit + text.count }
      from = hit + 1
    }
    return nil
  }
}
