import IR

/// Events as JSON (docs/events.md): objects with an `event`, alone, in an array, in an object's `rows`, or one a line.
package enum EventJSON {
  /// All records of a text, in order.
  package struct Records: Sendable {
    package var records: [EventRecord] = []
    /// In order of place.
    package var errors: [EventJSONError] = []
  }

  /// Reads a whole text. What cannot be read is an error with its line or index, and the rest is read all the same.
  package static func records(_ bytes: [UInt8]) -> Records {
    var result = Records()
    func add(_ tree: JSONTree, line: Int?, prefix: String = "") {
      do throws(EventJSONError) {
        result.records.append(try record(tree))
      } catch {
        result.errors.append(EventJSONError(line: line, prefix + error.message))
      }
    }
    do throws(JSONSyntaxError) {
      let tree = try JSONTree(bytes)
      if case .array(let items) = tree {
        for (index, item) in items.enumerated() { add(item, line: nil, prefix: "[\(index)]: ") }
      } else if case .array(let items) = tree["rows"] {
        for (index, item) in items.enumerated() { add(item, line: nil, prefix: "rows[\(index)]: ") }
      } else {
        add(tree, line: nil)
      }
      return result
    } catch {
      let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let filled = lines.filter(isRecord)
      let isList = filled.count > 1 && filled.prefix(2).contains { (try? JSONTree($0)) != nil }
      guard isList else {
        let before = bytes[..<min(error.offset, bytes.count)]
        result.errors.append(
          EventJSONError(line: 1 + before.count(where: { $0 == UInt8(ascii: "\n") }), "no JSON: " + error.message)
        )
        return result
      }
      for (index, line) in lines.enumerated() where isRecord(line) {
        do throws(JSONSyntaxError) {
          add(try JSONTree(line), line: index + 1)
        } catch {
          result.errors.append(
            EventJSONError(line: index + 1, "no JSON: \(error.message) (column \(error.offset + 1))")
          )
        }
      }
      return result
    }
  }

  private static func isRecord(_ line: ArraySlice<UInt8>) -> Bool {
    line.contains { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
  }

  /// One record.
  package static func record(_ tree: JSONTree) throws(EventJSONError) -> EventRecord {
    if case .string(let text) = tree {
      return EventRecord(event: try parse(text))
    }
    guard case .object(let members) = tree else {
      throw EventJSONError("expected an object with 'event', found \(tree.kindName)")
    }
    let hasEvent = members.contains { $0.name == "event" }
    guard hasEvent || members.contains(where: { $0.name == "op" }) else {
      let near = members.map(\.name).first { Spelling.correction(of: $0, among: ["event", "op"]) != nil }
      throw EventJSONError("no 'event'" + (near.map { " (did you mean it by '\($0)'?)" } ?? ""))
    }
    for member in members where !topMembers.contains(member.name) && (hasEvent || !eventMembers.contains(member.name)) {
      if let meant = Spelling.correction(of: member.name, among: topMembers) {
        throw EventJSONError("unknown member '\(member.name)', did you mean '\(meant)'?")
      }
    }
    var record: EventRecord
    switch tree["event"] {
    case .string(let text): record = EventRecord(event: try parse(text))
    case .object(let members):
      for member in members where !eventMembers.contains(member.name) {
        let meant = Spelling.correction(of: member.name, among: eventMembers).map { ", did you mean '\($0)'?" }
        throw EventJSONError("unknown member 'event.\(member.name)'" + (meant ?? ""))
      }
      record = try structured(.object(members), "event.")
    case nil: record = try structured(tree, "")
    case .some(let other): throw EventJSONError("'event' is \(other.kindName), expected a string or an object")
    }
    record.subject = try subject(tree)
    record.postures = try postures(tree["posture"])
    record.id = try text(tree, "id")
    record.policyFiles = try texts(tree, "policies")
    return record
  }

  static let topMembers = [
    "event", "subject", "posture", "namespace", "pod", "labels", "container", "host", "id", "policies",
  ]
  /// `args` and `tty` change no verdict.
  static let eventMembers = [
    "op", "path", "source", "isOwner", "is_owner", "network", "family", "type", "protocol", "capability", "syscall",
    "args", "tty",
  ]

  private static func parse(_ text: String) throws(EventJSONError) -> Event {
    do throws(EventSyntaxError) { return try Event(parsing: text) } catch {
      throw EventJSONError("event '\(text.prefix(200))': \(error.line)")
    }
  }

  // MARK: Structured events

  private static func structured(_ tree: JSONTree, _ prefix: String) throws(EventJSONError) -> EventRecord {
    guard let operation = try text(tree, "op", prefix) else { throw EventJSONError("no '\(prefix)op'") }
    let access: Access
    var isOwner: Bool? = true
    switch operation.lowercased() {
    case "exec", "read", "write":
      guard let path = try path(tree, "path", prefix) else { throw EventJSONError("no '\(prefix)path'") }
      let which = PathOperation.allCases.first { $0.name == operation.lowercased() } ?? .read
      access = .path(which, path)
      isOwner = try flag(tree, ["isOwner", "is_owner"], prefix)
    case "network":
      let network = tree["network"]
      if let network, !network.isNull, case .string(let words) = network {
        access = try parse("network " + words).access
      } else {
        let isNested = network.map { !$0.isNull } ?? false
        let (place, name) = isNested ? (network ?? .null, prefix + "network.") : (tree, prefix)
        var words: [String] = []
        for member in ["family", "type", "protocol"] {
          if let word = try word(place, member, name) { words.append(word) }
        }
        access = try parse(words.isEmpty ? "network" : "network " + words.joined(separator: " ")).access
      }
    case "capability":
      guard let name = try word(tree, "capability", prefix) else { throw EventJSONError("no '\(prefix)capability'") }
      access = try parse("capability " + name).access
    case "syscall":
      guard let name = try word(tree, "syscall", prefix) else { throw EventJSONError("no '\(prefix)syscall'") }
      guard case .syscall(let call, _) = try parse("syscall " + name).access else {
        throw EventJSONError("'\(prefix)syscall' is no system call")
      }
      access = .syscall(call, try path(tree, "path", prefix))
    default:
      let known = ["exec", "read", "write", "network", "capability", "syscall"]
      let meant = Spelling.correction(of: operation, among: known).map { ", did you mean '\($0)'?" }
      throw EventJSONError(
        "unknown '\(prefix)op' '\(operation)'" + (meant ?? ", expected \(known.joined(separator: ", "))")
      )
    }
    let event = Event(source: try path(tree, "source", prefix), access: access, isOwner: isOwner ?? true)
    return EventRecord(event: event, isOwnerUnknown: isOwner == nil)
  }

  private static func path(_ tree: JSONTree, _ name: String, _ prefix: String) throws(EventJSONError) -> BytePath? {
    guard let text = try text(tree, name, prefix) else { return nil }
    do throws(EventSyntaxError) { return try BytePath(checking: Array(text.utf8)) } catch {
      throw EventJSONError("'\(prefix)\(name)': \(error.line)")
    }
  }

  /// A word of the event language; a number is one too.
  private static func word(_ tree: JSONTree, _ name: String, _ prefix: String) throws(EventJSONError) -> String? {
    if case .number(let digits) = tree[name] { return digits }
    guard let text = try text(tree, name, prefix) else { return nil }
    guard !text.isEmpty, !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x22 || $0 == 0x5C }) else {
      throw EventJSONError("'\(prefix)\(name)' is '\(text)', expected one word")
    }
    return text
  }

  // MARK: Members

  /// Nil where it is missing or null.
  static func text(_ tree: JSONTree, _ name: String, _ prefix: String = "") throws(EventJSONError) -> String? {
    switch tree[name] {
    case nil, .null: return nil
    case .string(let text): return text
    case .some(let other): throw EventJSONError("'\(prefix)\(name)' is \(other.kindName), expected a string")
    }
  }

  /// An array of strings; empty where it is missing or null.
  private static func texts(_ tree: JSONTree, _ name: String) throws(EventJSONError) -> [String] {
    switch tree[name] {
    case nil, .null: return []
    case .array(let items):
      var result: [String] = []
      for item in items {
        guard let text = item.string else {
          throw EventJSONError("'\(name)' holds \(item.kindName), expected strings")
        }
        result.append(text)
      }
      return result
    case .some(let other): throw EventJSONError("'\(name)' is \(other.kindName), expected an array of strings")
    }
  }

  /// Nil where it is null; true where it is missing.
  private static func flag(_ tree: JSONTree, _ names: [String], _ prefix: String) throws(EventJSONError) -> Bool? {
    guard let name = names.first(where: { tree[$0] != nil }), let value = tree[name] else { return true }
    switch value {
    case .bool(let flag): return flag
    case .null: return nil
    default: throw EventJSONError("'\(prefix)\(name)' is \(value.kindName), expected true, false or null")
    }
  }
}
