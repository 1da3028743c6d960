/// A JSON value that keeps the order of its members, so that its text is the same on every machine.
package enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case string(String)
  /// Bytes that should be UTF-8; what is not becomes U+FFFD.
  case bytes([UInt8])
  case array([JSONValue])
  case object([(String, JSONValue)])

  package static func == (a: JSONValue, b: JSONValue) -> Bool { a.text() == b.text() }
  package func hash(into hasher: inout Hasher) { hasher.combine(text()) }
}

extension JSONValue {
  /// The value as RFC 8259 text. `indent` 0 writes one line; otherwise members stand on lines of their own.
  package func text(indent: Int = 0) -> String {
    var out: [UInt8] = []
    write(into: &out, indent: indent, depth: 0)
    return String(decoding: out, as: UTF8.self)
  }

  private func write(into out: inout [UInt8], indent: Int, depth: Int) {
    switch self {
    case .null: out += Array("null".utf8)
    case .bool(let value): out += Array((value ? "true" : "false").utf8)
    case .integer(let value): out += Array(String(value).utf8)
    case .string(let value): JSONValue.quote(value, into: &out)
    case .bytes(let value): JSONValue.quote(String(decoding: value, as: UTF8.self), into: &out)
    case .array(let items):
      JSONValue.group("[", "]", items, into: &out, indent: indent, depth: depth) { item, out in
        item.write(into: &out, indent: indent, depth: depth + 1)
      }
    case .object(let members):
      JSONValue.group("{", "}", members, into: &out, indent: indent, depth: depth) { member, out in
        JSONValue.quote(member.0, into: &out)
        out.append(UInt8(ascii: ":"))
        if indent > 0 { out.append(UInt8(ascii: " ")) }
        member.1.write(into: &out, indent: indent, depth: depth + 1)
      }
    }
  }

  private static func group<Item>(
    _ open: Character,
    _ close: Character,
    _ items: [Item],
    into out: inout [UInt8],
    indent: Int,
    depth: Int,
    _ body: (Item, inout [UInt8]) -> Void
  ) {
    out += Array(String(open).utf8)
    for (index, item) in items.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      breakLine(into: &out, spaces: indent * (depth + 1), when: indent > 0)
      body(item, &out)
    }
    breakLine(into: &out, spaces: indent * depth, when: indent > 0 && !items.isEmpty)
    out += Array(String(close).utf8)
  }

  private static func breakLine(into out: inout [UInt8], spaces: Int, when wanted: Bool) {
    guard wanted else { return }
    out.append(UInt8(ascii: "\n"))
    out += [UInt8](repeating: UInt8(ascii: " "), count: spaces)
  }

  /// Escapes quotes, backslashes, control characters, DEL, and the line separators that JavaScript stumbles over.
  private static func quote(_ text: String, into out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    var bytes = text.utf8.makeIterator()
    // U+2028 and U+2029 are E2 80 A8 and E2 80 A9: whoever starts like them waits for its third byte.
    var started = 0
    while let byte = bytes.next() {
      if started == 2, byte & 0xFE == 0xA8 {
        out.removeLast(2)
        out += Array((byte == 0xA8 ? "\\u2028" : "\\u2029").utf8)
        started = 0
        continue
      }
      started = byte == 0xE2 ? 1 : started == 1 && byte == 0x80 ? 2 : 0
      switch byte {
      case 0x22: out += Array("\\\"".utf8)
      case 0x5C: out += Array("\\\\".utf8)
      case 0x0A: out += Array("\\n".utf8)
      case 0x0D: out += Array("\\r".utf8)
      case 0x09: out += Array("\\t".utf8)
      case 0..<0x20, 0x7F:
        let digits = String(byte, radix: 16)
        out += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}
