import Automata
package import IR

/// How exactly a map image and its matcher serve each rule (SEMANTICS §8).
package enum ImageExactness {
  /// - Parameters:
  ///   - table: of the subject.
  ///   - subject: whose table it is.
  /// - Returns: one entry per rule of the table, per conditioned rule and per preset, in that order.
  package static func labels(_ table: DecisionTable, _ subject: SubjectPolicy) -> [RuleExactness] {
    let rules = table.rules.filter { $0.origin.policy.kind != .base }.map { rule in
      guard case .syscall(let names, let set?) = rule.target else {
        return RuleExactness(origin: rule.origin, label: .exact)
      }
      let unread = names.filter { SystemCalls.pathArgument(of: $0) == nil }.sorted()
      guard unread.isEmpty else {
        return RuleExactness(
          origin: rule.origin,
          label: .looser,
          reason: "the matcher reads no path argument of " + unread.map { "'\($0)'" }.joined(separator: ", "),
          witness: witness(unread, set, rule)
        )
      }
      return RuleExactness(
        origin: rule.origin,
        label: .looser,
        reason:
          "path arguments are matched as they are passed: relative paths and links are not resolved, and a path whose memory was never touched is not seen",
        witness: witness(names, set, rule)
      )
    }
    let conditioned = subject.conditionedRules.map { rule in
      RuleExactness(origin: rule.origin, label: .unsupported, reason: obstacle(rule.condition))
    }
    return rules + conditioned
      + subject.presets.map { rule in
        RuleExactness(
          origin: rule.origin,
          label: rule.preset.obstacle == nil ? .exact : .unsupported,
          reason: rule.preset.obstacle ?? ""
        )
      }
  }

  /// Why a rule with a condition is left out.
  static func obstacle(_ condition: Rule.Condition?) -> String {
    guard let condition, condition.allowedArguments.isEmpty else {
      return "a hook that can deny sees the arguments of a program only where its caller may still change them"
    }
    return "map images do not hold whether a terminal is attached, which 'pts: false' asks for"
  }

  /// A call that the policy audits and the matcher may not: it depends on how the path is written.
  private static func witness(_ names: [String], _ set: PathSet, _ rule: Rule) -> Event? {
    guard let name = names.min() else { return nil }
    return path(set).map { path in
      Event(source: rule.sources.first.flatMap { self.path($0) }, access: .syscall(name, path))
    }
  }

  /// A path of a set.
  private static func path(_ set: PathSet) -> BytePath? {
    switch set {
    case .literal(let path): return path
    case .basename(let name): return BytePath([UInt8(ascii: "/")] + name)
    case .directory(let path, _, let includesSelf):
      return includesSelf ? path : BytePath((path == .root ? [] : path.bytes) + Array("/x".utf8))
    case .glob(let glob):
      guard let partition = try? Partition.of([glob.language, .absolutePath]) else { return nil }
      return partition.classifier.shortestWitness { partition.members[Int($0)] == [0, 1] }.flatMap { BytePath($0) }
    }
  }
}
