package import IR

/// Why no profile could be written for a subject. Every case names the rules at fault.
package enum EmissionError: Error, Hashable, Sendable {
  /// More groups of sources than a profile can name exec targets.
  case tooManySources(groups: Int, limit: Int, rules: [Origin])
  /// A profile's automaton would be larger than `limit` states.
  case states(profile: String, limit: Int, rules: [Origin])
  /// A pattern is longer than the parser's scanner takes, in bytes of profile text.
  case patternTooLong(Int, limit: Int, rules: [Origin])
  /// `spec.apparmor` would end the profile it is put into, or holds a NUL.
  case native(NativeDefect, policy: PolicyID, Location)
  /// Two exec rules of equal standing lead to different places.
  case conflictingTransitions(profile: String, rules: [Origin])

  package enum NativeDefect: String, Hashable, Sendable {
    case nul = "a NUL byte"
    case unbalanced = "a '}' without '{'"
    case unclosed = "a '{' without '}'"
    case openQuote = "a quote that is not closed"
  }

  /// The origins of some rules, each once, in the order given.
  static func origins(_ rules: [ProfileRule]) -> [Origin] {
    var seen: Set<Origin> = []
    return rules.flatMap(\.origins).filter { seen.insert($0).inserted }
  }
}
