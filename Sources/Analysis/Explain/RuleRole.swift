package import IR

/// What a rule that covers an event has to do with its verdict.
package enum RuleRole: Hashable, Sendable {
  case decides
  /// The event is what the flags of a `Block` or `Audit` permit, so the rule says nothing about it; for a base list's
  /// `Allow`, what its flags leave out.
  case silent
  /// It names no source and would block, but this rule names the source and allows.
  case yields(to: Rule)
  /// It allows or audits, and this rule blocks.
  case overruled(by: Rule)
  /// It does what the decider does, which has a higher severity.
  case lessSevere(than: Rule)
  /// It does what the decider does with the same severity, which comes first by namespace, policy and position.
  case later(than: Rule)
  /// It allows, and this rule has what is allowed reported.
  case reported(by: Rule)
  /// It audits; the posture blocks what no rule allows, and an audit grants nothing.
  case grantsNothing
  /// It audits; the posture does so already.
  case reportedByPosture
}

/// Tells what every covering rule has to do with a decision.
struct RuleRoles {
  /// Index of the rule that decided.
  let decider: Int?
  private let covering: [Rule]
  /// What each rule does to this event; nil is nothing.
  private let effects: [Effect?]
  private let sourcedAllow: Int?
  private let decision: Decision

  init(event: Event, covering: [Rule], decision: Decision) {
    self.covering = covering
    self.decision = decision
    effects = covering.map { RuleRoles.effect(of: $0, on: event) }
    let effects = effects
    // Two rules may have one origin (an entry with several system calls or protocols): the one that does what was done.
    let wanted: Effect =
      switch decision.verdict {
      case .allow: .allow
      case .audit: .audit
      case .block: .block
      }
    if case .rule(let origin) = decision.decider {
      decider = covering.indices.first { covering[$0].origin == origin && effects[$0] == wanted }
    } else {
      decider = nil
    }
    sourcedAllow = covering.indices.filter { effects[$0] == .allow && !covering[$0].sources.isEmpty }
      .min { RuleRoles.precedes(covering[$0], covering[$1]) }
  }

  /// The clause of the rule that holds for the event, among those that differ in operation and owner (SEMANTICS §5).
  private static func effect(of rule: Rule, on event: Event) -> Effect? {
    Clause.lower(rule).first { clause in
      guard case .path(let operation, _) = event.access else { return true }
      return clause.operations.contains(operation) && clause.owner.holds(isOwner: event.isOwner)
    }?.effect
  }

  private static func precedes(_ a: Rule, _ b: Rule) -> Bool {
    a.severity != b.severity ? a.severity > b.severity : a.origin < b.origin
  }

  func role(of index: Int) -> RuleRole {
    if index == decider { return .decides }
    guard let effect = effects[index] else { return .silent }
    let rule = covering[index]
    let winner = decider.map { covering[$0] }
    func after(_ winner: Rule) -> RuleRole {
      winner.severity > rule.severity ? .lessSevere(than: winner) : .later(than: winner)
    }
    switch effect {
    case .block:
      if rule.sources.isEmpty, let sourcedAllow { return .yields(to: covering[sourcedAllow]) }
      return winner.map(after) ?? .silent
    case .allow:
      guard let winner else { return .silent }
      switch decision.verdict {
      case .block: return .overruled(by: winner)
      case .audit: return .reported(by: winner)
      case .allow: return after(winner)
      }
    case .audit:
      guard let winner else { return decision.verdict == .block ? .grantsNothing : .reportedByPosture }
      return decision.verdict == .block ? .overruled(by: winner) : after(winner)
    }
  }
}
