package import IR

/// What changed in the text of policies, with what it does to verdicts.
package enum PolicyEdits {
  /// `subjects` are all comparisons of the two trees: their causes tell edits that mean something from those that do not.
  ///
  /// In order of policy, then of place. Several policies with one name are paired in order, those that are equal first.
  package static func of(old: [Policy], new: [Policy], subjects: [SubjectDiff]) -> [PolicyEdit] {
    var effects = EditEffects(old: old, new: new, subjects: subjects)
    var edits: [PolicyEdit] = []
    var removed: [Policy] = []
    var added: [Policy] = []
    let before = Dictionary(grouping: old, by: \.id)
    let after = Dictionary(grouping: new, by: \.id)
    for id in Set(before.keys).union(after.keys).sorted() {
      let pairing = pairs(before[id] ?? [], after[id] ?? [])
      for (old, new) in pairing.both { edits += between(old, new, &effects) }
      removed += pairing.removed
      added += pairing.added
    }
    // A policy under another name.
    func shape(_ policy: Policy) -> Shape { Shape(policy) }
    let removedShapes = Dictionary(grouping: removed, by: shape)
    let addedShapes = Dictionary(grouping: added, by: shape)
    for policy in removed {
      let twin = addedShapes[shape(policy)]?.first
      edits.append(
        PolicyEdit(
          policy: policy.id,
          kind: .policyRemoved,
          effect: effects.ofPolicy(policy, isNew: false, twin: twin),
          oldLocation: policy.location
        )
      )
    }
    for policy in added {
      let twin = removedShapes[shape(policy)]?.first
      edits.append(
        PolicyEdit(
          policy: policy.id,
          kind: .policyAdded,
          effect: effects.ofPolicy(policy, isNew: true, twin: twin),
          newLocation: policy.location
        )
      )
    }
    return edits.enumerated().sorted { ($0.element.policy, $0.offset) < ($1.element.policy, $1.offset) }.map(\.element)
  }

  /// What makes two policies of different names the same.
  private struct Shape: Hashable {
    let selector: Selector
    let rules: [RuleContent: Int]
    let native: String?
    let notCompiled: [String]

    init(_ policy: Policy) {
      selector = policy.selector
      rules = Dictionary(policy.rules.map { (RuleContent($0), 1) }, uniquingKeysWith: +)
      native = policy.nativeAppArmor?.text
      notCompiled = policy.notCompiled.map { $0.resourceClass.rawValue + $0.what }.sorted()
    }
  }

  private static func pairs(
    _ old: [Policy],
    _ new: [Policy]
  ) -> (both: [(Policy, Policy)], removed: [Policy], added: [Policy]) {
    if old.count < 2, new.count < 2 {
      guard let first = old.first, let second = new.first else { return ([], old, new) }
      return ([(first, second)], [], [])
    }
    var waiting: [Shape: [Int]] = [:]
    for index in old.indices.reversed() { waiting[Shape(old[index]), default: []].append(index) }
    var isTaken = [Bool](repeating: false, count: old.count)
    var both: [(Policy, Policy)] = []
    var added: [Policy] = []
    for policy in new {
      if let same = waiting[Shape(policy)]?.popLast() {
        isTaken[same] = true
        both.append((old[same], policy))
      } else {
        added.append(policy)
      }
    }
    let rest = old.indices.filter { !isTaken[$0] }.map { old[$0] }
    let count = min(rest.count, added.count)
    both += zip(rest.prefix(count), added.prefix(count))
    return (both, Array(rest.dropFirst(count)), Array(added.dropFirst(count)))
  }

  // MARK: One policy

  private static func between(_ old: Policy, _ new: Policy, _ effects: inout EditEffects) -> [PolicyEdit] {
    // Places are equal wherever they are.
    if old == new { return [] }
    var edits: [PolicyEdit] = []
    func add(_ kind: PolicyEdit.Kind, _ effect: PolicyEdit.Effect, _ before: Location?, _ after: Location?) {
      edits.append(
        PolicyEdit(policy: new.id, kind: kind, effect: effect, oldLocation: before, newLocation: after)
      )
    }
    if old.selector != new.selector {
      add(
        .selector(old: old.selector.canonicalText, new: new.selector.canonicalText),
        effects.ofSelector(new.id),
        old.location,
        new.location
      )
    }
    let matching = RuleMatching(old: old.rules, new: new.rules)
    var places: [(position: Int, edit: () -> Void)] = []
    for rule in matching.removed {
      let effect = effects.ofRule(rule, in: old, isNew: false)
      places.append((rule.origin.position, { add(.ruleRemoved(rule), effect, rule.origin.location, nil) }))
    }
    for rule in matching.added {
      let effect = effects.ofRule(rule, in: new, isNew: true)
      places.append((rule.origin.position, { add(.ruleAdded(rule), effect, nil, rule.origin.location) }))
    }
    for (before, after) in matching.changed {
      let effect = effects.ofChange(before, after, old, new)
      places.append(
        (
          after.origin.position,
          { add(.ruleChanged(old: before, new: after), effect, before.origin.location, after.origin.location) }
        )
      )
    }
    for place in places.enumerated().sorted(by: { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) })
    {
      place.element.edit()
    }
    if matching.isReordered { add(.reordered, .none("the order of rules never matters"), old.location, new.location) }
    for field in MetadataField.allCases {
      guard let change = field.change(matching.same + matching.changed) else { continue }
      add(change.kind, .none(field.reason), change.old, change.new)
    }
    addNotCompiled(old, new, add)
    return edits
  }

  private static func addNotCompiled(
    _ old: Policy,
    _ new: Policy,
    _ add: (PolicyEdit.Kind, PolicyEdit.Effect, Location?, Location?) -> Void
  ) {
    let native = "native AppArmor rules "
    switch (old.nativeAppArmor, new.nativeAppArmor) {
    case (let before?, let after?) where before.text != after.text:
      add(.notCompiled(native + "changed"), .unknown, before.location, after.location)
    case (nil, let after?): add(.notCompiled(native + "added"), .unknown, nil, after.location)
    case (let before?, nil): add(.notCompiled(native + "removed"), .unknown, before.location, nil)
    default: break
    }
    var rest = old.notCompiled
    var added: [NotCompiled] = []
    for part in new.notCompiled {
      if let same = rest.firstIndex(where: { $0.what == part.what && $0.resourceClass == part.resourceClass }) {
        rest.remove(at: same)
      } else {
        added.append(part)
      }
    }
    for part in rest { add(.notCompiled(part.what + " removed"), .unknown, part.origin.location, nil) }
    for part in added { add(.notCompiled(part.what + " added"), .unknown, nil, part.origin.location) }
  }
}

