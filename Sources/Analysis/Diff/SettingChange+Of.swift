import IR

extension SettingChange {
  /// What changed for whole classes of a subject, in order of class.
  static func of(
    _ pair: SubjectPair,
    _ rules: (old: [Rule], new: [Rule]),
    oldTree: Set<PolicyID>,
    newTree: Set<PolicyID>
  ) -> [SettingChange] {
    var result: [SettingChange] = []
    for resourceClass in [ResourceClass.file, .network, .capabilities] {
      let (old, new) = (pair.old.postures[resourceClass], pair.new.postures[resourceClass])
      if old != new { result.append(.posture(resourceClass, old: old, new: new)) }
    }
    for resourceClass in [ResourceClass.process, .file, .network, .capabilities] {
      switch (rules.old.firstAllow(resourceClass), rules.new.firstAllow(resourceClass)) {
      case (nil, let rule?): result.append(.allowListOn(resourceClass, by: rule))
      case (let rule?, nil): result.append(.allowListOff(resourceClass, by: rule))
      default: continue
      }
    }
    if pair.old.base?.name != pair.new.base?.name {
      result.append(.baseList(old: pair.old.base?.name, new: pair.new.base?.name))
    }
    let (before, after) = (Set(pair.old.policies.map(\.id)), Set(pair.new.policies.map(\.id)))
    for policy in pair.new.policies where !before.contains(policy.id) && oldTree.contains(policy.id) {
      result.append(.policyJoined(policy.id, policy.location))
    }
    for policy in pair.old.policies where !after.contains(policy.id) && newTree.contains(policy.id) {
      result.append(.policyLeft(policy.id, policy.location))
    }
    return result
  }
}

extension UnjudgedChange {
  /// What changed in the parts of a subject's policies that have no compiled form, in order of policy.
  static func of(_ pair: SubjectPair) -> [UnjudgedChange] {
    let old = parts(pair.old.policies)
    let new = parts(pair.new.policies)
    var result: [UnjudgedChange] = []
    for (key, part) in new {
      if let before = old[key] {
        if before.text != part.text { result.append(part.change(.changed)) }
      } else {
        result.append(part.change(.added))
      }
    }
    for (key, part) in old where new[key] == nil { result.append(part.change(.removed)) }
    return result.sorted { ($0.policy, $0.what, $0.kind.rawValue) < ($1.policy, $1.what, $1.kind.rawValue) }
  }

  private struct Key: Hashable {
    let policy: PolicyID
    let what: String
    /// Tells parts of one name apart.
    let number: Int
  }

  private struct Part {
    let what: String
    /// Equal exactly if the part is unchanged.
    let text: String
    let policy: PolicyID
    let location: Location

    func change(_ kind: Kind) -> UnjudgedChange {
      UnjudgedChange(what: what, kind: kind, policy: policy, location: location)
    }
  }

  private static func parts(_ policies: [Policy]) -> [Key: Part] {
    var result: [Key: Part] = [:]
    func add(_ part: Part) {
      var number = 0
      while result[Key(policy: part.policy, what: part.what, number: number)] != nil { number += 1 }
      result[Key(policy: part.policy, what: part.what, number: number)] = part
    }
    for policy in policies {
      if let native = policy.nativeAppArmor {
        add(
          Part(
            what: "native AppArmor rules of \(policy.id)",
            text: native.text,
            policy: policy.id,
            location: native.location
          )
        )
      }
      for part in policy.notCompiled {
        add(Part(what: part.what, text: part.reason, policy: policy.id, location: part.origin.location))
      }
      for rule in policy.rules where rule.condition != nil {
        add(
          Part(
            what: "\(rule.conditionWords) of \(policy.id)",
            text: "",
            policy: policy.id,
            location: rule.origin.location
          )
        )
      }
    }
    return result
  }
}

extension Rule {
  /// A rule with a condition as the object of a sentence: two are the same exactly if they read the same.
  fileprivate var conditionWords: String {
    var words: [String] = [action.rawValue]
    switch target {
    case .process(let set): words.append("exec of \(set.description)")
    case .file(let set): words.append("access to \(set.description)")
    case .network(let word): words.append("network \(word.rawValue)")
    case .capability(let capability): words.append("capability \(capability.name)")
    case .syscall(let names, let path):
      words.append("system calls \(names.joined(separator: ", "))" + (path.map { " on \($0.description)" } ?? ""))
    }
    if ownerOnly { words.append("ownerOnly") }
    if readOnly { words.append("readOnly") }
    if !sources.isEmpty { words.append("from " + sources.map(\.description).sorted().joined(separator: ", ")) }
    if let pts = condition?.pts { words.append("with pts: \(pts)") }
    if let arguments = condition?.allowedArguments, !arguments.isEmpty {
      words.append("with allowedArgs: \(arguments.joined(separator: ", "))")
    }
    return "rule '" + words.joined(separator: " ") + "'"
  }
}
