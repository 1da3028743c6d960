/// An automaton as the kernel walks it: rows compressed into one comb, with defaults and differential encoding.
///
/// Accepted is what kernel 6.1 accepts (`match.c`), and less where kernels disagree: every table once, 16-bit states,
/// 32-bit permissions; every state, default and next state in range; every row inside the comb; no chain of
/// differentially encoded states that comes back to itself; no out-of-band transitions (they serve attachment by
/// extended attributes only); the trap state 0 grants nothing. At most 65,536 states, since 16 bits name no more.
///
/// INVARIANT (established by `decode`): `base`, `fallback`, `accept`, `accept2` have one element per state; `next` and
/// `check` are equally long; `base[s] & 0xffffff + 255` is an index into them; every element of `fallback`, `next` and
/// `check` is a state; following `fallback` from a differential state reaches a plain one.
package struct CompiledDFA: Hashable, Sendable {
  /// Permission words by state; their meaning depends on what the automaton is for.
  package let accept: [UInt32]
  package let accept2: [UInt32]
  let base: [UInt32]
  let fallback: [UInt16]
  let next: [UInt16]
  let check: [UInt16]
  /// Byte to column; the identity if the automaton has no such table.
  let columns: [UInt8]
  /// Where a walk begins.
  let start: UInt16

  package var stateCount: Int { base.count }

  static let differential: UInt32 = 0x8000_0000
  private static let outOfBand: UInt32 = 0x2000_0000
  private static let flagBits: UInt32 = 0xff00_0000
  static let offsetBits: UInt32 = 0x00ff_ffff

  func isDifferential(_ state: Int) -> Bool { base[state] & Self.differential != 0 }

  /// One step, like the kernel's `match_char`. Terminates because differential chains end (see INVARIANT).
  func step(_ state: UInt16, _ byte: UInt8) -> UInt16 {
    var state = state
    let column = Int(columns[Int(byte)])
    while true {
      let word = base[Int(state)]
      let position = Int(word & Self.offsetBits) + column
      if check[position] == state { return next[position] }
      state = fallback[Int(state)]
      if word & Self.differential == 0 { return state }
    }
  }

  func walk(_ bytes: some Sequence<UInt8>, from start: UInt16) -> UInt16 {
    // The kernel does not leave the trap when it begins there, but does follow its row once it got there on the way.
    if start == 0 { return 0 }
    var state = start
    for byte in bytes { state = step(state, byte) }
    return state
  }

  /// Whether no string that begins with this byte and goes on has any permission.
  func grantsNothing(after byte: UInt8) -> Bool {
    let state = step(start, byte)
    return (0...255).allSatisfy { step(state, $0) == 0 && step(0, $0) == 0 }
  }

  /// The same tables with another start state.
  func starting(at state: UInt16) -> CompiledDFA {
    CompiledDFA(
      accept: accept,
      accept2: accept2,
      base: base,
      fallback: fallback,
      next: next,
      check: check,
      columns: columns,
      start: state
    )
  }
}

extension CompiledDFA {
  private static let headerSize = 16
  private static let tableHeaderSize = 12

