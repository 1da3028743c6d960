import Automata
import IR

/// What edits do to verdicts, by the causes that the comparison of subjects found, and reasons for those that do nothing.
struct EditEffects {
  private struct Side {
    let policies: [Policy]
    /// Rules that a cause names.
    var rules: Set<Key> = []
    /// Policies of such rules.
    var policiesNamed: Set<PolicyID> = []
  }
  private struct Key: Hashable {
    let policy: PolicyID
    let content: RuleContent
    init(_ rule: Rule) {
      policy = rule.origin.policy
      content = RuleContent(rule)
    }
  }

  private var old: Side
  private var new: Side
  /// Policies that some verdict changed for because they join or leave a subject.
  private var moved: Set<PolicyID> = []
  /// Policies that join or leave a subject.
  private var movedAtAll: Set<PolicyID> = []
  /// Classes with a change that has some cause.
  private var changedClasses: Set<ResourceClass> = []
  private let isPartlyUnknown: Bool
  /// Per policy: where it is among those of its side.
  private lazy var oldPlaces = EditEffects.places(old.policies)
  private lazy var newPlaces = EditEffects.places(new.policies)
  private var surroundings: [Place: Surroundings] = [:]
  /// Policies and rules that may still be looked at for the sake of reasons.
  private var effort = 200_000

  private struct Place: Hashable {
    let selector: Selector
    let isNew: Bool
  }
  /// All rules that apply wherever a selector does.
  private struct Surroundings {
    let rules: [Rule]
    let byContent: [RuleContent: [Rule]]
    /// Nil if there are too many rules.
    let fates: [RuleFate]?
  }

  init(old: [Policy], new: [Policy], subjects: [SubjectDiff]) {
    self.old = Side(policies: old)
    self.new = Side(policies: new)
    isPartlyUnknown = subjects.contains { $0.problem != nil }
    for subject in subjects {
      for entry in subject.entries {
        changedClasses.insert(entry.resourceClass)
        if let rule = entry.cause.old {
          self.old.rules.insert(Key(rule))
          self.old.policiesNamed.insert(rule.origin.policy)
        }
        if let rule = entry.cause.new {
          self.new.rules.insert(Key(rule))
          self.new.policiesNamed.insert(rule.origin.policy)
        }
        switch entry.cause.kind {
        case .policyJoined, .policyLeft:
          moved.formUnion([entry.cause.old, entry.cause.new].compactMap { $0?.origin.policy })
        default: break
        }
      }
      for setting in subject.settings {
        switch setting {
        case .policyJoined(let id, _), .policyLeft(let id, _): movedAtAll.insert(id)
        default: break
        }
      }
    }
  }

  // MARK: Policies

  /// `twin` is the same policy under another name, on the other side.
  func ofPolicy(_ policy: Policy, isNew: Bool, twin: Policy?) -> PolicyEdit.Effect {
    if (isNew ? new : old).policiesNamed.contains(policy.id) { return .meaning }
    if let twin { return .none("the same rules as '\(twin.id)'") }
    if isPartlyUnknown || policy.nativeAppArmor != nil || !policy.notCompiled.isEmpty { return .unknown }
    if policy.selector == .nothing { return .none("it applies to nothing") }
    if policy.rules.isEmpty { return .none("it has no rules") }
    if policy.rules.allSatisfy({ $0.condition != nil }) { return .unknown }
    return .none(plain(Set(policy.rules.map(\.resourceClass))))
  }

  func ofSelector(_ id: PolicyID) -> PolicyEdit.Effect {
    if moved.contains(id) { return .meaning }
    if isPartlyUnknown { return .unknown }
    return .none(
      movedAtAll.contains(id)
        ? "where it joins or leaves, other rules decide alike" : "it applies to the same subjects as before"
    )
  }

  // MARK: Rules

  mutating func ofRule(_ rule: Rule, in policy: Policy, isNew: Bool) -> PolicyEdit.Effect {
    if (isNew ? new : old).rules.contains(Key(rule)) { return .meaning }
    if isPartlyUnknown || rule.condition != nil { return .unknown }
    return .none(reason(rule, in: policy, isNew: isNew) ?? plain([rule.resourceClass]))
  }

  mutating func ofChange(_ before: Rule, _ after: Rule, _ old: Policy, _ new: Policy) -> PolicyEdit.Effect {
    if self.old.rules.contains(Key(before)) || self.new.rules.contains(Key(after)) { return .meaning }
    if isPartlyUnknown || before.condition != nil || after.condition != nil { return .unknown }
    if meanAlike(before, after) { return .none("two ways to write the same") }
    // Both have a reason, or neither matters.
    if let first = reason(before, in: old, isNew: false), let second = reason(after, in: new, isNew: true) {
      return .none(first == second ? first : "before: \(first); after: \(second)")
    }
    return .none(plain(Set([before.resourceClass, after.resourceClass])))
  }

  /// What can be said without looking closer. A change of the same class might have several causes, of which one is named.
  private func plain(_ classes: Set<ResourceClass>) -> String {
    changedClasses.isDisjoint(with: classes) ? "no event is decided otherwise" : "no change of a verdict is due to it"
  }

