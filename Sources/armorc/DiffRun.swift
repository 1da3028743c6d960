import Analysis
import IR

/// The work of `diff` between reading and rendering.
struct DiffRun {
  let sides: DiffSides
  let enforcer: EnforcerArgument?
  let selection: DiffSelection
  let jobs: Int

  /// - Throws: `Failure` when a witness does not replay, or a pattern for subjects matches none.
  func diff() throws -> PolicyDiff {
    let (old, new) = (sides.old.policies, sides.new.policies)
    guard !old.policies.isEmpty || !new.policies.isEmpty else {
      throw Failure("nothing to compare: no policy in '\(sides.old.name)' nor in '\(sides.new.name)'")
    }
    let pairs = SubjectPair.all(old: old, new: new)
    if let pattern = selection.idlePattern(pairs.map(\.name)) {
      let names = pairs.prefix(10).map(\.name).joined(separator: ", ")
      throw Failure(
        "no subject is called '\(pattern)'; there are \(names)"
          + (pairs.count > 10 ? " and \(pairs.count - 10) more" : "")
      )
    }
    let subjects = try compare(pairs)
    let edits = PolicyEdits.of(old: old.policies, new: new.policies, subjects: subjects)
    var applying: [String: Set<PolicyID>] = [:]
    if !selection.subjects.isEmpty {
      for pair in pairs where selection.includes(pair.name) {
        applying[pair.name] = Set((pair.old.policies + pair.new.policies).map(\.id))
      }
    }
    return selection.applied(to: PolicyDiff(subjects: subjects, edits: edits), applying: applying)
  }

  private func compare(_ pairs: [SubjectPair]) throws -> [SubjectDiff] {
    let comparison = SubjectComparison(old: sides.old.policies.policies, new: sides.new.policies.policies)
    let profiles = enforcer == .apparmor ? EnforcerDiff(sides) : nil
    let images = enforcer == .bpf ? ImageDiff(sides) : nil
    let progress = Progress("comparing")
    let results = parallelMap(
      pairs,
      jobs: jobs,
      finished: { progress.show($0, of: pairs.count) }
    ) { pair -> Result<SubjectDiff, ReplayError> in
      do throws(ReplayError) {
        let policy = try comparison.compare(pair)
        if let images { return .success(images.compare(pair, policy: policy)) }
        return .success(try profiles?.compare(pair, policy: policy) ?? policy)
      } catch {
        return .failure(error)
      }
    }
    for note in profiles?.notes ?? images?.notes ?? [] { Terminal.note(note) }
    return try results.map { result in
      switch result {
      case .success(let subject): return subject
      case .failure(let error):
        let event = error.witness.event
        throw Failure(
          "this is a fault of armorc, please report it: in '\(error.subject)' the event '\(event)' was to be "
            + "\(error.witness.old.verdict.name) and then \(error.witness.new.verdict.name), which "
            + "\(profiles == nil ? "the evaluator does" : "the profiles do") not confirm; nothing is shown"
        )
      }
    }
  }
}
