import Diagnostics

/// Faults inside values: quotes, brackets, characters that start nothing.
extension SyntaxRepair {
  /// Something after a finished value on the same line.
  func afterValue() -> Repair? {
    guard failure.problem == "did not find expected key", let field = lines[problemLine].field(text),
      field.value.contains(failure.index), failure.index > field.value.lowerBound, !field.value.isEmpty
    else { return nil }
    if let repair = unclosedAbove() { return repair }
    let value = field.value
    let key = quoted(word(field.key))
    let head = text[value.lowerBound]
    let isQuote = head == UInt8(ascii: "\"") || head == UInt8(ascii: "'")
    if text[failure.index] == UInt8(ascii: ",") {
      return Repair(
        diagnostic: finding(
          .listWithoutBrackets,
          "several values of \(key) without brackets",
          at: value,
          caption: "expected '[…]'",
          fixes: [fix("put the list in brackets", value, "[" + word(value) + "]")]
        ),
        edits: [Edit(value.lowerBound..<value.lowerBound, "["), Edit(value.upperBound..<value.upperBound, "]")]
      )
    }
    if isQuote, value.count > 2, text[value.lowerBound + 1] == head {
      let second = value.lowerBound..<value.lowerBound + 1
      return Repair(
        diagnostic: finding(
          .brokenQuotes,
          "the value of \(key) ends at its second quote, and text follows",
          at: value.lowerBound..<value.lowerBound + 2,
          caption: "an empty string",
          fixes: [fix("remove one quote", second, "")]
        ),
        edits: [Edit(second, "")]
      )
    }
    if isQuote {
      var repair = needsQuotes(value, "text follows the closing quote of \(key): the value", problemLine)
      repair.isReliable = false
      return repair
    }
    guard head == UInt8(ascii: "{") || head == UInt8(ascii: "[") else { return nil }
    return needsQuotes(value, "the value of \(key) starts with '\(Character(Unicode.Scalar(head)))'", problemLine)
  }

  /// A quote opened on the line above and, in effect, closed by the first one of this line.
  private func unclosedAbove() -> Repair? {
    guard let above = significantLine(above: problemLine), let field = lines[above].field(text),
      !field.value.isEmpty
    else { return nil }
    let head = text[field.value.lowerBound]
    guard head == UInt8(ascii: "\"") || head == UInt8(ascii: "'"),
      !text[(field.value.lowerBound + 1)..<lines[above].range.upperBound].contains(head)
    else { return nil }
    let end = field.value.upperBound
    let mark = String(Character(Unicode.Scalar(head)))
    return Repair(
      diagnostic: finding(
        .brokenQuotes,
        "quote is not closed",
        at: field.value,
        caption: "expected '\(word(field.value).prefix(60))\(mark)'",
        fixes: [fix("close the quote", end..<end, mark)]
      ),
      edits: [Edit(end..<end, mark)]
    )
  }

  /// `[a, "b]`, `["a" "b"]`, `[[a]`.
  func brokenFlow() -> Repair? {
    guard failure.context.hasPrefix("while parsing a flow") || failure.context.hasPrefix("while scanning a quoted"),
      let number = contextLine, let start = flowStart(number)
    else { return nil }
    let line = lines[number]
    let scan = FlowScan(text[start..<line.end])
    switch scan.fault {
    case .strayQuote(let index):
      return Repair(
        diagnostic: finding(
          .brokenQuotes,
          "stray quote at the end of the list",
          at: index..<index + 1,
          caption: "opens a string that is never closed",
          fixes: [fix("remove the quote", index..<index + 1, "")]
        ),
        edits: [Edit(index..<index + 1, "")]
      )
    case .unclosedQuote(let open, let close):
      let mark = String(Character(Unicode.Scalar(text[open])))
      return Repair(
        diagnostic: finding(
          .brokenQuotes,
          "quote is not closed",
          at: open..<close,
          caption: "expected '\(word(open..<close).prefix(40))\(mark)'",
          fixes: [fix("close the quote", close..<close, mark)]
        ),
        edits: [Edit(close..<close, mark)]
      )
    case .missingComma(let end, let next):
      return Repair(
        diagnostic: finding(
          .brokenFlow,
          "no ',' between two items of the list",
          at: end..<max(end + 1, next),
          caption: "expected ','",
          fixes: [fix("insert ','", end..<end, ",")]
        ),
        edits: [Edit(end..<end, ",")]
      )
    case .unclosedBracket(let open):
      let isDoubled = open + 1 < line.end && text[open + 1] == text[open] && text[open] == UInt8(ascii: "[")
      let closing = text[open] == UInt8(ascii: "{") ? "}" : "]"
      let range = isDoubled ? open..<open + 1 : line.end..<line.end
      let repairText = isDoubled ? "" : closing
      return Repair(
        diagnostic: finding(
          .brokenFlow,
          "'\(Character(Unicode.Scalar(text[open])))' is not closed",
          at: open..<open + (isDoubled ? 2 : 1),
          caption: "expected '\(closing)' before the end of the line",
          fixes: [fix(isDoubled ? "remove one bracket" : "insert '\(closing)'", range, repairText)]
        ),
        edits: [Edit(range, repairText)]
      )
    case nil: return nil
    }
  }

