package import Automata
package import IR

/// What AppArmor does for one subject, by its profiles: those that a build makes, or compiled ones.
package struct EnforcedSubject: Sendable {
  package let subject: SubjectPolicy
  package let table: DecisionTable
  /// Of every rule, as a build states it.
  package let exactness: [RuleExactness]
  let walk: ProfileWalk
  let labels: ActorLabels
  /// What the floor alone denies.
  private let floor: ProfileAccess?
  private let floorName: String

  /// By armorc's own model of the profiles that it would write now.
  package init(_ build: SubjectBuild, budget: StateBudget = StateBudget()) throws(BuildProblem) {
    do throws(ComparisonError) {
      try self.init(build, profiles: build.apparmor.models, entries: build.apparmor.entries, budget: budget)
    } catch {
      throw .comparison(error)
    }
  }

  /// By profiles that `apparmor_parser` compiled without `spec.apparmor`, such as those of a bundle: `build` is of the
  /// policies that they were built from, `enter` the profile that a runtime enters.
  /// - Throws: `VerificationProblem` when they cannot be decoded, or are none that armorc writes.
  package init(
    _ build: SubjectBuild,
    compiled: [UInt8],
    enter: String,
    budget: StateBudget = StateBudget()
  ) throws(VerificationProblem) {
    let decoded: [CompiledProfile]
    var profiles: [ProfileAccess] = []
    do {
      decoded = try CompiledPolicy.decode(compiled)
      for profile in decoded { profiles.append(try profile.access()) }
    } catch {
      throw .undecodable("\(error)")
    }
    let entries = AppArmorVerification.entries(decoded, enter, build.subject, build.table)
    do throws(ComparisonError) {
      try self.init(build, profiles: profiles, entries: entries, budget: budget)
    } catch {
      throw .incomparable(BuildProblem.comparison(error).message)
    }
  }

  private init(
    _ build: SubjectBuild,
    profiles: [ProfileAccess],
    entries: [ProfileEntry],
    budget: StateBudget
  ) throws(ComparisonError) {
    subject = build.subject
    table = build.table
    exactness = build.exactness
    walk = ProfileWalk(profiles: Dictionary(profiles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
    labels = try ActorLabels(
      entries,
      table: build.table,
      profiles: walk.profiles,
      budget: budget
    )
    floor = try? build.apparmor.floor.access(budget: budget)
    floorName = build.apparmor.floor.rawValue
  }

  /// What happens to an event on a node, found by walking the profiles; a program that may run under several labels gets
  /// the loosest of what they say. Where no process can have the source, nothing happens otherwise than the policies say.
  package func verdict(_ event: Event) -> Verdict {
    outcome(event)?.outcome.verdict ?? table.decide(event).verdict
  }

  /// Nil when no process can have the source, or AppArmor is not asked.
  func outcome(_ event: Event) -> (outcome: ProfileWalk.Outcome, label: [String])? {
    if case .syscall = event.access { return nil }
    var possible = labels.labels(event.source, table)
    // On a host whatever somebody unconfined executes is attached to by path.
    if let source = event.source, let first = labels.first {
      let all = Set(labels.ofClass.flatMap { $0 } + [first])
      let real = walk.labels(afterExec: source, from: all).sorted { $0.lexicographicallyPrecedes($1) }
      if !real.isEmpty { possible = real }
    }
    var best: (outcome: ProfileWalk.Outcome, label: [String])?
    for label in possible {
      let mine = walk.outcome(event, in: label)
      if let best, best.outcome.verdict.rawValue <= mine.verdict.rawValue { continue }
      best = (mine, label)
    }
    return best
  }

  /// Whether the floor denies an event whatever the policies say.
  func isBelowFloor(_ event: Event) -> Bool {
    guard let floor, case .path(let operation, let path) = event.access else { return false }
    let rights = floor.fileRights[Int(floor.files.label(of: path.bytes))]
    let half = event.isOwner ? rights.owner : rights.other
    return !LabelRights.bits(operation).allSatisfy(half.allowed.contains)
  }

  var floorWords: String { "the floor '\(floorName)' denies it whatever the policies say" }
}
