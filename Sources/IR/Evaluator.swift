/// The meaning of a policy, literally as SEMANTICS.md states it: slow, obvious, and the oracle for everything faster.
/// Uses no automaton and no clause.
package struct Evaluator: Sendable {
  private let rules: [Rule]
  private let postures: Postures
  private let holds: Membership

  /// Whether a set holds a path.
  package typealias Membership = @Sendable (PathSet, BytePath) -> Bool

  package init(_ subject: SubjectPolicy, holds: @escaping Membership = { $0.contains($1) }) {
    self.init(rules: subject.rules, postures: subject.postures, holds: holds)
  }

  /// `holds` may remember what `PathSet.contains` says, for many events over few paths.
  package init(rules: [Rule], postures: Postures, holds: @escaping Membership = { $0.contains($1) }) {
    self.rules = rules
    self.postures = postures
    self.holds = holds
  }

  /// SEMANTICS §6.
  package func decide(_ event: Event) -> Decision {
    let resourceClass = event.access.resourceClass
    let covering = rules.filter { covers($0, event) }

    // 1. A blocking contribution, unless it names no source and a contribution that names one allows.
    let sourcedAllow = covering.contains { !$0.sources.isEmpty && allows($0, event) }
    let blocking = covering.filter { blocks($0, event) && !($0.sources.isEmpty && sourcedAllow) }
    if let first = blocking.min(by: Evaluator.precedes) { return Decision(.block, by: .rule(first.origin)) }

    // 2. The default posture of a class in allow-list mode.
    let isAllowList = rules.contains { $0.resourceClass == resourceClass && $0.action == .allow }
    var allowed = Decision(.allow, by: .nothing)
    if isAllowList {
      if let first = covering.filter({ allows($0, event) }).min(by: Evaluator.precedes) {
        allowed = Decision(.allow, by: .rule(first.origin))
      } else {
        switch postures[resourceClass] {
        case .block: return Decision(.block, by: .posture(resourceClass))
        case .audit: return Decision(.audit, by: .posture(resourceClass))
        case .allow: allowed = Decision(.allow, by: .posture(resourceClass))
        }
      }
    }

    // 3. Audit never grants.
    let auditing = covering.filter { audits($0, event) }
    if let first = auditing.min(by: Evaluator.precedes) { return Decision(.audit, by: .rule(first.origin)) }
    return allowed
  }

  /// Every rule that covers the event, in order (SEMANTICS §4).
  package func rulesCovering(_ event: Event) -> [Rule] { rules.filter { covers($0, event) } }

  private func covers(_ rule: Rule, _ event: Event) -> Bool {
    if !rule.sources.isEmpty {
      guard let source = event.source, rule.sources.contains(where: { holds($0, source) }) else { return false }
    }
    switch (rule.target, event.access) {
    case (.process(let paths), .path(.exec, let path)): return holds(paths, path)
    case (.file(let paths), .path(.read, let path)), (.file(let paths), .path(.write, let path)):
      return holds(paths, path)
    case (.network(let word), .network(let socket)): return word.covers(socket)
    case (.capability(let wanted), .capability(let used)): return wanted == used
    case (.syscall(let names, let paths), .syscall(let name, let path)):
      guard names.contains(name) else { return false }
      guard let paths else { return true }
      return path.map { holds(paths, $0) } ?? false
    default: return false
    }
  }

  /// *permitted*, given *covered* (SEMANTICS §5).
  private func permits(_ rule: Rule, _ event: Event) -> Bool {
    guard case .path(let operation, _) = event.access else { return true }
    return (!rule.ownerOnly || event.isOwner) && (!rule.readOnly || operation == .read)
  }

  private func allows(_ rule: Rule, _ event: Event) -> Bool { rule.action == .allow && permits(rule, event) }

  private func blocks(_ rule: Rule, _ event: Event) -> Bool {
    switch rule.action {
    case .allow: return rule.blocksTheRest && !permits(rule, event)
    case .block: return !isFlagged(rule) || !permits(rule, event)
    case .audit: return false
    }
  }

  private func audits(_ rule: Rule, _ event: Event) -> Bool {
    rule.action == .audit && (!isFlagged(rule) || !permits(rule, event))
  }

  private func isFlagged(_ rule: Rule) -> Bool { rule.ownerOnly || rule.readOnly }

  /// The rule that is named when several contribute alike: highest severity, then first by (namespace, policy, position).
  private static func precedes(_ a: Rule, _ b: Rule) -> Bool {
    a.severity != b.severity ? a.severity > b.severity : a.origin < b.origin
  }
}
