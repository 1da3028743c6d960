package import IR

extension PolicyRecord {
  /// The subject that a record describes.
  /// - Throws: `PolicyRecordError` with every problem of the text; after a mistake in its JSON with that one alone.
  package static func subject(json: [UInt8]) throws(PolicyRecordError) -> SubjectPolicy {
    var reader = RecordReader(bytes: json)
    guard json.count <= maximumSize else {
      reader.add("the record has \(json.count) bytes; at most \(maximumSize) are read", at: nil)
      throw reader.error
    }
    let tree: JSONTree
    do {
      tree = try JSONTree.parse(json)
    } catch {
      reader.add(error.message, at: error.offset)
      throw reader.error
    }
    guard let subject = reader.record(tree), reader.isClean else { throw reader.error }
    return subject
  }
}

/// Takes a record apart and notes whatever is wrong with it.
struct RecordReader {
  private let bytes: [UInt8]
  private var problems: [(offset: Int?, message: String)] = []
  private var hasMore = false

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isClean: Bool { problems.isEmpty }

  mutating func add(_ message: String, at offset: Int?) {
    if problems.count < PolicyRecord.maximumProblems {
      problems.append((offset, message))
    } else {
      hasMore = true
    }
  }

  var error: PolicyRecordError {
    let found = problems.isEmpty ? [(offset: nil, message: "the record cannot be read")] : problems
    return PolicyRecordError(
      problems: found.sorted { ($0.offset ?? -1) < ($1.offset ?? -1) }.map { offset, message in
        guard let offset else { return PolicyRecordError.Problem(line: 0, column: 0, message: message) }
        let before = bytes.prefix(offset)
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return PolicyRecordError.Problem(
          line: before.count { $0 == UInt8(ascii: "\n") } + 1,
          column: offset - start + 1,
          message: message
        )
      },
      hasMore: hasMore
    )
  }

  // MARK: Shapes

  /// The members of an object by name.
  struct Members {
    let offset: Int
    fileprivate let values: [String: JSONTree]
    subscript(_ key: String) -> JSONTree? { values[key] }
  }

  /// An object that holds `required`, may hold `optional`, and nothing else.
  mutating func object(_ tree: JSONTree?, _ what: String, required: [String], optional: [String] = []) -> Members? {
    guard let tree else { return nil }
    guard case .object(let members) = tree.value else {
      add("\(what) is \(tree.typeName), expected an object", at: tree.offset)
      return nil
    }
    var values: [String: JSONTree] = [:]
    for member in members {
      if required.contains(member.key) || optional.contains(member.key) {
        values[member.key] = member.value
      } else {
        let known = (required + optional).map { "'\($0)'" }.joined(separator: ", ")
        add(
          "\(what) has a member '\(member.key)' that format \(PolicyRecord.currentFormat) does not know; it knows \(known)",
          at: member.offset
        )
      }
    }
    let missing = required.filter { values[$0] == nil }
    for key in missing { add("\(what) has no '\(key)'", at: tree.offset) }
    return missing.isEmpty ? Members(offset: tree.offset, values: values) : nil
  }

  mutating func array(_ tree: JSONTree?, _ what: String) -> [JSONTree]? {
    guard let tree else { return nil }
    if case .array(let items) = tree.value { return items }
    add("\(what) is \(tree.typeName), expected an array", at: tree.offset)
    return nil
  }

  /// Every item as `read` takes it; nil if one of them is wrong.
  mutating func array<Element>(
    _ tree: JSONTree?,
    _ what: String,
    _ read: (inout RecordReader, JSONTree) -> Element?
  ) -> [Element]? {
    guard let items = array(tree, what) else { return nil }
    var result: [Element] = []
    for item in items { if let element = read(&self, item) { result.append(element) } }
    return result.count == items.count ? result : nil
  }

  mutating func string(_ tree: JSONTree?, _ what: String) -> String? {
    guard let tree else { return nil }
    if case .string(let text) = tree.value { return text }
    add("\(what) is \(tree.typeName), expected a string", at: tree.offset)
    return nil
  }

  mutating func filledString(_ tree: JSONTree?, _ what: String) -> String? {
    guard let tree, let text = string(tree, what) else { return nil }
    if !text.isEmpty { return text }
    add("\(what) is empty", at: tree.offset)
    return nil
  }

  mutating func strings(_ tree: JSONTree?, _ what: String) -> [String]? {
    array(tree, what) { $0.string($1, "an item of \(what)") }
  }

  mutating func bool(_ tree: JSONTree?, _ what: String) -> Bool? {
    guard let tree else { return nil }
    if case .bool(let value) = tree.value { return value }
    add("\(what) is \(tree.typeName), expected true or false", at: tree.offset)
    return nil
  }

  mutating func integer(_ tree: JSONTree?, _ what: String, in range: ClosedRange<Int>) -> Int? {
    guard let tree else { return nil }
    if case .integer(let value) = tree.value, range.contains(value) { return value }
    let found: String
    if case .integer(let value) = tree.value { found = String(value) } else { found = tree.typeName }
    add("\(what) is \(found), expected a whole number from \(range.lowerBound) to \(range.upperBound)", at: tree.offset)
    return nil
  }

  /// One of the words of an enumeration.
  mutating func word<Value: RawRepresentable & CaseIterable>(
    _ tree: JSONTree?,
    _ what: String,
    of type: Value.Type
  ) -> Value? where Value.RawValue == String {
    guard let tree, let text = string(tree, what) else { return nil }
    if let value = Value(rawValue: text) { return value }
    let known = Value.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    add("\(what) is '\(text)', expected one of \(known)", at: tree.offset)
    return nil
  }
}
