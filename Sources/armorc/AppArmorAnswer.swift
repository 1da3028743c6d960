import Analysis
import Backends
import IR

/// What AppArmor makes of events of one subject, by the model of the profiles that a build would write.
struct AppArmorAnswer {
  private let enforced: EnforcedSubject?
  private let problem: String

  /// Nil where the subject cannot be built.
  var table: DecisionTable? { enforced?.table }

  init(_ subject: SubjectPolicy) {
    do throws(BuildProblem) {
      enforced = try EnforcedSubject(SubjectBuild(subject))
      problem = ""
    } catch {
      enforced = nil
      problem = "no profile can be built: " + error.message
    }
  }

  func answer(_ event: Event) -> EnforcerAnswer {
    guard let enforced else { return .unknown(enforcer: "AppArmor", problem) }
    let answer = enforced.answer(event)
    return .known(
      enforcer: "AppArmor",
      verdict: answer.verdict,
      isExact: answer.isExact,
      reason: answer.reason,
      notes: answer.notes
    )
  }
}
