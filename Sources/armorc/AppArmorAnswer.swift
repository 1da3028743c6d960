import Analysis
import Backends
import IR

/// What AppArmor makes of events of one subject, from the model of the profiles that a build would write.
struct AppArmorAnswer {
  private let build: SubjectBuild?
  private let problem: String

  /// `table` is the one of the build; nil where the subject cannot be built.
  var table: DecisionTable? { build?.table }

  init(_ subject: SubjectPolicy) {
    do throws(BuildProblem) {
      build = try SubjectBuild(subject)
      problem = ""
    } catch {
      build = nil
      problem = "no profile can be built: " + error.message
    }
  }

  func answer(_ event: Event, _ decision: Decision) -> EnforcerAnswer {
    guard let build else { return .unknown(problem) }
    if case .syscall = event.access {
      if decision.verdict == .allow { return .exact }
      return .differs([
        EnforcerNote(enforcer: "AppArmor", verdict: .allow, reason: "it mediates no system calls, and reports none")
      ])
    }
    if let floored = floored(event, build), decision.verdict != .block { return .differs([floored]) }
    let table = build.table
    let source = table.sources[event.source]
    let near = build.differences.filter { difference in
      table.sources[difference.witness.source] == source && speaksOfTheSame(difference, event, table)
    }
    if near.isEmpty { return .exact }
    var seen: Set<EnforcerNote> = []
    return .differs(
      near.map { difference in
        // One witness stands for all accesses of its sort; only some of them may differ.
        let isCertain = difference.witness == event || (source != 0 && !isPath(event))
        return EnforcerNote(
          enforcer: "AppArmor",
          verdict: isCertain ? difference.actual : nil,
          reason: reason(difference, build),
          witness: isCertain ? nil : difference.witness
        )
      }.filter { seen.insert($0).inserted }
    )
  }

  private func isPath(_ event: Event) -> Bool { if case .path = event.access { true } else { false } }

  private func speaksOfTheSame(_ difference: ProfileDifference, _ event: Event, _ table: DecisionTable) -> Bool {
    switch (difference.witness.access, event.access) {
    case (.path(let one, let path), .path(let other, let wanted)):
      guard one == other, difference.witness.isOwner == event.isOwner else { return false }
      // A program that dies as it starts is found once per profile, not once per class of paths.
      return difference.kind == .kills || table.pathClass(of: path) == table.pathClass(of: wanted)
    case (.network(let one), .network(let other)):
      return one.family == other.family && one.type == other.type && SocketCell(one) == SocketCell(other)
    case (.capability(let one), .capability(let other)): return one == other
    default: return false
    }
  }

  private func reason(_ difference: ProfileDifference, _ build: SubjectBuild) -> String {
    let behind = ProfileExactness.rulesBehind(difference, build.table)
    let reasons = build.exactness.filter { entry in
      entry.label != .exact && behind.contains { $0.origin == entry.origin }
    }
    let own = reasons.first { $0.witness == difference.witness } ?? reasons.first
    return own?.reason ?? "its profiles cannot say what the policy says"
  }

  /// What a container's profile denies whatever the policies say.
  private func floored(_ event: Event, _ build: SubjectBuild) -> EnforcerNote? {
    guard build.apparmor.floor.denies(event) else { return nil }
    return EnforcerNote(
      enforcer: "AppArmor",
      verdict: .block,
      reason: "the floor '\(build.apparmor.floor.rawValue)' protects this path whatever the policies say"
    )
  }
}
