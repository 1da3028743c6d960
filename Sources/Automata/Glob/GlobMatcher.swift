/// A slow, literal matcher for globs: it writes the regular expression that `apparmor_parser` writes, as text, and walks
/// that text with the set of positions a match can be at. It shares no code with the translation into `Language`, whose
/// oracle it is. Time per string: length of the string times length of the pattern; no recursion.
package struct GlobMatcher: Sendable {
  private enum Step {
    /// One byte of the set; `repeats` for a star after it.
    case bytes(ByteSet, next: Int, repeats: Bool)
    /// Go on at any of these positions.
    case fork([Int])
    case end
  }
  /// By position in the text of the expression.
  private let steps: [Int: Step]
  private let length: Int

  package init(_ glob: Glob) {
    let expression = GlobMatcher.expression(glob.text)
    steps = GlobMatcher.steps(expression)
    length = expression.count
  }

  package func matches(_ string: some Collection<UInt8>) -> Bool {
    var positions: Set<Int> = closure([0])
    for byte in string {
      var next: Set<Int> = []
      for position in positions {
        guard case .bytes(let set, let after, let repeats)? = steps[position], set.contains(byte) else { continue }
        next.insert(repeats ? position : after)
      }
      positions = closure(next)
      if positions.isEmpty { return false }
    }
    return positions.contains(length)
  }

  private func closure(_ start: Set<Int>) -> Set<Int> {
    var result = start
    var todo = Array(start)
    while let position = todo.popLast() {
      var further: [Int] = []
      switch steps[position] {
      case .fork(let targets)?: further = targets
      case .bytes(_, let next, repeats: true)?: further = [next]
      default: break
      }
      for target in further where result.insert(target).inserted { todo.append(target) }
    }
    return result
  }

  // MARK: The expression

  /// A numeric or lettered escape at `index` (after the backslash), in the words of the parser's manual.
  private static func escape(_ text: [UInt8], _ index: Int) -> (UInt8, Int)? {
    guard index < text.count else { return nil }
    let simple: [Character: UInt8] = [
      "a": 7, "e": 27, "f": 12, "n": 10, "r": 13, "t": 9, "\\": 92, "\"": 34,
    ]
    let letter = Character(Unicode.Scalar(text[index]))
    if let value = simple[letter] { return (value, index + 1) }
    let (base, most, first) =
      letter == "x" ? (16, 2, index + 1) : letter == "d" ? (10, 3, index + 1) : (8, 3, index)
    var digits = ""
    for byte in text[min(first, text.count)...].prefix(most) {
      guard byte < 128, let value = Int(digits + String(Unicode.Scalar(byte)), radix: base), value < 256,
        byte != UInt8(ascii: "+"), byte != UInt8(ascii: "-")
      else { break }
      digits.unicodeScalars.append(Unicode.Scalar(byte))
    }
    guard let value = UInt8(digits, radix: base) else { return nil }
    return (value, first + digits.utf8.count)
  }

  /// Stages 1 to 4 of the chain that `Glob` describes.
  private static func expression(_ text: [UInt8]) -> [UInt8] {
    var plain: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "\\"), let (value, end) = escape(text, index + 1) {
        if value == 0 {
          plain += text[index..<end]
        } else {
          if "*?[]{}^,\\".utf8.contains(value) { plain.append(UInt8(ascii: "\\")) }
          plain.append(value)
        }
        index = end
      } else {
        plain.append(text[index])
        index += 1
      }
    }
    var merged: [UInt8] = []
    let slash = UInt8(ascii: "/")
    let head = plain.starts(with: [slash, slash]) && !plain.starts(with: [slash, slash, slash]) ? 2 : 0
    for (position, byte) in plain.enumerated() {
      if position > head, byte == slash, plain[position - 1] == slash { continue }
      merged.append(byte)
    }
    return translated(merged)
  }

  private static func translated(_ glob: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var isInClass = false
    var depth = 0
    var index = 0
    while index < glob.count {
      let byte = glob[index]
      let character = Character(Unicode.Scalar(byte))
      if character == "\\" {
        index += 1
        guard index < glob.count else { break }
        let next = Character(Unicode.Scalar(glob[index]))
        if next == "^" {
          out += isInClass ? [94] : [92, 94]
        } else if "*[]{}\\$.+|()".contains(next) || (next == "," && isInClass) {
          out += [92, glob[index]]
        } else if next != "?", let (_, end) = escape(glob, index) {
          out += [92] + glob[index..<end]
          index = end - 1
        } else {
          out.append(glob[index])
        }
        index += 1
        continue
      }
      switch character {
      case "*":
        let run = glob[index...].prefix { $0 == byte }.count
        let isLast = index + run == glob.count || glob[index + run] == UInt8(ascii: "/")
        if out.last == UInt8(ascii: "/") && isLast { out += Array("[^/\\x00]".utf8) }
        out += Array((run > 1 ? "[^\\x00]*" : "[^/\\x00]*").utf8)
        if run > 1 { index += 1 }
      case "?": out += Array("[^/\\x00]".utf8)
      case "[":
        isInClass = true
        out.append(byte)
      case "]":
        isInClass = false
        out.append(byte)
      case "{" where !isInClass:
        depth += 1
        out.append(UInt8(ascii: "("))
      case "}" where !isInClass:
        depth -= 1
        out.append(UInt8(ascii: ")"))
      case "," where !isInClass && depth > 0: out.append(UInt8(ascii: "|"))
      case "^" where !isInClass, "$" where !isInClass, ".", "+", "|", "(", ")": out += [92, byte]
      default: out.append(byte)
      }
      index += 1
    }
    return out
  }

  // MARK: The walk

  /// What the expression says at each position that a match can be at.
  private static func steps(_ text: [UInt8]) -> [Int: Step] {
    var steps: [Int: Step] = [text.count: .end]
    /// Per open group: its position, the starts of its alternatives, the positions of its bars.
    var groups: [(open: Int, starts: [Int], bars: [Int])] = []
    var index = 0
    while index < text.count {
      let start = index
      switch Character(Unicode.Scalar(text[index])) {
      case "(":
        index += 1
        groups.append((start, [index], []))
      case "|" where !groups.isEmpty:
        index += 1
        groups[groups.count - 1].starts.append(index)
        groups[groups.count - 1].bars.append(start)
      case ")" where !groups.isEmpty:
        index += 1
        let group = groups.removeLast()
        steps[group.open] = .fork(group.starts)
        for bar in group.bars + [start] { steps[bar] = .fork([index]) }
      default:
        let set = text[index] == UInt8(ascii: "[") ? classSet(text, &index) : ByteSet([single(text, &index)])
        let repeats = index < text.count && text[index] == UInt8(ascii: "*")
        if repeats { index += 1 }
        steps[start] = .bytes(set, next: index, repeats: repeats)
      }
    }
    return steps
  }

  /// One byte of the expression, escapes resolved.
  private static func single(_ text: [UInt8], _ index: inout Int) -> UInt8 {
    defer { index += 1 }
    guard text[index] == UInt8(ascii: "\\") else { return text[index] }
    if let (value, end) = escape(text, index + 1) {
      index = end - 1
      return value
    }
    if index + 1 < text.count, "*+.|^$-[](){}".utf8.contains(text[index + 1]) {
      index += 1
      return text[index]
    }
    return UInt8(ascii: "\\")
  }

  private static func classSet(_ text: [UInt8], _ index: inout Int) -> ByteSet {
    index += 1
    var set = ByteSet()
    var isFirst = true
    let isNegated = index < text.count && text[index] == UInt8(ascii: "^")
    if isNegated {
      index += 1
      isFirst = index >= text.count || text[index] != UInt8(ascii: "^")
    }
    while index < text.count, isFirst || text[index] != UInt8(ascii: "]") {
      isFirst = false
      let low = single(text, &index)
      set.insert(low)
      guard index + 1 < text.count, text[index] == UInt8(ascii: "-") else { continue }
      index += 1
      let high = single(text, &index)
      set = set.union(ByteSet(min(low, high)...max(low, high)))
    }
    index += 1
    return isNegated ? ByteSet.all.subtracting(set) : set
  }
}
