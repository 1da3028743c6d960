import Diagnostics

/// Faults around `key: value`.
extension SyntaxRepair {
  /// `    \tkey:`: YAML forbids tabs in indentation.
  func tabInIndentation() -> Repair? {
    let candidates = [problemLine, significantLine(below: problemLine), contextLine].compactMap { $0 }
    let tabbed = candidates.first { number in
      let line = lines[number]
      return line.first < line.range.upperBound && text[line.first] == 9 && number <= problemLine + 1
    }
    guard let tabbed else { return nil }
    let line = lines[tabbed]
    let start = line.first
    let end = text[start..<line.range.upperBound].firstIndex { $0 != 9 && $0 != 32 } ?? line.range.upperBound
    let tabs = text[start..<end].prefix { $0 == 9 }.count
    let width = indentation(for: end, tabbed)
    let spaces = String(repeating: " ", count: max(0, width - (start - line.range.lowerBound)))
    return Repair(
      diagnostic: finding(
        .tabIndentation,
        tabs == 1 ? "tab used for indentation" : "tabs used for indentation",
        at: start..<start + tabs,
        caption: "expected spaces",
        notes: ["YAML does not allow tabs in indentation, because their width is not defined"],
        fixes: [fix("indent with \(width) spaces", line.range.lowerBound..<end, String(repeating: " ", count: width))]
      ),
      edits: [Edit(start..<end, spaces)]
    )
  }

  /// Where a line that begins with tabs belongs: below a key without a value, else beside the fields above it.
  private func indentation(for content: Int, _ number: Int) -> Int {
    let line = lines[number]
    guard let above = significantLine(above: number) else { return 0 }
    guard let field = lines[above].field(text) else { return lines[above].indent }
    if field.value.isEmpty { return field.column + 2 }
    // After `- path: x` a field of the section is likelier than one of the item, unless items have such fields.
    let written = line.indent
    let isItem = lines[above].afterDashes(text).hasDash
    guard isItem, content < line.end else { return field.column }
    let sectionIndent = lines[above].indent
    let key = line.field(text).map { word($0.key) } ?? word(content..<line.end).prefix { $0 != ":" }.description
    let belongsToSection = ["action", "severity", "tags", "message"].contains(key) && written <= sectionIndent
    return belongsToSection ? sectionIndent : field.column
  }

  /// `name:x`: the colon of a key needs a blank after it.
  func missingSpace() -> Repair? {
    guard
      failure.problem.hasPrefix("mapping values") || failure.problem.hasPrefix("could not find expected ':'")
        || failure.problem.hasPrefix("did not find expected")
    else { return nil }
    let candidates = [contextLine, significantLine(above: problemLine), problemLine].compactMap { $0 }
    for number in candidates {
      guard failure.problem.hasPrefix("did not") ? number == significantLine(above: problemLine) : true else {
        continue
      }
      guard let field = lines[number].tightField(text) else { continue }
      let point = field.colon + 1..<field.colon + 1
      return Repair(
        diagnostic: finding(
          .missingSpace,
          "no space after the ':' of \(quoted(word(field.key)))",
          at: field.key.lowerBound..<field.value.upperBound,
          caption: "expected '\(word(field.key)): \(word(field.value).prefix(40))'",
          notes: ["without the space the whole line is one string, not a field"],
          fixes: [fix("insert a space after ':'", point, " ")]
        ),
        edits: [Edit(point, " ")]
      )
    }
    return nil
  }

