import Automata
import IR

/// Globs that a person would think of first for a language: its directory and what its paths begin and end with.
enum Supersets {
  /// Each a list of globs that holds the language, or most of it.
  static func of(_ wanted: TrimmedPaths, depth: Int = 0) -> [[[UInt8]]] {
    let slash = UInt8(ascii: "/")
    let (prefix, state) = wanted.commonPrefix
    guard let last = prefix.lastIndex(of: slash) else { return [] }
    let directory = Glob.profileText(literal: Array(prefix[...last]))
    let start = Glob.profileText(literal: prefix)
    let isInDirectory = prefix.count > last + 1
    let suffix = wanted.commonSuffix
    let end = Glob.profileText(literal: suffix)
    var result: [[[UInt8]]] = []
    func add(_ head: [UInt8], _ wild: String, _ tail: [UInt8] = []) { result.append([head + Array(wild.utf8) + tail]) }
    if wanted.accepts[Int(state)] {
      // The common beginning is itself one of the paths.
      if prefix == [slash] {
        add([], "/{,*}")
        add([], "/{,**}")
      } else {
        for tail in ["", "{,/*}", "{,/**}", "*", "**"] { add(start, tail) }
      }
    }
    if depth < 2, let below = belowAnyName(wanted, state: wanted.state(after: Array(prefix[...last]))) {
      for inner in of(below, depth: depth + 1) { result.append(inner.map { directory + Array("*".utf8) + $0 }) }
    }
    if !end.isEmpty {
      for head in isInDirectory ? [start, directory] : [directory] { add(head, "*", end) }
      if let first = suffix.firstIndex(of: slash) {
        add(directory, "{,**/}", Glob.profileText(literal: Array(suffix[(first + 1)...])))
      }
      for head in isInDirectory ? [start, directory] : [directory] { add(head, "**", end) }
    }
    if let middle = wanted.middle {
      let tail = Glob.profileText(literal: middle) + Array("**".utf8)
      if middle.first == slash { result.append([directory + Array("{,**/}".utf8) + tail.dropFirst()]) }
      add(directory, "**", tail)
    }
    if isInDirectory { add(start, "*") }
    add(directory, "*")
    if isInDirectory { add(start, "**") }
    add(directory, "**")
    return result
  }

  /// What follows a name that nothing sets apart from others.
  private static func belowAnyName(_ wanted: TrimmedPaths, state: UInt32?) -> TrimmedPaths? {
    guard var here = state else { return nil }
    var seen: Set<UInt32> = []
    // The bytes that are told apart least.
    var sizes: [UInt8: Int] = [:]
    for byte in UInt8(1)...255 where byte != UInt8(ascii: "/") { sizes[wanted.classOfByte[Int(byte)], default: 0] += 1 }
    guard let widest = sizes.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { return nil }
    while seen.insert(here).inserted {
      here = wanted.rows[Int(here) * wanted.width + Int(widest)]
      if here == TrimmedPaths.nowhere { return nil }
    }
    guard wanted.next(here, UInt8(ascii: "/")) != TrimmedPaths.nowhere, here != state else { return nil }
    return PathQuestion.following(here, of: wanted)
  }
}

extension TrimmedPaths {
  /// What paths have in common just before anything may follow: `/.git/` of `/**/.git/**`.
  fileprivate var middle: [UInt8]? {
    var sizes = [Int](repeating: 0, count: width)
    for byte in 1..<256 { sizes[Int(classOfByte[byte])] += 1 }
    guard let widest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) else { return nil }
    // A place from which there is always a way on, found from some end.
    guard var here = accepts.indices.last(where: { accepts[$0] }) else { return nil }
    var seen: Set<Int> = []
    while seen.insert(here).inserted {
      let next = rows[here * width + widest]
      if next == TrimmedPaths.nowhere { return nil }
      here = Int(next)
    }
    var inside: Set<Int> = [here]
    var todo = [here]
    while let state = todo.popLast() {
      for column in 0..<width {
        let next = rows[state * width + column]
        if next != TrimmedPaths.nowhere, inside.insert(Int(next)).inserted { todo.append(Int(next)) }
      }
    }
    if inside.contains(0) { return nil }
    let suffix = commonSuffix(before: inside)
    return suffix.isEmpty ? nil : suffix
  }

  func state(after bytes: [UInt8]) -> UInt32? {
    var here: UInt32 = 0
    for byte in bytes {
      here = next(here, byte)
      if here == TrimmedPaths.nowhere { return nil }
    }
    return here
  }
}
