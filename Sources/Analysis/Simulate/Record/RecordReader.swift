import IR

/// Reads the lines of a batch, whatever their form (docs/simulate.md).
package enum RecordReader {
  /// Every line but blank ones, in order.
  package static func read(_ batch: LineBatch) -> [(line: Int, reading: LineReading)] {
    if batch.isOverlong {
      return [(batch.firstLine, .unparsed("the line is longer than \(LineBatcher.maximumLine) bytes"))]
    }
    var reader = BatchReader(batch)
    return reader.read()
  }
}

private struct BatchReader {
  private let bytes: [UInt8]
  private var position = 0
  private var number: Int
  private var result: [(line: Int, reading: LineReading)] = []
  private var workloads: Set<WorkloadReference> = []

  init(_ batch: LineBatch) {
    bytes = batch.bytes
    number = batch.firstLine
    // A byte order mark.
    if number == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  mutating func read() -> [(line: Int, reading: LineReading)] {
    while let line = nextLine() {
      guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
      switch first {
      case UInt8(ascii: "{"), UInt8(ascii: "\""): add(JSONRecord.read(bytes, line.startIndex..<line.endIndex))
      case UInt8(ascii: "[") where !AuditFields.isAudit(line):
        add(.unparsed("a JSON list, expected one object a line"))
      case _ where RecordGroup.isHead(line): block()
      case _ where AuditFields.isAudit(line): audit(line)
      default: add(text(line))
      }
    }
    return result
  }

  private mutating func add(_ reading: LineReading) { add(reading, at: number - 1) }

  private mutating func add(_ reading: LineReading, at line: Int) {
    guard case .record(var record) = reading, let workload = record.reference else {
      return result.append((line, reading))
    }
    record.reference = workloads.insert(workload).memberAfterInsert
    result.append((line, .record(record)))
  }

  /// The next line without its break; `number` is then that of the one after it.
  private mutating func nextLine() -> ArraySlice<UInt8>? {
    guard position < bytes.count else { return nil }
    let start = position
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    position = min(bytes.count, end + 1)
    number += 1
    let line = bytes[start..<end]
    return line.last == 0x0D ? line.dropLast() : line
  }

  /// Calls `body` for the following lines as long as it takes them.
  private mutating func following(_ body: (ArraySlice<UInt8>) -> Bool) {
    for _ in 0..<LineBatcher.maximumGroup {
      let (before, count) = (position, number)
      guard let line = nextLine() else { return }
      guard body(line) else {
        (position, number) = (before, count)
        return
      }
    }
  }

  // MARK: Forms

  /// A line of the event language.
  private func text(_ line: ArraySlice<UInt8>) -> LineReading {
    guard !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
      return .unparsed("neither JSON nor an audit record nor text")
    }
    do throws(EventSyntaxError) {
      return .record(Record(form: .event, event: PartialEvent(try Event(parsing: text))))
    } catch {
      let word = text.split(separator: " ").first.map(String.init) ?? ""
      if ["exec", "read", "write", "network", "capability", "syscall"].contains(word) { return .unparsed(error.line) }
      return .unparsed("expected a JSON object, an audit record or an event such as 'read /etc/shadow from /bin/cat'")
    }
  }

