/// Everything that decides what one state of a tree of policies means.
package struct PolicySide: Sendable {
  package var policies: [Policy]
  package var context: ClusterContext
  package var base: BaseList?
  package init(policies: [Policy], context: ClusterContext, base: BaseList? = nil) {
    self.policies = policies
    self.context = context
    self.base = base
  }
}

/// One subject as two states of the policies see it.
package struct SubjectPair: Sendable {
  package enum Presence: String, Hashable, Sendable {
    case both
    /// Only the new state has a policy, a workload or a node that makes this a subject.
    case added
    case removed
  }

  /// As in a build of the side that has it, the new one first.
  package let name: String
  package let presence: Presence
  /// Both sides are what the policies of that state say of the same workload, node or selector: a subject that one state
  /// does not have is judged there by whatever policies would apply to it, possibly none.
  package let old: SubjectPolicy
  package let new: SubjectPolicy

  package init(name: String, presence: Presence, old: SubjectPolicy, new: SubjectPolicy) {
    self.name = name
    self.presence = presence
    self.old = old
    self.new = new
  }
}