/// What a rule reports and no verdict depends on.
private enum MetadataField: String, CaseIterable {
  case severity, tags, message

  private func value(_ rule: Rule) -> String {
    switch self {
    case .severity: rule.severity == 0 ? "" : String(rule.severity)
    case .tags: rule.tags.joined(separator: ", ")
    case .message: rule.message
    }
  }

  var reason: String {
    switch self {
    case .severity: "no verdict depends on severity"
    case .tags: "no verdict depends on tags"
    case .message: "no verdict depends on messages"
    }
  }

  /// All rules whose value changed, in one.
  func change(_ pairs: [(old: Rule, new: Rule)]) -> (kind: PolicyEdit.Kind, old: Location, new: Location)? {
    let different = pairs.filter { value($0.old) != value($0.new) }
      .sorted { $0.new.origin.position < $1.new.origin.position }
    guard let first = different.first else { return nil }
    func values(_ rules: [Rule]) -> String {
      var seen: Set<String> = []
      let distinct = rules.map(value).filter { seen.insert($0).inserted }
      if distinct.count == 1 { return distinct[0] }
      return WordList.joined(distinct.map { $0.isEmpty ? "none" : $0 }, most: 3)
    }
    let kind = PolicyEdit.Kind.metadata(
      field: rawValue,
      old: values(different.map(\.old)),
      new: values(different.map(\.new)),
      rules: different.count
    )
    return (kind, first.old.origin.location, first.new.origin.location)
  }
}