  /// Where the list or mapping in brackets starts on a line.
  private func flowStart(_ number: Int) -> Int? {
    let line = lines[number]
    let from = line.field(text)?.value.lowerBound ?? line.afterDashes(text).index
    guard from < line.end, text[from] == UInt8(ascii: "[") || text[from] == UInt8(ascii: "{") else { return nil }
    return from
  }

  /// Quotes that are never closed, and escapes that are none.
  func quotes() -> Repair? {
    if failure.problem == "found unknown escape character" {
      let backslash = failure.index
      let range = max(0, backslash)..<min(text.count, backslash + 2)
      return Repair(
        diagnostic: finding(
          .brokenQuotes,
          "\(quoted(word(range))) is no escape of a double-quoted string",
          at: range,
          notes: ["in single quotes a backslash is an ordinary character; in double quotes it is written '\\\\'"],
          fixes: [fix("write the backslash twice", range.lowerBound..<range.lowerBound, "\\")]
        ),
        edits: [Edit(range.lowerBound..<range.lowerBound, "\\")]
      )
    }
    guard failure.context.hasPrefix("while scanning a quoted"), let open = failure.contextIndex,
      let number = contextLine
    else { return nil }
    let end = max(open + 1, lines[number].range.upperBound)
    guard open < text.count else { return nil }
    let mark = String(Character(Unicode.Scalar(text[open])))
    return Repair(
      diagnostic: finding(
        .brokenQuotes,
        "quote is not closed",
        at: open..<end,
        caption: "the string starts here",
        fixes: [fix("close the quote", end..<end, mark)]
      ),
      edits: [Edit(end..<end, mark)],
      isReliable: false
    )
  }

  /// A value that starts with a character YAML keeps for itself.
  func reservedStart() -> Repair? {
    let isReserved =
      failure.problem.hasPrefix("found character that cannot start")
      || failure.context.hasPrefix("while scanning an alias")
      || failure.context.hasPrefix("while scanning an anchor") || failure.context.hasPrefix("while scanning a tag")
      || failure.context.hasPrefix("while parsing a tag") || failure.context.hasPrefix("while scanning a block scalar")
      || failure.problem.hasPrefix("found undefined tag handle") || failure.context.hasPrefix("while parsing a node")
    guard isReserved else { return nil }
    let number = contextLine ?? problemLine
    let line = lines[number]
    let fieldValue = line.field(text).map(\.value)
    let value = fieldValue ?? line.afterDashes(text).index..<line.end
    guard value.lowerBound < value.upperBound, value.upperBound <= line.end else { return nil }
    let head = Character(Unicode.Scalar(text[value.lowerBound]))
    guard "@`%*&!|>\"'".contains(head) else { return nil }
    return needsQuotes(value, "a value cannot start with '\(head)'", number)
  }
}

/// Reads one line of a list or mapping in brackets and finds what is wrong with it.
struct FlowScan {
  enum Fault {
    /// A quote that opens nothing but the rest of the brackets.
    case strayQuote(Int)
    /// A quote that is not closed: where it opens, and where it should close.
    case unclosedQuote(Int, Int)
    /// Two items without a comma: end of the first, start of the second.
    case missingComma(Int, Int)
    case unclosedBracket(Int)
  }

  private(set) var fault: Fault?

  init(_ text: ArraySlice<UInt8>) {
    var open: [Int] = []
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"): open.append(index)
      case UInt8(ascii: "]"), UInt8(ascii: "}"): if open.popLast() == nil { return }
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        guard FlowScan.opensString(text, index) else { break }
        guard let close = text[(index + 1)...].firstIndex(of: byte) else {
          fault = FlowScan.unclosed(text, index)
          return
        }
        let next = text[(close + 1)...].firstIndex { $0 != 32 && $0 != 9 }
        if let next, !FlowScan.endsItem(text[next]) {
          let isGap = next > close + 1
          // `"a" "b"` lacks a comma; in `"a, "b"` the first string was not closed.
          fault = isGap ? .missingComma(close + 1, next) : FlowScan.unclosed(text, index)
          return
        }
        index = close
      default: break
      }
      index += 1
    }
    if let last = open.first { fault = .unclosedBracket(last) }
  }

  private static func endsItem(_ byte: UInt8) -> Bool { [UInt8](",]}:".utf8).contains(byte) }

  /// A quote opens a string only where an item starts.
  private static func opensString(_ text: ArraySlice<UInt8>, _ index: Int) -> Bool {
    guard let before = text[..<index].lastIndex(where: { $0 != 32 && $0 != 9 }) else { return true }
    return [UInt8]("[{,:".utf8).contains(text[before]) || text[before] == 0x22 || text[before] == 0x27
  }

  private static func unclosed(_ text: ArraySlice<UInt8>, _ open: Int) -> Fault {
    let rest = text[(open + 1)...]
    let stop = rest.firstIndex { [UInt8](",]}".utf8).contains($0) } ?? text.endIndex
    var end = stop
    while end > open + 1, text[end - 1] == 32 { end -= 1 }
    return end == open + 1 ? .strayQuote(open) : .unclosedQuote(open, end)
  }
}
