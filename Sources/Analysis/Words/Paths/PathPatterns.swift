import Automata
import IR

/// Globs as text, and how hard they are to read.
enum PathPatterns {
  /// What a list of globs asks of its reader: few, short ones without brackets are best.
  static func cost(_ globs: [[UInt8]]) -> Int {
    globs.reduce(0) { sum, text in
      var cost = 14 + text.count
      for (index, byte) in text.enumerated() {
        switch byte {
        case UInt8(ascii: "["): cost += index + 1 < text.count && text[index + 1] == UInt8(ascii: "^") ? 40 : 25
        case UInt8(ascii: "?"): cost += 8
        case UInt8(ascii: "{"): cost += 2
        default: break
        }
      }
      return sum + cost
    }
  }

  /// Whether a reader would hardly wish for a shorter list.
  static func arePlain(_ globs: [[UInt8]]) -> Bool {
    globs.count <= 4 && globs.allSatisfy { $0.count { Array("[?".utf8).contains($0) } <= (globs.count == 1 ? 1 : 0) }
      && !globs.contains { firstIndex(of: Array("[^".utf8), in: $0) != nil }
  }

  /// Whether no glob matches more than one string.
  static func areLiteral(_ globs: [[UInt8]]) -> Bool {
    globs.allSatisfy { glob in !glob.contains { Array("*?[{".utf8).contains($0) } }
  }

  /// The same set of strings in a form that is nicer to read: small brackets written out, what differs by an optional
  /// part joined.
  static func tidied(_ globs: [[UInt8]]) -> [[UInt8]] { joined(globs.flatMap(writtenOut)) }

  /// `/bin/s[hu]` as `/bin/sh` and `/bin/su`; brackets of at most three bytes, and no more than four globs in all.
  private static func writtenOut(_ glob: [UInt8]) -> [[UInt8]] {
    guard let open = glob.firstIndex(of: UInt8(ascii: "[")),
      let close = glob[open...].firstIndex(of: UInt8(ascii: "]")),
      2...4 ~= close - open, glob[(open + 1)..<close].allSatisfy(isPlain)
    else { return [glob] }
    let further = writtenOut(Array(glob[(close + 1)...]))
    let result = glob[(open + 1)..<close].flatMap { byte in further.map { glob[..<open] + [byte] + $0 } }
    return result.count <= 4 ? result.map { Array($0) } : [glob]
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// `/etc` and `/etc/**` as `/etc{,/**}`; `/sh` and `/**/sh` as `/{,**/}sh`.
  private static func joined(_ globs: [[UInt8]]) -> [[UInt8]] {
    var rest = Set(globs)
    var result: [[UInt8]] = []
    for glob in globs where rest.contains(glob) {
      for tail in ["/**", "/*"] {
        let tail = Array(tail.utf8)
        let head = Array(glob.dropLast(tail.count))
        guard glob.count > tail.count, glob.suffix(tail.count).elementsEqual(tail), rest.contains(head) else {
          continue
        }
        rest.subtract([glob, head])
        result.append(head + Array("{,".utf8) + tail + Array("}".utf8))
        break
      }
      guard rest.contains(glob), let deep = firstIndex(of: Array("/**/".utf8), in: glob) else { continue }
      let flat = Array(glob[...deep]) + Array(glob[(deep + 4)...])
      guard rest.contains(flat) else { continue }
      rest.subtract([glob, flat])
      result.append(Array(glob[...deep]) + Array("{,**/}".utf8) + Array(glob[(deep + 4)...]))
    }
    return result + globs.filter(rest.contains)
  }

  private static func firstIndex(of part: [UInt8], in text: [UInt8]) -> Int? {
    guard text.count >= part.count else { return nil }
    return (0...(text.count - part.count)).first { text[$0..<($0 + part.count)].elementsEqual(part) }
  }

  /// For people: escapes that are not needed written as what they stand for, as far as the pattern keeps its meaning.
  static func readable(_ text: [UInt8]) -> String {
    let plain = String(decoding: text, as: UTF8.self)
    guard text.contains(UInt8(ascii: "\\")), let glob = try? Glob(text) else { return plain }
    var shown: [UInt8] = []
    var isInBrackets = false
    var index = 0
    while index < text.count {
      // A run of octal escapes is a run of bytes, perhaps of one character.
      var bytes: [UInt8] = []
      var end = index
      while !isInBrackets, end + 3 < text.count, text[end] == UInt8(ascii: "\\"),
        let byte = octal(text[(end + 1)...(end + 3)])
      {
        bytes.append(byte)
        end += 4
      }
      if bytes.isEmpty {
        if text[index] == UInt8(ascii: "[") { isInBrackets = true }
        if text[index] == UInt8(ascii: "]") { isInBrackets = false }
        shown.append(text[index])
        index += 1
        continue
      }
      if Array(printable(bytes).utf8) == bytes {
        for byte in bytes { shown += Array("*?[]{}^,\"".utf8).contains(byte) ? [UInt8(ascii: "\\"), byte] : [byte] }
      } else {
        shown += text[index..<end]
      }
      index = end
    }
    guard let again = try? Glob(shown), again.language == glob.language else { return plain }
    return String(decoding: shown, as: UTF8.self)
  }

  /// The glob with its first brackets that exclude something as `?`.
  static func withoutBrackets(_ glob: [UInt8]) -> [UInt8]? {
    guard let open = firstIndex(of: Array("[^".utf8), in: glob),
      let close = glob[open...].firstIndex(of: UInt8(ascii: "]"))
    else { return nil }
    return Array(glob[..<open]) + Array("?".utf8) + Array(glob[(close + 1)...])
  }

  private static func octal(_ digits: ArraySlice<UInt8>) -> UInt8? {
    var value = 0
    for digit in digits {
      guard UInt8(ascii: "0")...UInt8(ascii: "7") ~= digit else { return nil }
      value = value * 8 + Int(digit - UInt8(ascii: "0"))
    }
    return UInt8(exactly: value)
  }

  /// For people, shortest first, then bytewise; each once.
  static func ordered(_ globs: [[UInt8]]) -> [String] {
    Set(globs.map(readable)).sorted { left, right in
      left.utf8.count == right.utf8.count
        ? left.utf8.lexicographicallyPrecedes(right.utf8) : left.utf8.count < right.utf8.count
    }
  }
}
