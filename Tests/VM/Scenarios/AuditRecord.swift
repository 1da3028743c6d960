/// One message of the kernel's audit stream: `apparmor="DENIED" operation="open" … name="/etc/shadow"`.
struct AuditRecord: KernelRecord {
  /// Values without quotes; names with unusual bytes decoded from hexadecimal.
  private let fields: [String: [UInt8]]
  private let text: Substring

  init(_ text: Substring) {
    self.text = text
    var fields: [String: [UInt8]] = [:]
    for word in text.split(separator: " ") {
      guard let equals = word.firstIndex(of: "=") else { continue }
      let value = Array(word[word.index(after: equals)...].utf8)
      let isQuoted = value.first == UInt8(ascii: "\"")
      // The kernel prints `name=2F…` without quotes when the name has spaces, quotes, control bytes or bytes above 0x7E.
      let key = String(word[..<equals])
      fields[key] =
        isQuoted
        ? Array(value.drop { $0 == UInt8(ascii: "\"") }.prefix { $0 != UInt8(ascii: "\"") })
        : key == "name" ? AuditRecord.decode(value) : value
    }
    self.fields = fields
  }

  /// DENIED, AUDIT or ALLOWED (the word of profiles in complain mode).
  var status: String { field("apparmor") }

  var isDenial: Bool { status == "DENIED" }
  var isLog: Bool { false }

  /// Whether the record is about the object and the access of a scenario.
  func concerns(_ expectation: Expectation) -> Bool {
    switch expectation.object {
    case .socket: return fields["family"] != nil
    case .capability(let name): return field("capname") == name
    case .call: return false
    case .path(let path):
      guard var name = fields["name"], let object = AuditRecord.unescape(path) else { return false }
      if name.count > 1, name.last == UInt8(ascii: "/") { name.removeLast() }
      guard name == object else { return false }
      // c create, d delete; `link` is asked for the new name.
      let letters =
        switch expectation.access {
        case "read": "rkm"
        case "write": "wacdlk"
        default: "x"
        }
      return field("requested_mask").contains { letters.contains($0) }
    }
  }

  /// AppArmor does not say which policy decided.
  func flaw(_ expectation: Expectation) -> String? { nil }

  private func field(_ name: String) -> String { String(decoding: fields[name] ?? [], as: UTF8.self) }

  private static func decode(_ digits: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count - 1, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else {
        return digits
      }
      bytes.append(byte)
    }
    return bytes
  }

  private static func unescape(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return bytes
  }
}

extension AuditRecord {
  var description: String { String(text) }
}
