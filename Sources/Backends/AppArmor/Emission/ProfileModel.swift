package import Automata
import IR

/// What AppArmor's kernel side will answer for a profile, computed from its rules by our own automata, without any text
/// and without the parser.
package enum ProfileModel {
  /// - Throws: `EmissionError` if the automaton is over budget or exec rules contradict each other.
  package static func access(_ profile: Profile, budget: StateBudget) throws(EmissionError) -> ProfileAccess {
    try access(name: profile.name, rules: profile.rules, budget: budget)
  }

  package static func access(
    name: String,
    rules: [ProfileRule],
    budget: StateBudget
  ) throws(EmissionError) -> ProfileAccess {
    var patterns: [NamePattern] = []
    var indexOf: [NamePattern: Int] = [:]
    // Per pattern the rules that use it.
    var users: [[(rule: ProfileRule, file: FileRule, isExact: Bool)]] = []
    // The floor's patterns, the same in every profile, come first: they are sorted by already.
    let floor = rules.filter { $0.section == .floor }
    let known = floor.isEmpty ? nil : Floor.sorting.flatMap { $0.rules == floor ? $0.partition : nil }
    for rule in known == nil ? rules : floor + rules.filter({ $0.section != .floor }) {
      guard case .file(let file) = rule.body else { continue }
      let index = indexOf[file.pattern] ?? patterns.count
      if index == patterns.count {
        indexOf[file.pattern] = index
        patterns.append(file.pattern)
        users.append([])
      }
      users[index].append((rule, file, file.exec != nil && file.pattern.isExact))
    }
    let partition: Partition
    do {
      partition = try Partition.unminimised(
        patterns.map(\.language),
        known: known,
        first: floor.count,
        budget: budget
      )
    } catch {
      throw .states(
        profile: name,
        limit: error.limit,
        rules: EmissionError.origins(error.culprits.flatMap { users[$0].map(\.rule) })
      )
    }
    var rights: [FileRights] = []
    var numberOf: [FileRights: UInt32] = [:]
    var newLabel: [UInt32] = []
    for members in partition.members {
      var owner = HalfRights()
      var other = HalfRights()
      for index in members {
        for (rule, file, isExact) in users[index] {
          if file.owner != .other { owner.add(rule, file, isExact) }
          if file.owner != .owner { other.add(rule, file, isExact) }
        }
      }
      if let pair = owner.conflict ?? other.conflict {
        throw .conflictingTransitions(profile: name, rules: EmissionError.origins(pair))
      }
      let record = FileRights(owner: owner.half, other: other.half)
      let fresh = UInt32(rights.count)
      let number = numberOf[record] ?? fresh
      if number == fresh {
        numberOf[record] = fresh
        rights.append(record)
      }
      newLabel.append(number)
    }
    return ProfileAccess(
      name: name,
      isComplain: false,
      files: partition.classifier.relabelled { newLabel[Int($0)] },
      fileRights: rights,
      network: sockets(rules),
      capabilities: capabilities(rules)
    )
  }

  /// AppArmor's rules of conflict for one half of a state: rights are united, a denial wins, for exec transitions an
  /// exact pattern beats the others, audit bits are united over all rules that match, a plain `deny` silences.
  private struct HalfRights {
    var allowed: FileBits = []
    var denied: FileBits = []
    var audited: FileBits = []
    var exact: (ExecTransition, ProfileRule)?
    var inexact: (ExecTransition, ProfileRule)?
    var conflict: [ProfileRule]?

    mutating func add(_ rule: ProfileRule, _ file: FileRule, _ isExact: Bool) {
      var bits = file.bits
      if bits.contains(.write) { bits.insert(.append) }
      if file.exec != nil { bits.insert(.exec) }
      if rule.qualifier == .audit { audited.formUnion(bits) }
      if rule.qualifier.isDeny {
        denied.formUnion(bits)
        return
      }
      if let exec = file.exec {
        // `ix` and `pix` imply `m`, `px` does not.
        switch exec {
        case .inherit, .stack: bits.insert(.map)
        case .replace, .foreign: break
        }
        if let known = isExact ? exact : inexact {
          if known.0 != exec { conflict = [known.1, rule] }
        } else if isExact {
          exact = (exec, rule)
        } else {
          inexact = (exec, rule)
        }
      }
      allowed.formUnion(bits)
    }

    var half: FileRights.Half {
      let granted = allowed.subtracting(denied)
      return FileRights.Half(
        allowed: granted,
        audited: audited.intersection(granted),
        transition: granted.contains(.exec) ? (exact ?? inexact)?.0 : nil
      )
    }
  }

  private static func sockets(_ rules: [ProfileRule]) -> [SocketKey: Right] {
    var allowed: Set<SocketKey> = []
    var denied: Set<SocketKey> = []
    var audited: Set<SocketKey> = []
    for rule in rules {
      let keys: [SocketKey]
      switch rule.body {
      case .network(let family, let type): keys = SocketKey.covered(family: family, type: type)
      // Without fine-grained mediation of AF_UNIX the parser turns `unix,` into the family with every type.
      case .words("unix"): keys = SocketKey.types.map { SocketKey(family: SocketNumber.unix, type: $0) }
      default: continue
      }
      switch rule.qualifier {
      case .allow: allowed.formUnion(keys)
      case .audit:
        allowed.formUnion(keys)
        audited.formUnion(keys)
      case .auditDeny: denied.formUnion(keys)
      }
    }
    var result: [SocketKey: Right] = [:]
    for key in SocketKey.all {
      let isAllowed = allowed.contains(key) && !denied.contains(key)
      result[key] = Right(isAllowed: isAllowed, isLogged: !isAllowed || audited.contains(key))
    }
    return result
  }

  private static func capabilities(_ rules: [ProfileRule]) -> [Right] {
    var allowed: Set<Capability> = []
    var denied: Set<Capability> = []
    var audited: Set<Capability> = []
    for rule in rules {
      guard case .capability(let one) = rule.body else { continue }
      let named = one.map { [$0] } ?? Capability.allCases
      switch rule.qualifier {
      case .allow: allowed.formUnion(named)
      case .audit:
        allowed.formUnion(named)
        audited.formUnion(named)
      case .auditDeny: denied.formUnion(named)
      }
    }
    return Capability.allCases.map { capability in
      let isAllowed = allowed.contains(capability) && !denied.contains(capability)
      return Right(isAllowed: isAllowed, isLogged: !isAllowed || audited.contains(capability))
    }
  }
}
