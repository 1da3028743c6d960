import Diagnostics
import IR

/// The fields of one mapping, sorted into the slots of its shape.
struct Fields {
  struct Slot {
    let key: Key
    let value: Node
    /// Entries that lost their indentation and belong to this empty field.
    let adopted: [Entry]
  }

  let shape: ObjectShape
  let slots: [Slot?]
  /// The mapping.
  let span: Span
  /// What findings about a missing field point at: the parent's key, or the start of an item.
  let anchor: Span

  /// The slot of a field that has a value.
  subscript(_ name: String) -> Slot? { shape.index(of: name).flatMap { slots[$0] } }
}

/// Reads mappings by their shapes and reports what does not fit. Shared by all decoders of one file as their sink.
final class ObjectReader {
  var findings: Findings
  let source: SourceFile

  init(findings: Findings, source: SourceFile) {
    self.findings = findings
    self.source = source
  }

  /// A value as the mapping that `shape` describes; nil, and a finding, if it is something else. That a field is empty was
  /// reported with its parent.
  func open(_ slot: Fields.Slot, as shape: ObjectShape) -> Fields? {
    if slot.value.isNull, slot.adopted.isEmpty { return nil }
    if !slot.adopted.isEmpty {
      return fields(slot.adopted, of: shape, span: slot.value.span, anchor: slot.key.span)
    }
    return open(slot.value, as: shape, anchor: slot.key.span, name: slot.key.name)
  }

  /// The same for any node. `anchor` is where a missing field is reported; `name` is the field's name, nil for an item of a
  /// list.
  func open(_ node: Node, as shape: ObjectShape, anchor: Span, name: String?) -> Fields? {
    switch node.content {
    case .mapping(let mapping): return fields(mapping.entries, of: shape, span: node.span, anchor: anchor)
    case .sequence(let items):
      // The rules of a section without their list: name the list.
      if !hintAtList(items, shape, node.span, anchor) {
        wrongType(node, name ?? shape.title, expected: FieldType.object(shape).expectation, anchor: anchor)
      }
      return nil
    case .scalar:
      if node.isNull {
        empty(name.map { quoted($0) } ?? shape.title, at: name == nil ? node.span : anchor)
      } else {
        wrongType(node, name ?? shape.title, expected: FieldType.object(shape).expectation, anchor: anchor)
      }
      return nil
    }
  }

  private func hintAtList(_ items: [Node], _ shape: ObjectShape, _ span: Span, _ anchor: Span) -> Bool {
    guard let first = items.first?.mapping?.entries.first else { return false }
    for field in shape.fields {
      guard case .list(let entry) = field.type, entry.index(of: first.key.name) != nil else { continue }
      findings.add(
        .wrongType,
        "\(shape.title) is a list, expected a mapping with '\(field.name)'",
        at: firstLine(span),
        caption: "this list belongs under '\(field.name)'",
        labels: [Label(anchor, "insert '\(field.name):' below this line")]
      )
      return true
    }
    return false
  }

  private func fields(_ entries: [Entry], of shape: ObjectShape, span: Span, anchor: Span) -> Fields? {
    if entries.count > 1, shape.isEntry, entries.allSatisfy(\.value.isNull) {
      // A form that nobody filled in.
      empty("no field of \(shape.title)", at: entries[0].key.span, verb: "has a value")
      return nil
    }
    var slots = [Fields.Slot?](repeating: nil, count: shape.fields.count)
    var consumed: Set<Int> = []
    var unknown: [Int] = []
    for (position, entry) in entries.enumerated() {
      if consumed.contains(position) { continue }
      guard let index = shape.index(of: entry.key.name) else {
        unknown.append(position)
        continue
      }
      let field = shape.fields[index]
      var adopted: [Entry] = []
      if entry.value.isNull, !field.isAnything {
        let stray = strays(after: position, in: entries, shape, field)
        if stray.isEmpty {
          empty(quoted(field.name), at: entry.key.span, expected: field.type.expectation)
          // Present, though empty: nothing is missing twice.
          slots[index] = Fields.Slot(key: entry.key, value: entry.value, adopted: [])
          continue
        }
        consumed.formUnion(stray)
        adopted = stray.map { entries[$0] }
        lostIndentation(entry.key, adopted)
      }
      slots[index] = Fields.Slot(key: entry.key, value: entry.value, adopted: adopted)
    }
    var isMisplaced = false
    for position in unknown where !consumed.contains(position) {
      let isKnownElsewhere = unknownField(entries[position], shape, &slots)
      isMisplaced = isMisplaced || isKnownElsewhere
    }
    // An entry of a list that holds a field of another one lacks its own for that reason.
    if !(isMisplaced && shape.isEntry) {
      for (index, field) in shape.fields.enumerated() where field.isRequired && slots[index] == nil {
        missing(field, shape, anchor)
      }
    }
    return Fields(shape: shape, slots: slots, span: span, anchor: anchor)
  }

  /// The entries after an empty field that belong below it: unknown here, known there.
  private func strays(after position: Int, in entries: [Entry], _ shape: ObjectShape, _ field: FieldShape) -> [Int] {
    var result: [Int] = []
    for index in (position + 1)..<max(position + 1, entries.count) {
      let name = entries[index].key.name
      let isKnownHere = shape.index(of: name) != nil
      switch field.type {
      case .object(let inner):
        let isKnownThere = inner.index(of: name) != nil || inner.hints[name] != nil
        if isKnownHere {
          if !isKnownThere { return result }
        } else if isKnownThere {
          result.append(index)
        } else {
          return result
        }
      case .labels:
        guard !isKnownHere, case .scalar = entries[index].value.content else { return result }
        result.append(index)
      default: return result
      }
    }
    return result
  }