  /// Why the rule decides nothing where its policy applies; nil if that is not plain.
  private mutating func reason(_ rule: Rule, in policy: Policy, isNew: Bool) -> String? {
    if policy.selector == .nothing { return "its policy applies to nothing" }
    guard let around = around(policy.selector, isNew: isNew) else { return nil }
    if let twin = around.byContent[RuleContent(rule)]?.first(where: { !isSame($0, rule) }) {
      let standing = isNew ? nil : newLocation(twin)
      let verb = isNew ? "is" : standing == nil ? "was" : "is still"
      return "the same rule \(verb) at \(standing ?? twin.origin.location)"
    }
    guard let index = around.rules.firstIndex(where: { isSame($0, rule) }), let fates = around.fates else { return nil }
    let fate = fates[index]
    if fate.coversNothing { return "it covers no event" }
    guard fate.isIdle, let first = fate.deciders.first else { return nil }
    let decider = around.rules[first.origin.position]
    let others = fate.deciders.count - 1 + fate.furtherDeciders
    return relation(decider, isNew: isNew) + " ('\(decider.words)')"
      + (others > 0 ? " and \(others) more rule\(others > 1 ? "s" : "")" : "")
  }

  /// `already covered by shop.yaml:12`, with the place in the new state if the rule is there.
  private mutating func relation(_ rule: Rule, isNew: Bool) -> String {
    if isNew { return (oldLocation(rule) == nil ? "" : "already ") + "covered by \(rule.origin.location)" }
    guard let standing = newLocation(rule) else { return "was covered by \(rule.origin.location)" }
    return "still covered by \(standing)"
  }

  private mutating func around(_ selector: Selector, isNew: Bool) -> Surroundings? {
    let place = Place(selector: selector, isNew: isNew)
    if let known = surroundings[place] { return known }
    let side = isNew ? new : old
    guard effort > side.policies.count else { return nil }
    effort -= side.policies.count
    let rules = side.policies.filter { selector.implies($0.selector) }.sorted { $0.id < $1.id }.flatMap(\.rules)
      .filter { $0.condition == nil }
    var fates: SubjectFates?
    if rules.count <= 3_000, effort >= rules.count * 10 {
      effort -= rules.count * 10
      // Without what alerts say: of two rules that decide alike it matters to them which is there.
      let bare = rules.indices.map { index in
        Rule(
          target: rules[index].target,
          sources: rules[index].sources,
          action: rules[index].action,
          ownerOnly: rules[index].ownerOnly,
          readOnly: rules[index].readOnly,
          origin: Origin(
            policy: EditEffects.nobody,
            position: index,
            path: rules[index].origin.path,
            location: rules[index].origin.location
          )
        )
      }
      fates = try? SubjectFates(rules: bare, postures: Postures(), budget: EditEffects.small)
    }
    let result = Surroundings(
      rules: rules,
      byContent: Dictionary(grouping: rules, by: RuleContent.init),
      fates: fates?.fates
    )
    surroundings[place] = result
    return result
  }

  private static func places(_ policies: [Policy]) -> [PolicyID: [Int]] {
    var places: [PolicyID: [Int]] = [:]
    places.reserveCapacity(policies.count)
    for index in policies.indices { places[policies[index].id, default: []].append(index) }
    return places
  }

  /// Where a rule stands in a state, if it is there.
  private mutating func oldLocation(_ rule: Rule) -> Location? {
    EditEffects.location(rule, old.policies, oldPlaces[rule.origin.policy] ?? [])
  }

  private mutating func newLocation(_ rule: Rule) -> Location? {
    EditEffects.location(rule, new.policies, newPlaces[rule.origin.policy] ?? [])
  }

  private static func location(_ rule: Rule, _ policies: [Policy], _ places: [Int]) -> Location? {
    let content = RuleContent(rule)
    for index in places {
      for other in policies[index].rules where RuleContent(other) == content { return other.origin.location }
    }
    return nil
  }

  private static let nobody = PolicyID(kind: .pod, namespace: "", name: "")
  private static let small = TableBudget(
    states: StateBudget(states: 1 << 16, cells: 1 << 22, work: 1 << 24),
    cells: 1 << 20
  )

  private func isSame(_ a: Rule, _ b: Rule) -> Bool {
    let (left, right) = (a.origin.location, b.origin.location)
    return a.origin == b.origin && left.line == right.line && left.column == right.column && left.file == right.file
  }

  /// Whether two rules that read differently say the same.
  private func meanAlike(_ a: Rule, _ b: Rule) -> Bool {
    guard a.action == b.action, a.ownerOnly == b.ownerOnly, a.readOnly == b.readOnly, Set(a.sources) == Set(b.sources)
    else { return false }
    switch (a.target, b.target) {
    case (.process(let left), .process(let right)), (.file(let left), .file(let right)):
      if left == right { return true }
      // Of all sets only patterns can be written in several ways.
      guard left.isPattern || right.isPattern else { return false }
      let budget = StateBudget(states: 1 << 14, cells: 1 << 21, work: 1 << 23)
      let languages = [Language.absolutePath, left.language, right.language]
      guard let partition = try? Partition.of(languages, budget: budget) else { return false }
      return partition.members.allSatisfy { !$0.contains(0) || $0.contains(1) == $0.contains(2) }
    case (.syscall(let left, nil), .syscall(let right, nil)): return Set(left) == Set(right)
    default: return a.target == b.target
    }
  }
}

extension PathSet {
  fileprivate var isPattern: Bool { if case .glob = self { true } else { false } }
}
