internal import Bundle

/// What the verbs of a node need of an enforcer. Every call is whole or nothing, and safe beside other processes.
package protocol NodeEnforcer: Sendable {
  /// As on the command line and in manifests.
  var name: String { get }

  /// Where what it has loaded is found.
  var paths: NodePaths { get }

  /// What this node has for it; never fails.
  func probe() -> EnforcerProbe

  /// Whether something of it is loaded.
  var isLoaded: Bool { get }

  /// Puts a bundle in force.
  func load(_ request: LoadRequest) throws(NodeError) -> LoadOutcome
  func rollback(forward: Bool) throws(NodeError) -> RollbackResult
  /// - Returns: the generation that waited.
  func confirm() throws(NodeError) -> UInt32
  /// What the watchdog of a load does when its time is over.
  func expire(token: UInt64) throws(NodeError)
  /// - Returns: whether there was anything to take away.
  func unload() throws(NodeError) -> Bool
  /// Nil if nothing is loaded.
  func status() throws(NodeError) -> NodeStatus?
  func attach(_ target: AttachmentTarget, to domain: String) throws(NodeError) -> AttachmentResult
  /// Whose directory says which subjects there are; nil if nothing is loaded.
  func generationInForce() throws(NodeError) -> UInt32?
  /// Confines a container's first process from its next execve on; `profile` is the AppArmor profile that the container
  /// runtime will have it enter. What was done, for people.
  func confine(_ process: UInt32, profile: String?, to subject: String) throws(NodeError) -> String
  /// Executes a program in place of this one, in a domain.
  /// - Returns: only if it could not be executed.
  func run(_ path: String, _ arguments: [String], in domain: String) throws(NodeError) -> SystemError
}

package struct LoadRequest: Sendable {
  /// A directory that `build` wrote.
  package var directory: String
  /// Changes nothing.
  package var isDryRun = false
  /// Roll back unless confirmed within so many seconds.
  package var confirmWithin: Int?
  /// Events per second and domain that are reported, 0 all; nil: as before.
  package var rate: UInt32?
  /// Starts a process of its own that calls `expire` when the time is over.
  package var startWatchdog: @Sendable (Confirmation) throws(NodeError) -> Void

  package init(
    directory: String,
    startWatchdog: @escaping @Sendable (Confirmation) throws(NodeError) -> Void = { _ throws(NodeError) in }
  ) {
    self.directory = directory
    self.startWatchdog = startWatchdog
  }
}

package struct LoadOutcome: Hashable, Sendable {
  package var generation: UInt32
  /// What was in force before; nil: nothing.
  package var before: UInt32?
  package var domains: Int
  /// Names without a policy from now on, which tasks or the generation before still have.
  package var emptied: [String]
  /// Kernel memory of the images or profiles.
  package var bytes: Int
  /// Hooks that this kernel lacks; only from the load that installs programs.
  package var skippedHooks: [String] = []
  /// Programs of another armorc were exchanged.
  package var hasNewPrograms = false
}

package struct RollbackResult: Hashable, Sendable {
  package let from: UInt32
  package let to: UInt32
}

package enum AttachmentTarget: Hashable, Sendable {
  /// All threads of a process.
  case process(UInt32)
  /// All tasks of a control group and of those below it, and whoever enters one of them from now on.
  case cgroup(String)
}

package struct AttachmentResult: Hashable, Sendable {
  package let domain: String
  /// Threads that were another's before, or nobody's.
  package let threads: Int
  /// Control groups that were given to it, those below included.
  package let groups: Int
}

/// What a node has for an enforcer.
package struct EnforcerProbe: Hashable, Sendable {
  package let name: String
  /// What keeps it from working, with what to do about it; empty: it works.
  package var obstacles: [String] = []
  /// What could not be seen for want of privileges or mounts.
  package var unseen: [String] = []
  /// For people: versions and modes.
  package var facts: [String] = []

  package init(name: String) { self.name = name }

  package var isUsable: Bool { obstacles.isEmpty && unseen.isEmpty }
}
