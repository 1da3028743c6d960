import Diagnostics

/// Faults of indentation.
extension SyntaxRepair {
  private var isAtLineStart: Bool {
    let line = lines[problemLine]
    return !line.isBlank && failure.index <= line.afterDashes(text).index
  }

  /// `- item` in a column of its own.
  func listItem() -> Repair? {
    guard failure.problem.hasPrefix("did not find expected") || failure.problem.hasPrefix("block sequence"),
      isAtLineStart, lines[problemLine].afterDashes(text).hasDash
    else { return nil }
    let line = lines[problemLine]
    if let above = significantLine(above: problemLine), let parent = lines[above].field(text), parent.value.isEmpty,
      parent.column > line.indent
    {
      let shift = line.indent - parent.column
      return Repair(
        diagnostic: finding(
          .indentation,
          "\(quoted(word(parent.key))) is indented deeper than its list",
          at: parent.key,
          caption: "expected \(columns(line.indent)), found \(parent.column)",
          labels: [Label(span(line.first..<line.end), "its first item")],
          fixes: [
            fix(
              "indent it with \(columns(line.indent))",
              lines[above].range.lowerBound..<lines[above].first,
              String(repeating: " ", count: max(0, lines[above].indent + shift))
            )
          ]
        ),
        edits: reindent(above..<above + 1, by: shift)
      )
    }
    var number = problemLine
    while let above = significantLine(above: number) {
      number = above
      guard lines[above].afterDashes(text).hasDash, lines[above].indent != line.indent else { continue }
      return misplaced(problemLine, like: above, "item of the list")
    }
    return nil
  }

  private func misplaced(_ number: Int, like sibling: Int, _ what: String) -> Repair {
    let line = lines[number]
    let shift = lines[sibling].indent - line.indent
    // Lines deeper than this one belong to it; those at the sibling's own depth do not move.
    var end = number + 1
    while end < lines.count, lines[end].isBlank || lines[end].indent > line.indent { end += 1 }
    return Repair(
      diagnostic: finding(
        .indentation,
        "\(what) is indented \(shift < 0 ? "more" : "less") than the others",
        at: subject(line),
        caption: "expected \(columns(lines[sibling].indent)), found \(line.indent)",
        labels: [Label(span(subject(lines[sibling])), "its sibling")],
        notes: ["siblings start in the same column"],
        fixes: [
          fix(
            "indent it with \(columns(lines[sibling].indent))",
            line.range.lowerBound..<line.first,
            String(repeating: " ", count: lines[sibling].indent)
          )
        ]
      ),
      edits: reindent(number..<end, by: shift)
    )
  }

  /// A key in a column where no mapping is open: whichever side is in the minority is at fault.
  func sibling() -> Repair? {
    guard failure.problem == "did not find expected key" || failure.problem.hasPrefix("did not find expected '-'"),
      isAtLineStart, let context = contextLine, let start = failure.contextIndex, context < problemLine
    else { return nil }
    let line = lines[problemLine]
    let column = start - lines[context].range.lowerBound
    guard column != line.indent else { return nil }
    let before = (context..<problemLine).filter { keyColumn($0) == column }
    let after = block(from: problemLine).filter { keyColumn($0) == line.indent }
    let canMoveFirst = lines[context].first == start
    if before.count < after.count, canMoveFirst, let first = before.first {
      let shift = line.indent - column
      return Repair(
        diagnostic: finding(
          .indentation,
          "\(quoted(name(first))) is indented \(shift > 0 ? "less" : "more") than its siblings",
          at: subject(lines[first]),
          caption: "expected \(columns(line.indent)), found \(column)",
          labels: [Label(span(subject(line)), "its sibling")],
          notes: ["fields of one mapping start in the same column"],
          fixes: [
            fix(
              "indent it with \(columns(line.indent))",
              lines[first].range.lowerBound..<lines[first].first,
              String(repeating: " ", count: line.indent)
            )
          ]
        ),
        edits: reindent(context..<problemLine, by: shift)
      )
    }
    let sibling = before.last ?? context
    return Repair(
      diagnostic: finding(
        .indentation,
        "\(quoted(name(problemLine))) is indented \(line.indent > column ? "more" : "less") than its siblings",
        at: subject(line),
        caption: "expected \(columns(column)), found \(line.indent)",
        labels: [Label(span(subject(lines[sibling])), "its sibling")],
        notes: ["fields of one mapping start in the same column"],
        fixes: [
          fix(
            "indent it with \(columns(column))",
            line.range.lowerBound..<line.first,
            String(repeating: " ", count: max(0, column))
          )
        ]
      ),
      edits: reindent(block(from: problemLine), by: column - line.indent)
    )
  }

  /// Text after the end of the document: its first lines are indented more than the later ones.
  func outdented() -> Repair? {
    guard failure.problem == "did not find expected <document start>", isAtLineStart,
      let first = lines.firstIndex(where: {
        !$0.isBlank && text[$0.first] != UInt8(ascii: "-") || $0.indent > 0 && !$0.isBlank
      }),
      first < problemLine, lines[first].indent > lines[problemLine].indent
    else { return nil }
    let line = lines[problemLine]
    return Repair(
      diagnostic: finding(
        .indentation,
        "\(quoted(name(first))) is indented more than the fields after it",
        at: subject(lines[first]),
        caption: "expected \(columns(line.indent)), found \(lines[first].indent)",
        labels: [Label(span(subject(line)), "this field starts in another column")],
        notes: ["the fields of an object start in the same column"]
      ),
      edits: reindent(first..<problemLine, by: line.indent - lines[first].indent)
    )
  }

  private func keyColumn(_ number: Int) -> Int? {
    let line = lines[number]
    guard !line.isBlank else { return nil }
    return line.field(text)?.column
  }

  private func name(_ number: Int) -> String {
    let line = lines[number]
    guard let field = line.field(text) else { return word(line.first..<line.end) }
    return word(field.key)
  }
}
