import Backends
import Diagnostics
import IR

/// The result of a verification, for people and for programs.
enum VerifyReport {
  /// Proved subjects listed one by one; beyond, only totals.
  private static let listed = 40
  /// Differences shown per subject.
  private static let shown = 5

  static func text(_ results: [VerifyResult]) -> String {
    var table = TextTable(["subject", "profiles", "states", "declared", "result"])
    var details: [String] = []
    let proved = results.filter(\.isProved).count
    for result in results {
      switch result.outcome {
      case .proved(let verification):
        if results.count <= listed {
          table.add(
            [
              result.subject, "\(verification.profiles)", "\(verification.states)", rules(verification.declared),
              result.native.isEmpty ? "proved" : "proved but for spec.apparmor",
            ]
          )
        }
      case .differs(let verification, let decisions):
        table.add(
          [
            result.subject, "\(verification.profiles)", "\(verification.states)", rules(verification.declared),
            "DIFFERS",
          ]
        )
        for difference in verification.undeclared.prefix(shown) {
          details.append("  \(result.subject): " + line(difference, decisions))
        }
        let more = verification.undeclared.count - shown
        if more > 0 { details.append("  \(result.subject): and \(more) more") }
      case .stale(let reason):
        table.add([result.subject, "·", "·", "·", "DIFFERS"])
        details.append("  \(result.subject): \(reason)")
      case .untried(let reason):
        table.add([result.subject, "·", "·", "·", "NOT TRIED"])
        details.append("  \(result.subject): \(reason)")
      }
    }
    var lines = table.isEmpty ? [] : [table.text]
    if !details.isEmpty { lines += [""] + details + [""] }
    lines.append("\(Plural.of(results.count, "subject")): \(proved) proved, \(results.count - proved) not")
    return lines.joined(separator: "\n")
  }

  private static func rules(_ declared: [ProfileDifference]) -> String {
    declared.isEmpty ? "·" : Plural.of(declared.count, "event")
  }

  static func line(_ difference: ProfileDifference, _ table: DecisionTable) -> String {
    let decision = table.decision(difference.expected)
    let by: String
    switch decision.decider {
    case .nothing: by = "no rule"
    case .rule(let origin): by = "'\(origin.policy)' \(origin.path) (\(origin.location))"
    case .posture(let resourceClass): by = "the default posture of \(resourceClass.rawValue)"
    }
    let detail = difference.detail.isEmpty ? "" : " (\(difference.detail))"
    return
      "'\(difference.witness)'\(detail) is \(BuildFindings.word(decision.verdict)) by \(by), "
      + "\(BuildFindings.word(difference.actual)) in \(difference.label.joined(separator: "//&"))"
  }

  static func json(_ results: [VerifyResult]) -> String {
    JSONValue.object([
      ("version", .integer(1)),
      ("subjects", .array(results.map(entry))),
      (
        "summary",
        .object([
          ("proved", .integer(results.filter(\.isProved).count)),
          ("subjects", .integer(results.count)),
        ])
      ),
    ]).text(indent: 2) + "\n"
  }

  private static func entry(_ result: VerifyResult) -> JSONValue {
    var fields: [(String, JSONValue)] = [("subject", .string(result.subject))]
    switch result.outcome {
    case .proved(let verification): fields += numbers("proved", verification)
    case .differs(let verification, let table):
      fields += numbers("differs", verification)
      fields.append(("differences", .array(verification.undeclared.map { .string(line($0, table)) })))
    case .stale(let reason): fields += [("result", .string("stale")), ("reason", .string(reason))]
    case .untried(let reason): fields += [("result", .string("not tried")), ("reason", .string(reason))]
    }
    fields.append(("notVerified", .array(result.native.map { .string("spec.apparmor of \($0)") })))
    return .object(fields)
  }

  private static func numbers(_ word: String, _ verification: AppArmorVerification) -> [(String, JSONValue)] {
    [
      ("result", .string(word)), ("profiles", .integer(verification.profiles)),
      ("states", .integer(verification.states)), ("declared", .integer(verification.declared.count)),
    ]
  }
}