  /// Decodes the blob in `range` of `bytes`.
  static func decode(_ bytes: [UInt8], _ range: Range<Int>) throws(CompiledPolicyError) -> CompiledDFA {
    func failure(_ offset: Int, _ message: String) -> CompiledPolicyError {
      CompiledPolicyError(offset: offset, message: message)
    }
    // The tables fill a multiple of 8 bytes; what is left over is padding, and comes first.
    let origin = range.lowerBound + range.count % 8
    guard range.upperBound - origin >= headerSize, word32(bytes, origin) == 0x1b5e_783d else {
      throw failure(origin, "expected an automaton")
    }
    let size = Int(word32(bytes, origin + 4))
    guard size >= headerSize, size % 8 == 0, size <= range.upperBound - origin else {
      throw failure(origin + 4, "the header of the automaton is \(size) bytes long")
    }
    let flags = word16(bytes, origin + 12)
    guard flags & ~1 == 0 else { throw failure(origin + 12, "unsupported automaton flags \(flags)") }

    var words: [Int: [UInt32]] = [:]
    var halves: [Int: [UInt16]] = [:]
    var columns: [UInt8]?
    var position = origin + size
    while position < range.upperBound {
      guard range.upperBound - position >= tableHeaderSize else { throw failure(position, "half a table header") }
      let kind = Int(word16(bytes, position))
      let width = Int(word16(bytes, position + 2))
      let count = Int(word32(bytes, position + 8))
      let data = position + tableHeaderSize
      // No overflow: count < 2^32, width < 2^16.
      let end = position + (tableHeaderSize + count * width + 7) / 8 * 8
      guard count > 0, end <= range.upperBound else { throw failure(position, "table \(kind) has \(count) elements") }
      guard words[kind] == nil, halves[kind] == nil, kind != Table.columns || columns == nil else {
        throw failure(position, "table \(kind) appears twice")
      }
      switch (kind, width) {
      case (Table.accept, 4), (Table.accept2, 4), (Table.base, 4):
        words[kind] = (0..<count).map { word32(bytes, data + 4 * $0) }
      case (Table.fallback, 2), (Table.next, 2), (Table.check, 2):
        halves[kind] = (0..<count).map { word16(bytes, data + 2 * $0) }
      case (Table.columns, 1):
        guard count == 256 else { throw failure(position, "the column table has \(count) elements, not 256") }
        columns = Array(bytes[data..<data + count])
      default:
        throw failure(position, "unsupported table \(kind) of \(width)-byte elements")
      }
      position = end
    }
    guard let accept = words[Table.accept], let accept2 = words[Table.accept2], let base = words[Table.base],
      let fallback = halves[Table.fallback], let next = halves[Table.next], let check = halves[Table.check]
    else { throw failure(origin, "the automaton lacks a table") }

    let count = base.count
    guard 2...65_536 ~= count else { throw failure(origin, "the automaton has \(count) states") }
    guard accept.count == count, accept2.count == count, fallback.count == count, next.count == check.count else {
      throw failure(origin, "the tables of the automaton differ in length")
    }
    guard accept[0] == 0, accept2[0] == 0 else { throw failure(origin, "the trap state grants permissions") }
    let dfa = CompiledDFA(
      accept: accept,
      accept2: accept2,
      base: base,
      fallback: fallback,
      next: next,
      check: check,
      columns: columns ?? (0...255).map { UInt8($0) },
      start: 1
    )
    if let problem = dfa.problem(differentialAllowed: flags & 1 != 0) { throw failure(origin, problem) }
    return dfa
  }

  private enum Table {
    static let accept = 1, base = 2, check = 3, fallback = 4, columns = 5, accept2 = 7, next = 8
  }

  private static func word16(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
    UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
  }

  private static func word32(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    UInt32(word16(bytes, offset)) << 16 | UInt32(word16(bytes, offset + 2))
  }

  /// What breaks the invariant, if anything does.
  private func problem(differentialAllowed: Bool) -> String? {
    let count = base.count
    for state in 0..<count {
      let flags = base[state] & Self.flagBits
      if flags & Self.outOfBand != 0 { return "state \(state) has an out-of-band transition" }
      if flags & ~Self.differential != 0 { return "state \(state) has unknown flags" }
      if flags != 0, !differentialAllowed { return "state \(state) is differential, but the header does not say so" }
      if Int(base[state] & Self.offsetBits) + 255 >= next.count { return "the row of state \(state) is out of range" }
      if Int(fallback[state]) >= count { return "the default of state \(state) is out of range" }
    }
    for index in next.indices where Int(next[index]) >= count || Int(check[index]) >= count {
      return "comb element \(index) is out of range"
    }
    // 0 unseen, 1 in the chain being followed, 2 known to end. Every state is marked twice at most.
    var mark = [UInt8](repeating: 0, count: count)
    for first in 0..<count where isDifferential(first) && mark[first] == 0 {
      var state = first
      while isDifferential(state), mark[state] == 0 {
        mark[state] = 1
        state = Int(fallback[state])
      }
      if isDifferential(state), mark[state] == 1 { return "the differential chain of state \(first) has no end" }
      state = first
      while isDifferential(state), mark[state] == 1 {
        mark[state] = 2
        state = Int(fallback[state])
      }
    }
    return nil
  }
}
