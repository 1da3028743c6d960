extension GlobReader {
  /// The language of the tokens, by the grammar of libapparmor_re/parse.y. Needs no recursion.
  static func language(_ tokens: [Token]) throws(GlobError) -> Language {
    var stack: [Alternation] = [Alternation(offset: 0)]
    var index = 0
    while index < tokens.count {
      let token = tokens[index]
      index += 1
      switch token.kind {
      case .openClass:
        let set = try byteClass(tokens, &index)
        if index < tokens.count, tokens[index].kind == .star {
          index += 1
          stack[stack.count - 1].append(.star(.byte(set)))
        } else {
          stack[stack.count - 1].append(.byte(set))
        }
      case .openGroup: stack.append(Alternation(offset: token.offset))
      case .bar where stack.count > 1: stack[stack.count - 1].next()
      case .closeGroup where stack.count > 1:
        let done = stack.removeLast()
        stack[stack.count - 1].append(done.language)
      case .bar, .closeGroup, .star:
        throw GlobError(
          offset: token.offset,
          message: "a character class swallows an opening '{', expected '\\[' and '\\]' for literal brackets"
        )
      case .byte, .caret, .dash, .closeClass: stack[stack.count - 1].append(byte: token.value)
      }
    }
    if stack.count > 1 {
      throw GlobError(
        offset: stack[stack.count - 1].offset,
        message: "a character class swallows the closing '}', expected '\\[' and '\\]' for literal brackets",
        isUnclosed: true
      )
    }
    return stack[0].language
  }

  /// The set of `[...]`; `index` is just after the `[` and ends up just after the `]`.
  private static func byteClass(_ tokens: [Token], _ index: inout Int) throws(GlobError) -> ByteSet {
    let open = tokens[index - 1].offset
    var set = ByteSet()
    var isNegated = false
    var isFirst = true
    if index < tokens.count, tokens[index].kind == .caret {
      isNegated = true
      index += 1
      if index < tokens.count, tokens[index].kind == .caret {
        set.insert(tokens[index].value)
        index += 1
        isFirst = false
      }
    }
    let startsWithBracket = isFirst && index < tokens.count && tokens[index].kind == .closeClass
    while index < tokens.count {
      let token = tokens[index]
      index += 1
      if token.kind == .closeClass && !isFirst { return isNegated ? ByteSet.all.subtracting(set) : set }
      if token.kind == .dash && !isFirst {
        throw GlobError(
          offset: token.offset,
          message: "unexpected '-', expected it as the first byte of the class or between the ends of a range"
        )
      }
      isFirst = false
      set.insert(token.value)
      guard index < tokens.count, tokens[index].kind == .dash else { continue }
      let dash = tokens[index].offset
      index += 1
      guard index < tokens.count, tokens[index].kind != .dash, tokens[index].kind != .closeClass else {
        throw GlobError(
          offset: dash,
          message: "range without an end, expected a byte after '-' (as the first byte of the class it is literal)"
        )
      }
      let ends = [token.value, tokens[index].value]
      set = set.union(ByteSet((ends.min() ?? 0)...(ends.max() ?? 0)))
      index += 1
    }
    throw GlobError(
      offset: open,
      message: startsWithBracket
        ? "empty character class, expected a byte between '[' and ']' ('\\]' for a bracket)"
        : "unclosed '[', expected ']'",
      isUnclosed: !startsWithBracket
    )
  }
}

/// Alternatives under construction.
private struct Alternation {
  let offset: Int
  private var finished: [Language] = []
  private var parts: [Language] = []
  private var literal: [UInt8] = []

  init(offset: Int) { self.offset = offset }

  mutating func append(byte: UInt8) { literal.append(byte) }

  mutating func append(_ part: Language) {
    flush()
    parts.append(part)
  }

  mutating func next() {
    finished.append(sequence)
    parts = []
    literal = []
  }

  private mutating func flush() {
    if literal.isEmpty { return }
    parts.append(.literal(literal))
    literal = []
  }

  private var sequence: Language {
    let all = literal.isEmpty ? parts : parts + [.literal(literal)]
    return all.isEmpty ? .epsilon : all.count == 1 ? all[0] : .sequence(all)
  }

  var language: Language { finished.isEmpty ? sequence : .union(finished + [sequence]) }
}