  private func lostIndentation(_ key: Key, _ strays: [Entry]) {
    guard let first = strays.first else { return }
    let names = alternatives(strays.prefix(4).map(\.key.name)).replacingLast(" or ", with: " and ")
    findings.add(
      .lostIndentation,
      "\(quoted(key.name)) is empty; its fields follow on the same level",
      at: key.span,
      caption: "expected its fields indented below it",
      labels: strays.prefix(4).map { Label($0.key.span, "belongs to \(quoted(key.name))") },
      notes: ["indent \(names) below \(quoted(key.name))"],
      fixes: strays.count == 1
        ? [
          FixIt(
            "indent \(quoted(first.key.name))",
            span: first.key.span.startPoint,
            replacement: "  ",
            applicability: .unsafe
          )
        ]
        : []
    )
  }

  private func missing(_ field: FieldShape, _ shape: ObjectShape, _ anchor: Span) {
    findings.add(
      .missingField,
      "\(shape.title) has no '\(field.name)'",
      at: anchor,
      caption: "expected '\(field.name)', \(field.type.expectation)"
    )
  }

  /// Reports a field that the shape does not have; a misspelt one is put into the slot that was meant.
  /// - Returns: whether the field belongs somewhere else.
  private func unknownField(_ entry: Entry, _ shape: ObjectShape, _ slots: inout [Fields.Slot?]) -> Bool {
    let name = entry.key.name
    if findings.isFull {
      findings.add(.unknownField, "", at: entry.key.span)
      return false
    }
    let free = shape.fields.indices.filter { slots[$0] == nil }.map { shape.fields[$0].name }
    var code = FrontendCode.unknownField
    var notes: [String] = []
    var meant: String?
    if let hint = shape.hints[name] {
      (code, meant) = (hint.code, hint.replacement)
      notes.append(hint.note)
    } else if shape.isKubernetes, !FieldHomes.titles(of: name).isEmpty {
      code = .misplacedField
      notes.append(FieldHomes.advice(name) ?? "")
    } else if shape === PolicySchema.podSelector || shape === PolicySchema.nodeSelector, isLabel(entry) {
      code = .misplacedField
      notes.append("labels belong under 'matchLabels'")
    } else if let correction = Spelling.correction(of: name, among: shape.fields.map(\.name)) {
      meant = correction
    } else if shape.isKubernetes, let correction = Spelling.correction(of: name, among: FieldHomes.names) {
      code = .misplacedField
      notes.append(FieldHomes.advice(correction) ?? "")
    } else {
      notes.append("expected \(alternatives(shape.fields.prefix(12).map(\.name)))")
    }
    let replacement = meant.flatMap { free.contains($0) ? $0 : nil }
    let caption = meant.map { "did you mean '\($0)'?" } ?? ""
    if shape.hints[name] == nil, shape.isKubernetes {
      notes.append("Kubernetes drops fields it does not know, in silence")
    }
    findings.add(
      code,
      code == .misplacedField
        ? "\(quoted(name)) does not belong in \(shape.title)" : "unknown field \(quoted(name)) in \(shape.title)",
      at: entry.key.span,
      caption: caption,
      notes: notes,
      fixes: replacement.map {
        [FixIt("write '\($0)'", span: entry.key.span, replacement: $0, applicability: .unsafe)]
      } ?? []
    )
    if let replacement, let index = shape.index(of: replacement), !entry.value.isNull {
      slots[index] = Fields.Slot(key: entry.key, value: entry.value, adopted: [])
    }
    return meant == nil && (code == .misplacedField || shape.hints[name] != nil)
  }

  private func isLabel(_ entry: Entry) -> Bool { if case .scalar = entry.value.content { true } else { false } }

  func empty(_ what: String, at span: Span, expected: String? = nil, verb: String = "has no value") {
    findings.add(
      .emptyValue,
      "\(what) \(verb)",
      at: span,
      caption: expected.map { "expected \($0)" } ?? "",
      notes: ["give it a value, or remove the line"]
    )
  }

  func wrongType(_ node: Node, _ name: String, expected: String, anchor: Span? = nil) {
    var fixes: [FixIt] = []
    if expected == FieldType.string.expectation, case .scalar(let scalar) = node.content, scalar.style == .plain {
      fixes = [FixIt("quote it", span: node.span, replacement: "\"\(scalar.value)\"", applicability: .safe)]
    }
    let shown = name.hasPrefix("'") || name.contains(" ") ? name : quoted(name)
    findings.add(
      .wrongType,
      "\(shown) is \(node.kindName), expected \(expected)",
      at: firstLine(node.span),
      labels: anchor.map { $0 != node.span ? [Label($0, "this field")] : [] } ?? [],
      fixes: fixes
    )
  }

  /// The part of a span that lies on its first line, so that carets stay readable.
  func firstLine(_ span: Span) -> Span {
    let end = min(Int(span.end), source.bytes.count)
    let start = min(Int(span.start), end)
    let line = source.bytes[start..<end].firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
    return Span(file: span.file, start: span.start, end: SourceOffset(clamping: line ?? end))
  }
}

extension FieldShape {
  fileprivate var isAnything: Bool { if case .anything = type { true } else { false } }
}

extension String {
  fileprivate func replacingLast(_ part: String, with other: String) -> String {
    let pieces = self.split(separator: part, omittingEmptySubsequences: false)
    guard pieces.count == 2 else { return self }
    return pieces.joined(separator: other)
  }
}
