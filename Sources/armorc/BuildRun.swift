import Backends
import Diagnostics
import Frontend
import IR
import Runtime

/// The work of `build` without reading and writing: policies to subjects, subjects to artifacts, each checked.
struct BuildRun: Sendable {
  struct Result: Sendable {
    /// In order of name; only those that are to be written.
    var subjects: [BuiltSubject] = []
    /// Errors of the front end and everything that is not exact.
    var findings: [Diagnostic] = []
    /// Policies and subjects that were left out.
    var refused = 0
    /// What apparmor_parser says it is; nil when it was not run.
    var parser: String?
    /// Why the parser was not run.
    var unchecked: String?
    var enforcers: [Enforcer] = []

    /// Nothing stands in the way of writing.
    var isComplete: Bool { !subjects.isEmpty && !findings.contains { $0.severity == .error } }
  }

  /// What became of one subject.
  private struct Outcome: Sendable {
    /// Nil when it is left out.
    var built: BuiltSubject?
    var findings: [Diagnostic]
  }

  private let loaded: LoadResult
  private let jobs: Int
  private let postures: PartialPostures
  private let base: BaseList?
  private let floor: Floor
  private let levels: [InexactArgument]
  private let keepGoing: Bool
  private let wantsCheck: Bool
  private let enforcers: [Enforcer]

  init(command: BuildCommand, loaded: LoadResult) {
    self.loaded = loaded
    jobs = command.options.jobCount
    postures = command.options.postures
    base = command.options.base?.list
    floor = command.floor
    levels = command.inexact
    keepGoing = command.keepGoing
    wantsCheck = command.check
    enforcers = command.enforcers
  }

  func build() -> Result {
    var result = Result()
    result.enforcers = enforcers
    result.findings = loaded.diagnostics.filter { $0.severity == .error }
    let sound = soundPolicies(&result)
    if !result.findings.isEmpty && !keepGoing { return result }
    let resolution = Resolution(
      policies: sound,
      context: loaded.clusterContext(postures: postures),
      base: base
    )
    let parser = wantsCheck ? AppArmorParser.locate(features: KernelFeatures.text) : nil
    if wantsCheck {
      do { result.parser = try parser.map { try $0.version() } } catch {
        result.unchecked = "apparmor_parser does not run"
      }
      if parser == nil { result.unchecked = "apparmor_parser is not installed" }
    } else {
      result.unchecked = "--no-check"
    }
    let findings = BuildFindings(spans: SpanIndex(loaded), levels: levels)
    let progress = Progress("building")
    let subjects = resolution.subjects
    let outcomes = parallelMap(
      subjects,
      jobs: jobs,
      finished: { progress.show($0, of: subjects.count) }
    ) { build($0, parser, findings) }
    for outcome in outcomes {
      result.findings += outcome.findings
      if let built = outcome.built { result.subjects.append(built) } else { result.refused += 1 }
    }
    // A policy kind that selects nothing has no subject: its parts are named all the same.
    for one in loaded.policies where one.policy.selector == .nothing && !one.policy.isIncomplete {
      for part in one.policy.notCompiled where part.preset == nil { result.findings += findings.notCompiled(part) }
    }
    result.findings = result.findings.inOrder()
    return result
  }

  /// Builds one subject and has the parser check its profiles. Several subjects in one run of the parser would take as
  /// long: its time goes into automata, not into starting.
  private func build(_ subject: SubjectPolicy, _ parser: AppArmorParser?, _ findings: BuildFindings) -> Outcome {
    var found: [Diagnostic] = []
    var parts: [BuiltPart] = []
    let table: DecisionTable
    do throws(BuildProblem) {
      if enforcers.contains(.apparmor) {
        let build = try SubjectBuild(subject, BuildOptions(apparmor: AppArmorBackend.Options(floor: floor)))
        table = build.table
        found += findings.inexact(build)
        do throws(ParserFailure) {
          _ = try parser?.compile(build.apparmor.text.bytes)
        } catch {
          found.append(findings.rejected(subject, build.apparmor.text, error))
        }
        parts.append(BuiltPart(build))
      } else {
        table = try DecisionTable.compiled(subject)
      }
      if enforcers.contains(.bpf) {
        let image = try SubjectImage(subject, table)
        found += findings.inexact(image, subject)
        parts.append(BuiltPart(image, subject))
      }
    } catch {
      return Outcome(built: nil, findings: [findings.refused(subject, error)])
    }
    for part in subject.policies.flatMap(\.notCompiled) where part.preset == nil { found += findings.notCompiled(part) }
    let isRefused = found.contains { $0.severity == .error }
    return Outcome(built: isRefused ? nil : BuiltSubject(subject, table, parts), findings: found)
  }

  /// The policies without errors; a policy defined twice has no one meaning and is refused with its double.
  static func sound(_ policies: [LoadedPolicy]) -> [LoadedPolicy] {
    var count: [PolicyID: Int] = [:]
    for one in policies { count[one.policy.id, default: 0] += 1 }
    return policies.filter { !$0.policy.isIncomplete && count[$0.policy.id] == 1 }
  }

  private func soundPolicies(_ result: inout Result) -> [Policy] {
    let sound = BuildRun.sound(loaded.policies)
    result.refused = loaded.policies.count - sound.count
    result.findings += BuildRun.duplicates(loaded.policies)
    return sound.map(\.policy)
  }

  /// An error for every policy that is defined again.
  static func duplicates(_ policies: [LoadedPolicy]) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    var first: [PolicyID: LoadedPolicy] = [:]
    for one in policies where !one.policy.isIncomplete {
      guard let earlier = first[one.policy.id] else {
        first[one.policy.id] = one
        continue
      }
      findings.append(
        Diagnostic(
          FrontendCode.duplicatePolicy.rawValue,
          .error,
          "\(one.policy.id.kind.rawValue) '\(one.policy.id)' is defined twice",
          at: one.spans.name,
          labels: [Label(earlier.spans.name, "first defined here")],
          notes: ["in a cluster the one applied last replaces the other: leave one of them out"]
        )
      )
    }
    return findings
  }
}
