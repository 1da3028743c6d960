import Diagnostics

/// Typed values. Each returns nil when the field is absent, empty (reported already) or wrong (reported here).
extension ObjectReader {
  func string(_ slot: Fields.Slot?) -> String? {
    guard let slot, !slot.value.isNull else { return nil }
    return string(slot.value, slot.key.name)
  }

  func string(_ node: Node, _ name: String) -> String? {
    guard case .scalar(let scalar) = node.content, scalar.resolved == .string else {
      wrongType(node, name, expected: FieldType.string.expectation)
      return nil
    }
    return scalar.value
  }

  func boolean(_ slot: Fields.Slot?) -> Bool? {
    guard let slot, !slot.value.isNull else { return nil }
    if case .scalar(let scalar) = slot.value.content, case .boolean(let value) = scalar.resolved { return value }
    wrongType(slot.value, slot.key.name, expected: FieldType.boolean.expectation)
    return nil
  }

  func integer(_ slot: Fields.Slot?, in range: ClosedRange<Int>? = nil) -> Int? {
    guard let slot, !slot.value.isNull else { return nil }
    let limits = range.map { " \($0.lowerBound) to \($0.upperBound)" } ?? ""
    guard case .scalar(let scalar) = slot.value.content, case .integer(let value) = scalar.resolved else {
      wrongType(slot.value, slot.key.name, expected: "an integer\(limits)")
      return nil
    }
    guard let value, range?.contains(value) ?? true else {
      findings.add(
        .outOfRange,
        "\(quoted(slot.key.name)) is \(scalar.value), expected\(limits.isEmpty ? " a 64-bit integer" : limits)",
        at: slot.value.span
      )
      return nil
    }
    return value
  }

  func strings(_ slot: Fields.Slot?) -> [String]? {
    located(slot)?.map(\.0)
  }

  /// A list of strings, each with its place.
  func located(_ slot: Fields.Slot?) -> [(String, Span)]? {
    guard let slot, !slot.value.isNull else { return nil }
    guard let items = slot.value.sequence else {
      wrongType(slot.value, slot.key.name, expected: FieldType.strings.expectation)
      return nil
    }
    var result: [(String, Span)] = []
    for item in items {
      if item.isNull {
        empty("an item of \(quoted(slot.key.name))", at: item.span)
      } else if let value = string(item, "an item of \(quoted(slot.key.name))") {
        result.append((value, item.span))
      }
    }
    return result
  }

  /// A mapping of strings, in source order.
  func labels(_ slot: Fields.Slot?) -> [(key: Key, value: String, span: Span)]? {
    guard let slot else { return nil }
    let entries: [Entry]
    if !slot.adopted.isEmpty {
      entries = slot.adopted
    } else {
      if slot.value.isNull { return nil }
      guard let mapping = slot.value.mapping else {
        wrongType(slot.value, slot.key.name, expected: "a mapping such as 'app: web'")
        return nil
      }
      entries = mapping.entries
    }
    var result: [(key: Key, value: String, span: Span)] = []
    for entry in entries {
      if entry.value.isNull {
        empty("label \(quoted(entry.key.name))", at: entry.key.span, expected: "a string, or \"\"")
      } else if let value = string(entry.value, "label \(quoted(entry.key.name))") {
        result.append((entry.key, value, entry.value.span))
      }
    }
    return result
  }

  /// The items of a list field; a single mapping in its place is reported and read as the one item.
  func items(_ slot: Fields.Slot?) -> [Node] {
    guard let slot, !slot.value.isNull else { return [] }
    switch slot.value.content {
    case .sequence(let items): return items
    case .mapping:
      let item = slot.value.span.startPoint
      findings.add(
        .wrongType,
        "\(quoted(slot.key.name)) is a mapping, expected a list",
        at: firstLine(slot.value.span),
        caption: "expected each item to start with '- '",
        labels: [Label(slot.key.span, "this field")],
        fixes: [FixIt("start the item with '- '", span: item, replacement: "- ", applicability: .unsafe)]
      )
      return [slot.value]
    case .scalar:
      wrongType(slot.value, slot.key.name, expected: "a list, each item starting with '- '")
      return []
    }
  }

  /// Byte offset `offset` of a scalar's value as a place in the file, where the source writes the value literally.
  func place(_ offset: Int, in value: String, _ span: Span) -> Span {
    let bytes = source.bytes
    var start = Int(span.start)
    if start < bytes.count, bytes[start] == 0x22 || bytes[start] == 0x27 { start += 1 }
    let utf8 = Array(value.utf8)
    guard start + utf8.count <= bytes.count, bytes[start..<start + utf8.count].elementsEqual(utf8), offset <= utf8.count
    else { return firstLine(span) }
    let at = SourceOffset(clamping: start + offset)
    return Span(file: span.file, start: at, end: max(at, min(span.end, at + 1)))
  }
}
