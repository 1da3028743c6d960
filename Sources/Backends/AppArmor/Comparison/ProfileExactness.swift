package import IR

/// From the differences between profiles and policy to one label per rule (SEMANTICS §8).
package enum ProfileExactness {
  /// - Parameters:
  ///   - table: of the subject.
  ///   - subject: whose table it is.
  ///   - differences: as `ProfileComparison` found them.
  /// - Returns: one entry per rule of the table, per conditioned rule and per preset, in that order.
  package static func labels(
    _ table: DecisionTable,
    _ subject: SubjectPolicy,
    differences: [ProfileDifference]
  ) -> [RuleExactness] {
    var worst: [Origin: RuleExactness] = [:]
    for difference in differences {
      for rule in rulesBehind(difference, table) {
        let label: ExactnessLabel = difference.kind.isStricter ? .stricter : .looser
        if let known = worst[rule.origin] {
          guard
            (known.label, known.witness?.description.utf8.count ?? 0)
              < (label, difference.witness.description.utf8.count) && known.label < label
          else { continue }
        }
        worst[rule.origin] = RuleExactness(
          origin: rule.origin,
          label: label,
          reason: reason(difference, rule, table),
          witness: difference.witness
        )
      }
    }
    let rules = table.rules.filter { $0.origin.policy.kind != .base }.map { rule in
      if case .syscall = rule.target {
        return RuleExactness(origin: rule.origin, label: .unsupported, reason: "AppArmor mediates no system calls")
      }
      return worst[rule.origin] ?? RuleExactness(origin: rule.origin, label: .exact)
    }
    let conditioned = subject.conditionedRules.map { rule in
      RuleExactness(
        origin: rule.origin,
        label: .unsupported,
        reason: rule.condition?.allowedArguments.isEmpty == true
          ? "AppArmor does not look at terminals, which 'pts: false' asks for"
          : "AppArmor does not look at the arguments of programs"
      )
    }
    return rules + conditioned
      + subject.presets.map { rule in
        RuleExactness(
          origin: rule.origin,
          label: .unsupported,
          reason: rule.preset.obstacle ?? ProfileExactness.obstacle(rule.preset)
        )
      }
  }

  /// Why a profile cannot say what a preset asks for.
  private static func obstacle(_ preset: Preset) -> String {
    switch preset {
    case .filelessExec: "AppArmor decides by paths and has no rule for a program that has none"
    case .anonymousMapExec: "AppArmor does not mediate memory that no file stands behind"
    case .protectEnv, .protectProc: "AppArmor cannot tell a process's own directory in /proc from another's"
    case .exec: ""
    }
  }

  /// How far an event is from what people meet every day; of several witnesses the plainest is shown.
  private static func plainness(_ event: Event?) -> [Int] {
    guard let event else { return [.max] }
    var rank = [0, 0]
    if case .network(let socket) = event.access {
      let families = [
        SocketNumber.inet, SocketNumber.inet6, SocketNumber.unix, SocketNumber.packet, SocketNumber.netlink,
      ]
      let types = [SocketNumber.stream, SocketNumber.dgram, SocketNumber.raw]
      rank = [families.firstIndex(of: socket.family) ?? 9, types.firstIndex(of: socket.type) ?? 9]
    }
    return rank + [event.description.utf8.count]
  }

  /// The rules that a difference is due to: the one that decided; where a posture or nobody did, those of the class that
  /// speak of the same access from some other source or of something AppArmor cannot tell from it; else every `Allow` of the
  /// class, since they put it in allow-list mode. Never empty for a subject with rules.
  package static func rulesBehind(_ difference: ProfileDifference, _ table: DecisionTable) -> [Rule] {
    let own = table.rules.filter { $0.origin.policy.kind != .base }
    var access = difference.witness.access
    if difference.kind == .kills, case .path(_, let path) = access {
      // The rules that keep the program from being read, not those that let it be executed.
      access = .path(.read, path)
    } else if let rule = difference.expected.rule, table.rules[rule].origin.policy.kind != .base {
      return [table.rules[rule]]
    }
    let rules = own.filter { $0.resourceClass == access.resourceClass }
    let near = rules.filter { speaksOf($0, access) }
    if !near.isEmpty { return near }
    let allows = rules.filter { $0.action == .allow }
    return !allows.isEmpty ? allows : !rules.isEmpty ? rules : own
  }

  private static func speaksOf(_ rule: Rule, _ access: Access) -> Bool {
    switch (rule.target, access) {
    case (.process(let set), .path(.exec, let path)): return set.contains(path)
    case (.file(let set), .path(let operation, let path)): return operation != .exec && set.contains(path)
    case (.network(let word), .network(let socket)):
      return [0, SocketNumber.tcp, SocketNumber.udp, SocketNumber.icmp, SocketNumber.icmpv6, SocketNumber.sctp].contains
      {
        word.covers(Socket(family: socket.family, type: socket.type, protocolNumber: $0))
      }
    case (.capability(let wanted), .capability(let used)): return wanted == used
    default: return false
    }
  }

  static func reason(_ difference: ProfileDifference, _ rule: Rule, _ table: DecisionTable) -> String {
    let text: String
    switch difference.kind {
    case .partial: text = "only a part of what '\(operation(difference))' comprises is allowed"
    case .kills: text = "lets the program be executed, but it is killed as it starts"
    case .reports: text = "reports more than the policy asks for"
    case .conceals:
      text =
        difference.expected.verdict == .block ? "blocks without a report" : "does not report what the policy audits"
    case .blocks, .permits:
      let does = difference.kind == .blocks ? "blocks" : "lets through"
      if case .network = difference.witness.access, rule.resourceClass == .network {
        text = "\(does) other protocols too: AppArmor decides sockets by family and type, not by protocol"
      } else if difference.witness.source == nil, difference.kind == .permits {
        text =
          "lets the first process of the container do what its sources may: it has to hold the rights of all of them"
      } else {
        text = "\(does) what the policy \(difference.expected.verdict == .block ? "blocks" : "lets through")"
      }
    }
    return difference.detail.isEmpty ? text : text + " (\(difference.detail))"
  }

  private static func operation(_ difference: ProfileDifference) -> String {
    if case .path(let operation, _) = difference.witness.access { operation.name } else { "the access" }
  }
}
