import Automata
package import IR

/// A policy with one small mistake in it. Tests that notice kill it.
package struct Mutant: Sendable {
  package enum Change: Sendable {
    /// Nil: the rule is gone.
    case rule(Rule, becomes: Rule?)
    /// The default posture that governs the class, of one group of tests alone.
    case posture(ResourceClass, group: Int, to: Posture)
  }
  package let change: Change
  /// What was done, for people: "action Audit instead of Allow".
  package let words: String

  package init(_ change: Change, _ words: String) {
    self.change = change
    self.words = words
  }

  /// The subject as the mutant has it.
  package func applied(to subject: SubjectPolicy) -> SubjectPolicy {
    var subject = subject
    switch change {
    case .posture(let resourceClass, _, let to):
      switch resourceClass {
      case .process, .file: subject.postures.file = to
      case .network, .dns: subject.postures.network = to
      default: subject.postures.capabilities = to
      }
    case .rule(let rule, let becomes):
      let key = RuleKey(rule.origin)
      for policy in subject.policies.indices where subject.policies[policy].id == key.policy {
        guard let index = subject.policies[policy].rules.firstIndex(where: { RuleKey($0.origin) == key }) else {
          continue
        }
        if let becomes {
          subject.policies[policy].rules[index] = becomes
        } else {
          subject.policies[policy].rules.remove(at: index)
        }
      }
    }
    return subject
  }
}

extension Mutant {
  /// Every mutant of a rule. Rules with a condition that no verdict looks at have none.
  package static func all(of rule: Rule) -> [Mutant] {
    if rule.condition != nil { return [] }
    var result = [Mutant(.rule(rule, becomes: nil), "rule dropped")]
    func add(_ words: String, _ edit: (inout Rule) -> Void) {
      var changed = rule
      edit(&changed)
      if changed != rule { result.append(Mutant(.rule(rule, becomes: changed), words)) }
    }
    let isSyscall = rule.resourceClass == .syscalls
    if !isSyscall {
      for action in Action.allCases where action != rule.action {
        add("action \(action.rawValue) instead of \(rule.action.rawValue)") { $0.action = action }
      }
    }
    switch rule.target {
    case .process(let set):
      flags(rule, .process, add)
      paths(set, add) { .process($0) }
    case .file(let set):
      flags(rule, .file, add)
      paths(set, add) { .file($0) }
    case .network(let word):
      if word != .all { add("protocol 'all' instead of '\(word.rawValue)'") { $0.target = .network(.all) } }
    case .capability: break
    case .syscall(let names, let path):
      if let path { paths(path, add) { .syscall(names, path: $0) } }
      for name in names where names.count > 1 {
        add("system call '\(name)' dropped") { $0.target = .syscall(names.filter { $0 != name }, path: path) }
      }
    }
    for (index, source) in rule.sources.enumerated() where rule.sources.count > 1 {
      add("source \(source.description) dropped") { $0.sources.remove(at: index) }
    }
    if !rule.sources.isEmpty { add("'fromSource' dropped") { $0.sources = [] } }
    return result
  }

  private static func flags(
    _ rule: Rule,
    _ resourceClass: ResourceClass,
    _ add: (String, (inout Rule) -> Void) -> Void
  ) {
    add(rule.ownerOnly ? "'ownerOnly' dropped" : "'ownerOnly' added") { $0.ownerOnly.toggle() }
    if resourceClass == .file {
      add(rule.readOnly ? "'readOnly' dropped" : "'readOnly' added") { $0.readOnly.toggle() }
    }
  }

  private static func paths(
    _ set: PathSet,
    _ add: (String, (inout Rule) -> Void) -> Void,
    _ target: @escaping (PathSet) -> Rule.Target
  ) {
    switch set {
    case .literal(let path):
      guard let parent = path.parent else { return }
      let wide = PathSet.directory(parent, recursive: false, includesSelf: false)
      add("path widened to all of \(wide.description)") { $0.target = target(wide) }
    case .basename: break
    case .directory(let path, let recursive, let includesSelf):
      let other = PathSet.directory(path, recursive: !recursive, includesSelf: includesSelf)
      add(recursive ? "'recursive' dropped" : "'recursive' added") { $0.target = target(other) }
    case .glob(let glob):
      guard let wide = widened(glob) else { return }
      add("pattern widened to \(PathSet.glob(wide).description)") { $0.target = target(.glob(wide)) }
    }
  }

  /// The first lone `*` becomes `**`.
  private static func widened(_ glob: Glob) -> Glob? {
    let star = UInt8(ascii: "*")
    var index = 0
    while index < glob.text.count {
      if glob.text[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      let run = glob.text[index...].prefix { $0 == star }.count
      if run == 1 {
        var text = glob.text
        text.insert(star, at: index)
        return try? Glob(text)
      }
      index += max(1, run)
    }
    return nil
  }

  /// Every mutant of the postures of a subject: of those that govern a class in allow-list mode.
  package static func postures(of subject: SubjectPolicy, group: Int, except fixed: PartialPostures) -> [Mutant] {
    let modes = Set(
      subject.policies.flatMap(\.rules).filter { $0.action == .allow && $0.condition == nil }.map(\.resourceClass)
    )
    var result: [Mutant] = []
    func add(_ resourceClass: ResourceClass, _ isWanted: Bool, _ word: String) {
      guard isWanted else { return }
      let posture = subject.postures[resourceClass]
      for other in Posture.allCases where other != posture {
        result.append(
          Mutant(
            .posture(resourceClass, group: group, to: other),
            "\(word) posture \(other.rawValue) instead of \(posture.rawValue)"
          )
        )
      }
    }
    add(.file, fixed.file == nil && (modes.contains(.file) || modes.contains(.process)), "file")
    add(.network, fixed.network == nil && modes.contains(.network), "network")
    add(.capabilities, fixed.capabilities == nil && modes.contains(.capabilities), "capabilities")
    return result
  }
}
