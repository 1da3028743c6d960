package import IR

/// What two states of a tree of policies say differently, and what they only word differently.
package struct PolicyDiff: Sendable {
  /// Every subject of either side, in order of name, also those that are equal.
  package var subjects: [SubjectDiff]
  /// What changed in the text of policies, in order of policy, then place.
  package var edits: [PolicyEdit]
  /// The classes that were looked at; empty: all.
  package var classes: Set<ResourceClass>

  package init(subjects: [SubjectDiff], edits: [PolicyEdit], classes: Set<ResourceClass> = []) {
    self.subjects = subjects
    self.edits = edits
    self.classes = classes
  }

  package var direction: Direction { .joined(subjects.map(\.direction)) }
  /// Something changed that no verdict of ours speaks of (native AppArmor text, presets), or was too large to compare.
  package var isPartlyUnknown: Bool { subjects.contains { !$0.unjudged.isEmpty || $0.problem != nil } }
}

/// What changed for one subject.
package struct SubjectDiff: Sendable {
  package var name: String
  /// What it is, in words: the workload and container, the node, or the selector.
  package var description: String
  package var presence: SubjectPair.Presence
  package var settings: [SettingChange]
  /// Looser first, then by class, cause and place. Together their regions are the whole difference.
  package var entries: [ChangeEntry]
  package var unjudged: [UnjudgedChange]
  /// Why the two could not be compared, in words that name the rules at fault; then `entries` is empty.
  package var problem: String?

  package init(
    name: String,
    description: String,
    presence: SubjectPair.Presence,
    settings: [SettingChange] = [],
    entries: [ChangeEntry] = [],
    unjudged: [UnjudgedChange] = [],
    problem: String? = nil
  ) {
    self.name = name
    self.description = description
    self.presence = presence
    self.settings = settings
    self.entries = entries
    self.unjudged = unjudged
    self.problem = problem
  }

  package var direction: Direction { .joined(entries.map(\.direction)) }
  package func direction(of resourceClass: ResourceClass) -> Direction {
    .joined(entries.filter { $0.resourceClass == resourceClass }.map(\.direction))
  }
}

/// A change of what governs a whole class, whether or not it changes a verdict.
package enum SettingChange: Hashable, Sendable {
  /// `class` is `file` (governs process too), `network` or `capabilities`.
  case posture(ResourceClass, old: Posture, new: Posture)
  /// The class became an allow-list; the rule is the first `Allow` rule that makes it one.
  case allowListOn(ResourceClass, by: Rule)
  /// The class is no allow-list any more; the rule is the first that made it one.
  case allowListOff(ResourceClass, by: Rule)
  case baseList(old: String?, new: String?)
  /// The policy applies to the subject now and did not before.
  case policyJoined(PolicyID, Location)
  case policyLeft(PolicyID, Location)
}

/// A changed part that has no compiled form: it may change what happens, and armorc cannot say how.
package struct UnjudgedChange: Hashable, Sendable {
  /// What changed, in words: "native AppArmor rules of shop/web", "preset 'filelessExec' (Block)".
  package var what: String
  package enum Kind: String, Hashable, Sendable { case added, removed, changed }
  package var kind: Kind
  package var policy: PolicyID
  /// On the new side, or on the old one if it was removed.
  package var location: Location
  package init(what: String, kind: Kind, policy: PolicyID, location: Location) {
    self.what = what
    self.kind = kind
    self.policy = policy
    self.location = location
  }
}
