package import IR

/// What becomes of one rule in every subject that its policy applies to.
package struct RuleFate: Hashable, Sendable {
  /// It covers no event at all.
  package var coversNothing = false
  /// It could go, with every other idle rule of the subject, and nothing would change.
  package var isIdle = false
  /// An `Allow` whose every event a `Block` covers too.
  package var isOverridden = false
  /// An `Audit` whose events are all blocked or reported by others, at least one of them by the default posture.
  package var isUnreached = false
  /// The rules that decide in its place; one alone if one covers all that it covers. At most `shownDeciders`.
  package var deciders: [Rule] = []
  /// How many deciders there are beyond `deciders`.
  package var furtherDeciders = 0
  /// The first of `deciders` is word for word the same rule.
  package var isDuplicate = false
  /// The posture that decides in its place, where no rule does.
  package var posture: Posture?
  /// An event that it covers and does not decide; nil where its object says as much.
  package var witness: Event?

  static let shownDeciders = 3

  var isWorthTelling: Bool { coversNothing || isIdle || isOverridden || isUnreached }

  /// What is true in both of two sets of subjects; the particulars of the first.
  func and(_ other: RuleFate) -> RuleFate {
    var both = self
    both.coversNothing = coversNothing && other.coversNothing
    both.isIdle = isIdle && other.isIdle
    both.isOverridden = isOverridden && other.isOverridden
    both.isUnreached = isUnreached && other.isUnreached
    return both
  }
}

/// What a rule says, whatever it reports with it: equal for rules that say the same in the same words.
struct RuleWords: Hashable {
  private let target: Rule.Target
  private let sources: Set<PathSet>
  private let action: Action
  private let ownerOnly: Bool
  private let readOnly: Bool

  init(_ rule: Rule) {
    target = rule.target
    sources = Set(rule.sources)
    action = rule.action
    ownerOnly = rule.ownerOnly
    readOnly = rule.readOnly
  }
}
