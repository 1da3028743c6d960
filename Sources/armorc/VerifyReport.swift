import Alerts
import Backends
import Bundle
import Diagnostics
import IR
import Runtime

/// The result of a verification, for people and for programs.
enum VerifyReport {
  /// Proved subjects listed one by one; beyond, only totals.
  private static let listed = 40
  /// Differences shown per subject.
  private static let shown = 5

  static func text(_ results: [VerifyResult], _ program: ProgramRun) -> String {
    // One enforcer needs no column of its own.
    let several = results.contains { $0.enforcer == .bpf }
    var table = TextTable(
      ["subject"] + (several ? ["enforcer"] : []) + ["profiles", "states", "declared"]
        + (several ? ["asked"] : []) + ["result"]
    )
    var details: [String] = []
    func add(_ result: VerifyResult, _ columns: [String], asked: Int? = nil, _ word: String) {
      table.add(
        [result.subject] + (several ? [result.enforcer?.rawValue ?? "·"] : []) + columns
          + (several ? [asked.map { "\($0)" } ?? "·"] : []) + [word]
      )
    }
    for result in results {
      switch result.outcome {
      case .proved(let verification):
        if results.count <= listed {
          add(
            result,
            [
              "\(verification.profiles)", "\(verification.states)", rules(verification.declared),
            ],
            result.native.isEmpty ? "proved" : "proved but for spec.apparmor"
          )
        }
      case .differs(let verification, let decisions):
        add(
          result,
          [
            "\(verification.profiles)", "\(verification.states)", rules(verification.declared),
          ],
          "DIFFERS"
        )
        for difference in verification.undeclared.prefix(shown) {
          details.append("  \(result.subject): " + line(difference, decisions))
        }
        let more = verification.undeclared.count - shown
        if more > 0 { details.append("  \(result.subject): and \(more) more") }
      case .provedImage(let verification, let run):
        if results.count <= listed {
          add(result, ["·", "\(verification.pairs)", "·"], asked: run.map { $0.witnesses + $0.generated }, "proved")
        }
      case .imageDiffers(let verification):
        add(result, ["·", "\(verification.pairs)", "·"], "DIFFERS")
        let found = lines(verification)
        for line in found.prefix(shown) { details.append("  \(result.subject): " + line) }
        if found.count > shown { details.append("  \(result.subject): and \(found.count - shown) more") }
      case .programDiffers(let verification, let run):
        add(result, ["·", "\(verification.pairs)", "·"], asked: run.witnesses + run.generated, "DIFFERS")
        for line in lines(run).prefix(shown) { details.append("  \(result.subject): " + line) }
        let more = run.differenceCount - shown
        if more > 0 { details.append("  \(result.subject): and \(more) more") }
      case .stale(let reason):
        add(result, ["·", "·", "·"], "DIFFERS")
        details.append("  \(result.subject): \(reason)")
      case .untried(let reason):
        add(result, ["·", "·", "·"], "NOT TRIED")
        details.append("  \(result.subject): \(reason)")
      }
    }
    var lines = table.isEmpty ? [] : [table.text]
    if !details.isEmpty { lines += [""] + details + [""] }
    let (proved, subjects) = counts(results)
    if several { lines.append(programLine(results, program)) }
    lines.append("\(Plural.of(subjects, "subject")): \(proved) proved, \(subjects - proved) not")
    return lines.joined(separator: "\n")
  }

  /// Over all images: what the kernel was asked, or why it was not.
  private static func programLine(_ results: [VerifyResult], _ program: ProgramRun) -> String {
    if let reason = program.reason { return "compiled matcher: not run: \(reason)" }
    let runs = results.compactMap(\.run)
    if runs.isEmpty { return "compiled matcher: not asked: no image is proved" }
    let witnesses = runs.reduce(0) { $0 + $1.witnesses }
    let generated = runs.reduce(0) { $0 + $1.generated }
    let differing = runs.reduce(0) { $0 + $1.differenceCount }
    return "compiled matcher: \(Plural.of(runs.count, "image")), \(witnesses) witnesses of all cells and \(generated) "
      + "generated events (seed \(program.seed)) asked of the kernel: "
      + (differing == 0 ? "all answered as the image says" : "\(differing) answered otherwise")
  }

  /// What the compiled matcher answers otherwise.
  private static func lines(_ run: ProgramVerification) -> [String] {
    run.differences.map { difference in
      "'\(difference.question)' is \(words(difference.expected)) by the image, \(words(difference.actual)) by the compiled "
        + "matcher"
    }
  }

