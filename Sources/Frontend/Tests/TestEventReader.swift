import Diagnostics
import IR

/// Events of a test file: a text in the event language, or a mapping.
struct TestEventReader {
  let reader: ObjectReader

  /// The event; by an owner and by another if the file does not say whose the object is. Nil after an error.
  func events(_ slot: Fields.Slot) -> [Event]? {
    if slot.value.isNull {
      reader.empty(
        quoted(slot.key.name),
        at: slot.key.span,
        expected: "an event such as 'read /etc/shadow from /bin/cat'"
      )
      return nil
    }
    switch slot.value.content {
    case .mapping: return mapping(slot)
    case .sequence:
      reader.findings.add(
        .wrongType,
        "\(quoted(slot.key.name)) is a list, expected one event",
        at: reader.firstLine(slot.value.span),
        labels: [Label(slot.key.span, "this field")],
        notes: ["write an entry of its own for each event"]
      )
      return nil
    case .scalar:
      guard let text = reader.string(slot) else { return nil }
      return self.text(text, slot.value.span)
    }
  }

  private func text(_ text: String, _ span: Span) -> [Event]? {
    // A block scalar ends in a line break, which is no part of the event.
    let bare = String(text.reversed().drop { $0.isNewline }.reversed())
    let event: Event
    do throws(EventSyntaxError) { event = try Event(parsing: bare) } catch {
      report(error, bare, span)
      return nil
    }
    guard case .path = event.access else { return [event] }
    // A second `as` is refused, so the text has none if it takes one.
    do throws(EventSyntaxError) { return [event, try Event(parsing: bare + " as other")] } catch { return [event] }
  }

  private func report(_ error: EventSyntaxError, _ text: String, _ span: Span) {
    let shown = error.expected.count > 14 ? Array(error.expected.prefix(10)) : error.expected
    let more = error.expected.count > shown.count ? ", or \(error.expected.count - shown.count) others" : ""
    reader.findings.add(
      .badEvent,
      error.message,
      at: place(error.range, in: text, span),
      caption: error.hint,
      notes: shown.isEmpty ? [] : ["expected \(alternatives(shown, quoting: false))\(more)"]
    )
  }

  /// A range of a scalar's value in the file, where the source writes the value literally; else its first line.
  private func place(_ range: Range<Int>, in text: String, _ span: Span) -> Span {
    let start = reader.place(range.lowerBound, in: text, span)
    let line = reader.firstLine(span)
    guard start != line || range.lowerBound == 0 else { return line }
    let end = Int(start.start) + range.count
    return Span(
      file: span.file,
      start: start.start,
      end: SourceOffset(clamping: max(Int(start.start), min(end, Int(line.end))))
    )
  }

  // MARK: Field by field

  private static let operations = ["exec", "read", "write", "network", "capability", "syscall"]

  private func mapping(_ slot: Fields.Slot) -> [Event]? {
    let errors = reader.findings.errorCount
    guard let fields = reader.open(slot, as: TestSchema.event) else { return nil }
    let source = optional(fields["source"]).flatMap { reader.path($0) }
    var owner: Bool?
    if let slot = optional(fields["isOwner"]) { owner = reader.boolean(slot) }
    guard let op = fields["op"], let word = reader.string(op) else { return nil }
    let access: Access?
    switch word {
    case "exec", "read", "write":
      let operation: PathOperation = word == "exec" ? .exec : word == "read" ? .read : .write
      access = object(required("path", fields, word)).map { .path(operation, $0) }
    case "network": access = required("network", fields, word).flatMap(socket)
    case "capability": access = required("capability", fields, word).flatMap(capability)
    case "syscall":
      let path = object(optional(fields["path"]))
      access = required("syscall", fields, word).flatMap(systemCall).map { .syscall($0, path) }
    default:
      reader.unknown(.badEvent, "operation", word, TestEventReader.operations, op.value.span)
      access = nil
    }
    guard let access, reader.findings.errorCount == errors else { return nil }
    guard case .path = access else { return [Event(source: source, access: access)] }
    return (owner.map { [$0] } ?? [true, false]).map { Event(source: source, access: access, isOwner: $0) }
  }

  /// Recorded events write null for what does not matter.
  private func optional(_ slot: Fields.Slot?) -> Fields.Slot? {
    slot.flatMap { $0.value.isNull ? nil : $0 }
  }

  private func required(_ name: String, _ fields: Fields, _ operation: String) -> Fields.Slot? {
    if let slot = optional(fields[name]) { return slot }
    reader.findings.add(
      .missingField,
      "event '\(operation)' has no '\(name)'",
      at: fields["op"]?.value.span ?? fields.anchor
    )
    return nil
  }

  /// A path of an object: unlike those of policies it may be `/`, and as long as the kernel takes it.
  private func object(_ slot: Fields.Slot?) -> BytePath? {
    guard let slot, let text = reader.string(slot) else { return nil }
    if let path = BytePath(text) { return path }
    // What is wrong with it is said as it is said of a directory.
    if reader.directory(slot, mayLackSlash: true) != nil {
      reader.findings.add(
        .pathWithSlash,
        "path \(quoted(text)) ends in '/'",
        at: reader.firstLine(slot.value.span),
        notes: ["a directory stands in an event without a slash at the end"]
      )
    }
    return nil
  }

  private func socket(_ slot: Fields.Slot) -> Access? {
    guard let fields = reader.open(slot, as: TestSchema.socket) else { return nil }
    let family = number(fields["family"], "socket family", SocketNumber.families)
    let type = number(fields["type"], "socket type", SocketNumber.types)
    let kind = optional(fields["protocol"])
    let number = kind == nil ? 0 : number(kind, "protocol", SocketNumber.protocols)
    guard let family, let type, let number else { return nil }
    return .network(Socket(family: family, type: type, protocolNumber: number))
  }

  private func number<Number: FixedWidthInteger>(
    _ slot: Fields.Slot?,
    _ what: String,
    _ known: [(name: String, number: Number)]
  ) -> Number? {
    guard let slot, case .scalar(let scalar) = slot.value.content else { return nil }
    if case .integer = scalar.resolved {
      let range = 0...Int(clamping: Number.max)
      return reader.integer(slot, in: range).flatMap { Number(exactly: $0) }
    }
    guard let text = reader.string(slot) else { return nil }
    if let found = known.first(where: { $0.name == text.lowercased() }) { return found.number }
    reader.unknown(.badEvent, what, text, known.map(\.name), slot.value.span)
    return nil
  }

  private func capability(_ slot: Fields.Slot) -> Access? {
    guard let text = reader.string(slot) else { return nil }
    if let capability = Capability(name: text) { return .capability(capability) }
    reader.unknown(.badEvent, "capability", text, Capability.allCases.map(\.name), slot.value.span)
    return nil
  }

  private func systemCall(_ slot: Fields.Slot) -> String? {
    guard let text = reader.string(slot) else { return nil }
    if SystemCalls.names.contains(text) { return text }
    reader.unknown(.badEvent, "system call", text, SystemCalls.all, slot.value.span)
    return nil
  }
}