  /// A key on a line of its own without its colon.
  func missingColon() -> Repair? {
    guard failure.problem.hasPrefix("could not find expected ':'") else { return nil }
    let number = contextLine ?? problemLine
    let line = lines[number]
    guard !line.isBlank else { return nil }
    let start = line.afterDashes(text).index
    let range = start..<line.end
    let isWord = !range.isEmpty && !text[range].contains(32)
    let next = significantLine(below: number).map { lines[$0] }
    let hasChildren = next.map { $0.indent > line.indent || text[$0.first] == UInt8(ascii: "-") } ?? false
    if isWord, hasChildren {
      let point = line.end..<line.end
      return Repair(
        diagnostic: finding(
          .missingColon,
          "no ':' after the key \(quoted(word(range)))",
          at: range,
          caption: "expected '\(word(range).prefix(40)):'",
          fixes: [fix("insert ':'", point, ":")]
        ),
        edits: [Edit(point, ":")]
      )
    }
    if let above = significantLine(above: number), let owner = lines[above].field(text), owner.value.isEmpty,
      owner.column >= line.indent
    {
      let value = line.first..<line.end
      return Repair(
        diagnostic: finding(
          .indentation,
          "the value of \(quoted(word(owner.key))) is not indented below it",
          at: value,
          caption: "expected it on the line of '\(word(owner.key)):'",
          labels: [Label(span(owner.key), "its key")],
          fixes: [fix("write it after '\(word(owner.key)):'", owner.colon + 1..<line.first, " ")]
        ),
        edits: [Edit(owner.colon + 1..<line.first, " ")]
      )
    }
    return Repair(
      diagnostic: finding(
        .missingColon,
        "this line is neither 'key: value' nor an item of a list",
        at: range,
        notes: ["expected 'key: value', '- item', or a comment that starts with '#'"]
      ),
      edits: [Edit(line.first..<line.range.upperBound, "")],
      isReliable: false
    )
  }

  /// "mapping values are not allowed": a field where a value is still being read.
  func nestedUnderValue() -> Repair? {
    guard failure.problem.hasPrefix("mapping values") else { return nil }
    let line = lines[problemLine]
    // `message: one: two`
    if let field = line.field(text), field.colon < failure.index, field.value.contains(failure.index) {
      return needsQuotes(field.value, "the value of \(quoted(word(field.key))) contains ': '", problemLine)
    }
    guard let above = significantLine(above: problemLine), let owner = lines[above].field(text),
      !owner.value.isEmpty, let field = line.field(text), field.column > owner.column
    else { return nil }
    if SyntaxRepair.parents.contains(word(owner.key)) {
      return Repair(
        diagnostic: finding(
          .valueAndFields,
          "\(quoted(word(owner.key))) has a value, and fields below it",
          at: owner.value,
          caption: "expected nothing here",
          labels: [Label(span(field.key), "a field of \(quoted(word(owner.key)))")],
          fixes: [fix("remove the value", owner.value, "")]
        ),
        edits: [Edit(owner.value, "")]
      )
    }
    let shift = owner.column - field.column
    return Repair(
      diagnostic: finding(
        .indentation,
        "\(quoted(word(field.key))) is indented below \(quoted(word(owner.key))), which has a value already",
        at: field.key,
        caption: "expected \(columns(owner.column)), found \(field.column)",
        labels: [Label(span(owner.key), "its sibling")],
        notes: ["fields of one mapping start in the same column"],
        fixes: [
          fix(
            "indent \(quoted(word(field.key))) like \(quoted(word(owner.key)))",
            line.range.lowerBound..<line.first,
            String(repeating: " ", count: max(0, line.indent + shift))
          )
        ]
      ),
      edits: reindent(block(from: problemLine), by: shift)
    )
  }

  func columns(_ count: Int) -> String { "\(count) space\(count == 1 ? "" : "s")" }

  func needsQuotes(_ value: Range<Int>, _ why: String, _ line: Int) -> Repair {
    let written = word(value)
    let replacement =
      written.contains("\"") || written.contains("\\")
      ? "'" + written.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
      : "\"" + written + "\""
    return Repair(
      diagnostic: finding(
        .needsQuotes,
        "\(why) and must be quoted",
        at: value,
        caption: "expected \(replacement.utf8.count < 60 ? replacement : "a quoted value")",
        fixes: [fix("quote the value", value, replacement)]
      ),
      edits: [Edit(value, replacement)]
    )
  }

  /// Keys that hold mappings or lists, never a scalar.
  static let parents: Set<String> = [
    "metadata", "spec", "selector", "nodeSelector", "matchLabels", "process", "file", "network", "capabilities",
    "syscalls", "matchPaths", "matchDirectories", "matchPatterns", "matchProtocols", "matchCapabilities",
    "matchSyscalls", "fromSource", "labels", "annotations",
  ]
}
