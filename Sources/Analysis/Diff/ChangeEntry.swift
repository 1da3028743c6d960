package import IR

/// All events of one subject and class whose verdict changes alike for one reason.
package struct ChangeEntry: Sendable {
  package var resourceClass: ResourceClass
  package var old: Verdict
  /// Never equal to `old`.
  package var new: Verdict
  package var cause: Cause
  /// Disjoint, each maximal, never empty. In order of their first witness's length, then text.
  package var regions: [ChangeRegion]

  package init(resourceClass: ResourceClass, old: Verdict, new: Verdict, cause: Cause, regions: [ChangeRegion]) {
    self.resourceClass = resourceClass
    self.old = old
    self.new = new
    self.cause = cause
    self.regions = regions
  }

  package var direction: Direction { Direction(from: old, to: new) }
}

/// Because of which line a verdict changes.
package struct Cause: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case ruleAdded, ruleRemoved
    /// The rule at the same place of the same policy reads differently: `old` and `new` are both there.
    case ruleChanged
    case policyAdded, policyRemoved
    /// The policy is in both states, but selects this subject only in the new (old) one.
    case policyJoined, policyLeft
    /// A first (last) `Allow` rule turns the class into an allow-list (back): `new` (`old`) is that rule.
    case allowListOn, allowListOff
    case posture
    case baseList
    /// AppArmor's profiles differ where the policies do not (`--enforcer`).
    case enforcer
  }
  package var kind: Kind
  /// For `posture`.
  package var oldPosture: Posture?
  package var newPosture: Posture?
  /// Rules are large; a thousand entries are copied often.
  private var rules: Rules?

  private final class Rules: Sendable {
    let old: Rule?
    let new: Rule?
    init(old: Rule?, new: Rule?) {
      self.old = old
      self.new = new
    }
  }

  package init(
    _ kind: Kind,
    old: Rule? = nil,
    new: Rule? = nil,
    oldPosture: Posture? = nil,
    newPosture: Posture? = nil
  ) {
    self.kind = kind
    self.oldPosture = oldPosture
    self.newPosture = newPosture
    rules = old == nil && new == nil ? nil : Rules(old: old, new: new)
  }

  /// The rule on either side; by kind one or both are there, for `posture` none.
  package var old: Rule? {
    get { rules?.old }
    set { rules = Rules(old: newValue, new: rules?.new) }
  }
  package var new: Rule? {
    get { rules?.new }
    set { rules = Rules(old: rules?.old, new: newValue) }
  }

  /// Of the new rule, or else of the old one.
  package var origin: Origin? { rules?.new?.origin ?? rules?.old?.origin }

  package static func == (a: Cause, b: Cause) -> Bool {
    a.kind == b.kind && a.oldPosture == b.oldPosture && a.newPosture == b.newPosture
      && (a.rules === b.rules || a.old == b.old && a.new == b.new)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(old)
    hasher.combine(new)
    hasher.combine(oldPosture)
    hasher.combine(newPosture)
  }
}

/// A set of events: objects × operations × sources × owner.
package struct ChangeRegion: Sendable {
  package enum Objects: Sendable {
    /// In the order of `PathOperation`.
    case paths([PathOperation], PathLanguage)
    /// `words` is how the event language and policies would say it, such as `tcp`, `inet raw`, `all but tcp, udp`.
    case sockets([SocketCell], words: String)
    case capabilities([Capability])
    /// Sorted names; with a path argument in the language, or with any or none if nil.
    case syscalls([String], PathLanguage?)
    /// Sorted names; only calls without a path argument.
    case syscallsWithoutPath([String])
  }
  package var objects: Objects
  package var sources: SourceSet
  /// `any` for classes without paths.
  package var owner: OwnerCondition
  /// One witness per pair of deciders, shortest first; never empty. Each was replayed through the evaluator.
  package var witnesses: [ChangeWitness]

  package init(objects: Objects, sources: SourceSet, owner: OwnerCondition, witnesses: [ChangeWitness]) {
    self.objects = objects
    self.sources = sources
    self.owner = owner
    self.witnesses = witnesses
  }
}

/// One event that the two states decide differently.
package struct ChangeWitness: Hashable, Sendable {
  package var event: Event
  package var old: Decision
  package var new: Decision
  /// Set where the verdicts are an enforcer's (`--enforcer`); the deciders are the policies' then.
  package var enforced: EnforcedWitness?
  package init(event: Event, old: Decision, new: Decision, enforced: EnforcedWitness? = nil) {
    self.event = event
    self.old = old
    self.new = new
    self.enforced = enforced
  }
}

/// What the policies say of a witness whose verdicts are an enforcer's, and why it does otherwise.
package struct EnforcedWitness: Hashable, Sendable {
  package var oldPolicy: Verdict
  package var newPolicy: Verdict
  /// Why the enforcer does not do what the policies of a side say; empty where it does. Lower case, no final period.
  package var oldReason: String
  package var newReason: String
  package init(oldPolicy: Verdict, newPolicy: Verdict, oldReason: String, newReason: String) {
    self.oldPolicy = oldPolicy
    self.newPolicy = newPolicy
    self.oldReason = oldReason
    self.newReason = newReason
  }
}

/// The sources of a region.
package enum SourceSet: Hashable, Sendable {
  /// Every source, and none.
  case any
  /// Sorted.
  case only([BytePath])
  /// Every other source, and none. Sorted.
  case allBut([BytePath])
  /// Every other source, but not none: a container's first process is judged otherwise (`--enforcer`). Sorted.
  case programsBut([BytePath])
  /// System calls alone know sources by pattern.
  case matching(PathLanguage)
  /// Every other source, and none.
  case allButMatching(PathLanguage)
}

/// A set of paths as a person would write it: everything that `include` matches and `except` does not.
package struct PathLanguage: Hashable, Sendable {
  /// AppArmor globs; shortest first, then bytewise. Never empty.
  package var include: [String]
  package var except: [String]
  /// False: too intricate for a short list. `include` then covers more than the region, and `samples` shows what is in it.
  package var isExact: Bool
  /// A few of the shortest paths of the language, for those who think in examples.
  package var samples: [BytePath]

  package init(include: [String], except: [String] = [], isExact: Bool = true, samples: [BytePath] = []) {
    self.include = include
    self.except = except
    self.isExact = isExact
    self.samples = samples
  }
}
