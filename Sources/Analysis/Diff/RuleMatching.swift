import IR

/// What a rule does, whatever it reports with it and wherever it stands.
struct RuleContent: Hashable {
  private let words: RuleWords
  private let condition: Rule.Condition?

  init(_ rule: Rule) {
    words = RuleWords(rule)
    condition = rule.condition
  }
}

/// Which rule of one state of a policy is which in another.
struct RuleMatching {
  private(set) var same: [(old: Rule, new: Rule)] = []
  private(set) var changed: [(old: Rule, new: Rule)] = []
  private(set) var removed: [Rule] = []
  private(set) var added: [Rule] = []
  /// The rules that stayed stand in another order.
  private(set) var isReordered = false

  /// By content, then by object, then by place.
  init(old: [Rule], new: [Rule]) {
    var isTaken = [Bool](repeating: false, count: old.count)
    var partner = [Int?](repeating: nil, count: new.count)
    /// Pairs what is left by some key, in order, those at the same place first.
    func pair<Key: Hashable>(_ key: (Rule) -> Key) {
      var waiting: [Key: [Int]] = [:]
      for index in old.indices where !isTaken[index] { waiting[key(old[index]), default: []].append(index) }
      for isInPlace in [true, false] {
        for index in new.indices where partner[index] == nil {
          let mine = key(new[index])
          guard let choices = waiting[mine] else { continue }
          let place = choices.firstIndex { !isInPlace || old[$0].origin.path == new[index].origin.path }
          guard let place else { continue }
          partner[index] = choices[place]
          isTaken[choices[place]] = true
          waiting[mine]?.remove(at: place)
        }
      }
    }
    pair(RuleContent.init)
    same = new.indices.compactMap { index in partner[index].map { (old[$0], new[index]) } }
    let order = partner.compactMap { $0 }
    isReordered = zip(order, order.dropFirst()).contains { $0 > $1 }
    pair(\.target)
    pair { $0.resourceClass.rawValue + " " + $0.origin.path }
    changed = new.indices.compactMap { index in
      guard let old = partner[index].map({ old[$0] }), RuleContent(old) != RuleContent(new[index]) else { return nil }
      return (old, new[index])
    }
    removed = old.indices.filter { !isTaken[$0] }.map { old[$0] }
    added = new.indices.filter { partner[$0] == nil }.map { new[$0] }
  }
}