  /// A block of karmor's text output: a head, and members on the lines below.
  private mutating func block() {
    let head = number - 1
    var fields = KubeArmorFields()
    following { line in
      guard RecordGroup.isMember(line), let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return false }
      var key = line[..<colon]
      key.removeAll { $0 == 0x20 }
      var value = line[(colon + 1)...]
      while value.first == 0x20 { value = value.dropFirst() }
      fields.take(key, value)
      return true
    }
    add(KubeArmorRecord(fields).read(), at: head)
    for line in (head + 1)..<max(head + 1, number) { result.append((line, .companion)) }
  }

  /// One audit event: a decision and the records of the same serial beside it.
  private mutating func audit(_ line: ArraySlice<UInt8>) {
    let first = number - 1
    var records = [AuditFields(line)]
    if let serial = records[0].serial {
      following { line in
        guard let theirs = AuditFields.serial(line), theirs.elementsEqual(serial) else { return false }
        records.append(AuditFields(line))
        return true
      }
    }
    let hasDecision = records.contains { BatchReader.decision($0) != nil }
    for (offset, record) in records.enumerated() {
      let reading: LineReading
      switch BatchReader.decision(record) {
      case .apparmor: reading = AppArmorRecord.read(AuditEvent(record, companions: records))
      case .selinux: reading = SELinuxRecord.read(AuditEvent(record, companions: records))
      case .event, .kubearmor, nil:
        reading =
          hasDecision ? .companion : .noAccess("an audit record without a decision of AppArmor or SELinux")
      }
      add(reading, at: first + offset)
    }
  }

  private static func decision(_ record: AuditFields) -> Record.Form? {
    if record["apparmor"] != nil { return .apparmor }
    return record.contains("avc:") ? .selinux : nil
  }
}

/// A JSON object on one line.
enum JSONRecord {
  static func read(_ bytes: [UInt8], _ range: Range<Int>) -> LineReading {
    var fields = KubeArmorFields()
    var isEvent = bytes[range].first == UInt8(ascii: "\"")
    if !isEvent {
      do throws(JSONScanner.Failure) {
        var scanner = JSONScanner(bytes, range)
        isEvent = try members(&scanner, &fields, depth: 0)
        try scanner.finish()
      } catch {
        return .unparsed("no JSON object: \(error.message)")
      }
      if fields.isAlert { return KubeArmorRecord(fields).read() }
    }
    guard isEvent else {
      return .unparsed("an object of no known form, expected 'Operation' (KubeArmor) or 'event' (armorc)")
    }
    return event(bytes[range])
  }

  /// Whether there is a member that armorc's own form has. An object in `event` is looked into: it may be an alert in an
  /// envelope.
  private static func members(
    _ scanner: inout JSONScanner,
    _ fields: inout KubeArmorFields,
    depth: Int
  ) throws(JSONScanner.Failure) -> Bool {
    var isEvent = false
    var found = fields
    try scanner.object { key, scanner throws(JSONScanner.Failure) in
      if let field = KubeArmorFields.field(key) {
        try found.read(field, &scanner)
      } else if key.elementsEqual("event".utf8) {
        isEvent = true
        if depth == 0, try scanner.kind() == .object {
          _ = try members(&scanner, &found, depth: 1)
        } else {
          try scanner.skip()
        }
      } else {
        if key.elementsEqual("op".utf8) { isEvent = true }
        try scanner.skip()
      }
    }
    fields = found
    return isEvent
  }

  private static func event(_ bytes: ArraySlice<UInt8>) -> LineReading {
    do {
      let tree = try JSONTree(bytes)
      let record = try EventJSON.record(tree)
      return .record(
        Record(
          form: .event,
          event: PartialEvent(record.event, isOwnerKnown: !record.isOwnerUnknown),
          workload: record.subject.map { RecordedWorkload($0) },
          outcome: try outcome(tree["recorded"]),
          postures: record.postures
        )
      )
    } catch let error as EventJSONError {
      return .unparsed(error.message)
    } catch let error as JSONSyntaxError {
      return .unparsed("no JSON object: \(error.message) at byte \(error.offset + 1)")
    } catch {
      return .unparsed("\(error)")
    }
  }

  /// `"block"`, or `{"verdict": "block", "policy": "…"}`.
  private static func outcome(_ tree: JSONTree?) throws(EventJSONError) -> RecordedOutcome? {
    guard let tree, !tree.isNull else { return nil }
    let text = tree.string ?? tree["verdict"]?.string
    guard let verdict = Verdict.allCases.first(where: { $0.name == text }) else {
      throw EventJSONError("'recorded' is no verdict, expected allow, audit or block")
    }
    return RecordedOutcome(verdict, policy: tree["policy"]?.string)
  }
}
