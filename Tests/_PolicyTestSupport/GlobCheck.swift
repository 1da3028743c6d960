import Automata

/// What must hold for any bytes taken as a pattern and a string: the body of the fuzz target `FuzzGlob`, which regression
/// inputs replay.
package enum GlobCheck {
  /// The first byte splits the input: so many bytes of pattern, the rest a string.
  /// - Returns: what does not hold, or nil.
  package static func failure(of input: [UInt8]) -> String? {
    guard let split = input.first else { return nil }
    let text = Array(input.dropFirst().prefix(Int(split)))
    let string = Array(input.dropFirst(1 + text.count))
    return failure(text: text, string: string)
  }

  private static func failure(text: [UInt8], string: [UInt8]) -> String? {
    let glob: Glob
    do {
      glob = try Glob(text)
    } catch {
      return error.offset < 0 || error.offset > text.count || error.message.isEmpty ? "mistake out of place" : nil
    }
    guard let again = try? Glob(glob.profileText), again.language == glob.language,
      again.profileText == glob.profileText
    else { return "profile text reads differently" }
    let budget = StateBudget(states: 1 << 12, cells: 1 << 18, work: 1 << 20)
    guard let fast = try? Partition.of([glob.language], budget: budget) else { return nil }
    guard let slow = try? Textbook.partition([glob.language], budget: StateBudget(states: 1 << 13)) else { return nil }
    if fast != slow { return "partition differs from the textbook's" }
    let matcher = GlobMatcher(glob)
    for candidate in [string, text] + fast.classifier.shortestWitnesses().values {
      let isMember = !fast.members[Int(fast.classifier.label(of: candidate))].isEmpty
      if matcher.matches(candidate) != isMember { return "matcher and language differ on \(candidate)" }
    }
    return nil
  }
}