  private static func words(_ answer: ImageAnswer) -> String {
    let trouble = MatcherTrouble(rawValue: answer.trouble).map { ", \($0.word)" } ?? ""
    return
      "\(answer.isDenied ? "denied" : "allowed") (cell \(answer.cell.rawValue), path class \(answer.label), source class "
      + "\(answer.source), next source class \(answer.next.source)\(trouble))"
  }

  /// A subject is proved if all that was built for it is.
  private static func counts(_ results: [VerifyResult]) -> (proved: Int, subjects: Int) {
    let all = Set(results.map(\.subject))
    return (all.subtracting(results.filter { !$0.isProved }.map(\.subject)).count, all.count)
  }

  /// What an image says otherwise.
  private static func lines(_ verification: ImageVerification) -> [String] {
    verification.differences.map { difference in
      let expected = words(difference.expected)
      let actual = difference.actual
      let by: String
      switch actual.decider {
      case .nothing: by = "no rule"
      case .posture(let resourceClass): by = "the default posture of \(resourceClass.rawValue)"
      case .rule(let record):
        by = "a rule of '\(record.namespace.isEmpty ? record.name : record.namespace + "/" + record.name)'"
      }
      return "'\(difference.witness)' is \(expected), \(BuildFindings.word(actual.verdict)) by \(by) in the map image"
    } + verification.defects
  }

  private static func words(_ decision: Decision) -> String {
    let by: String
    switch decision.decider {
    case .nothing: by = "no rule"
    case .rule(let origin): by = "'\(origin.policy)' \(origin.path) (\(origin.location))"
    case .posture(let resourceClass): by = "the default posture of \(resourceClass.rawValue)"
    }
    return "\(BuildFindings.word(decision.verdict)) by \(by)"
  }

  private static func rules(_ declared: [ProfileDifference]) -> String {
    declared.isEmpty ? "·" : Plural.of(declared.count, "event")
  }

  static func line(_ difference: ProfileDifference, _ table: DecisionTable) -> String {
    let detail = difference.detail.isEmpty ? "" : " (\(difference.detail))"
    return
      "'\(difference.witness)'\(detail) is \(words(table.decision(difference.expected))), "
      + "\(BuildFindings.word(difference.actual)) in \(difference.label.joined(separator: "//&"))"
  }

  static func json(_ results: [VerifyResult], _ program: ProgramRun) -> String {
    JSONValue.object([
      ("version", .integer(1)),
      ("subjects", .array(results.map { entry($0, program) })),
      (
        "summary",
        .object([
          ("proved", .integer(counts(results).proved)),
          ("subjects", .integer(counts(results).subjects)),
        ])
      ),
    ]).text(indent: 2) + "\n"
  }

  private static func entry(_ result: VerifyResult, _ program: ProgramRun) -> JSONValue {
    var fields: [(String, JSONValue)] = [("subject", .string(result.subject))]
    if let enforcer = result.enforcer { fields.append(("enforcer", .string(enforcer.rawValue))) }
    switch result.outcome {
    case .provedImage(let verification, let run):
      fields += [
        ("result", .string("proved")), ("states", .integer(verification.pairs)), ("program", json(run, program)),
      ]
    case .programDiffers(let verification, let run):
      fields += [
        ("result", .string("differs")), ("states", .integer(verification.pairs)), ("program", json(run, program)),
      ]
    case .imageDiffers(let verification):
      fields += [
        ("result", .string("differs")), ("states", .integer(verification.pairs)),
        ("differences", .array(lines(verification).map { .string($0) })),
      ]
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

  private static func json(_ run: ProgramVerification?, _ program: ProgramRun) -> JSONValue {
    guard let run else {
      return .object([("result", .string("not run")), ("reason", .string(program.reason ?? ""))])
    }
    return .object([
      ("result", .string(run.agrees ? "agrees" : "differs")), ("witnesses", .integer(run.witnesses)),
      ("generated", .integer(run.generated)), ("seed", .integer(Int(clamping: run.seed))),
      ("differing", .integer(run.differenceCount)), ("differences", .array(lines(run).map { .string($0) })),
    ])
  }

  private static func numbers(_ word: String, _ verification: AppArmorVerification) -> [(String, JSONValue)] {
    [
      ("result", .string(word)), ("profiles", .integer(verification.profiles)),
      ("states", .integer(verification.states)), ("declared", .integer(verification.declared.count)),
    ]
  }
}
