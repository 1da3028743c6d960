import Backends
import Bundle
import IR
import Runtime

/// What became of one subject of a bundle.
struct VerifyResult: Sendable {
  enum Outcome: Sendable {
    /// Nothing differs but what the manifest declares.
    case proved(AppArmorVerification)
    /// Something differs.
    case differs(AppArmorVerification, DecisionTable)
    /// The bundle is not what the manifest or the policies say it is.
    case stale(String)
    /// It could not be tried.
    case untried(String)
  }

  let subject: String
  let outcome: Outcome
  /// Policies whose `spec.apparmor` stands in the profile: no verdict is claimed for it.
  var native: [PolicyID] = []

  var isProved: Bool { if case .proved = outcome { true } else { false } }
  var isUntried: Bool { if case .untried = outcome { true } else { false } }
}

/// Verifies every subject of a bundle.
struct VerifyRun: Sendable {
  let bundle: String
  let manifest: Manifest
  let parser: AppArmorParser
  /// What the policies say, by subject name.
  let subjects: [String: SubjectPolicy]

  func verify(jobs: Int) -> [VerifyResult] {
    let progress = Progress("verifying")
    let total = manifest.subjects.count
    let known = Set(manifest.subjects.map(\.name))
    let missing = subjects.keys.filter { !known.contains($0) }.sorted().map {
      VerifyResult(subject: $0, outcome: .stale("the policies have this subject, the bundle does not"))
    }
    let results = parallelMap(
      manifest.subjects,
      jobs: jobs,
      finished: { progress.show($0, of: total) },
      verify
    )
    return (results + missing).sorted { $0.subject < $1.subject }
  }

  @Sendable private func verify(_ entry: Manifest.Subject) -> VerifyResult {
    func result(_ outcome: VerifyResult.Outcome) -> VerifyResult { VerifyResult(subject: entry.name, outcome: outcome) }
    guard let artifact = entry.artifacts.first(where: { $0.target == "apparmor" }) else {
      return result(.untried("the manifest names no artifact for apparmor"))
    }
    let text: [UInt8]
    do {
      text = try FileAccess.read(bundle + "/" + artifact.file, limit: Manifest.maximumSize)
    } catch {
      return result(.stale("\(error)"))
    }
    guard text.count == artifact.bytes, sha256(text) == artifact.sha256 else {
      return result(.stale("'\(artifact.file)' is not the file that was built: its SHA-256 differs"))
    }
    if let defect = recordDefect(entry) { return result(.stale(defect)) }
    guard let subject = subjects[entry.name] else { return result(.stale("the policies have no such subject")) }
    guard let floor = Floor(rawValue: manifest.options.floor) else {
      return result(.untried("the manifest names a floor '\(manifest.options.floor)'"))
    }
    do {
      let table = try DecisionTable(subject)
      guard sha256(table.meaning) == entry.meaning else {
        return result(.stale("the policies mean something else than when the bundle was built"))
      }
      let labels = labels(entry, subject)
      var model: [ProfileDifference] = []
      // Whoever can write a bundle can write its manifest too: what it declares counts only where the backend itself comes
      // to the same, and only for the events that the backend means.
      if labels.values.contains(where: { $0 == .stricter || $0 == .looser }) {
        let build = try SubjectBuild(subject, BuildOptions(apparmor: AppArmorBackend.Options(floor: floor)))
        if let doubt = doubt(labels, build) { return result(.stale(doubt)) }
        model = build.differences
      }
      let verification = try AppArmorVerification(
        compiled: try parser.compile(AppArmorVerification.withoutNative(text, subject)),
        enter: artifact.enter,
        subject: subject,
        table: table,
        floor: floor,
        model: model
      )
      var done = result(
        verification.undeclared.isEmpty ? .proved(verification) : .differs(verification, table)
      )
      done.native = subject.policies.filter { $0.nativeAppArmor != nil }.map(\.id)
      return done
    } catch let error as TableBudgetError {
      return result(.untried(BuildProblem.table(error).message))
    } catch let problem as BuildProblem {
      return result(.untried(problem.message))
    } catch VerificationProblem.undecodable(let reason) {
      return result(.untried("the compiled profile cannot be decoded: \(reason)"))
    } catch VerificationProblem.open(let reason) {
      return result(.stale(reason))
    } catch VerificationProblem.incomparable(let reason) {
      return result(.untried(reason))
    } catch ParserFailure.refused(let messages) {
      return result(.untried("apparmor_parser: \(messages.first?.text ?? "refused")"))
    } catch {
      return result(.untried("\(error)"))
    }
  }

  /// Why the policy record is not what the profile was built from, or nil. A bundle may have none.
  private func recordDefect(_ entry: Manifest.Subject) -> String? {
    guard entry.record != nil else { return nil }
    do {
      let subject = try BundleSide.subject(entry, named: bundle) { file in
        try FileAccess.read(bundle + "/" + file, limit: Manifest.maximumSize)
      }
      guard sha256(try DecisionTable(subject).meaning) == entry.meaning else {
        return "'\(subject.name)/\(PolicyRecord.fileName)' means something else than what was built"
      }
      return nil
    } catch let failure as Failure {
      return failure.message
    } catch {
      return "\(error)"
    }
  }

  /// Why a label of the manifest cannot be true, or nil.
  private func doubt(_ labels: [Origin: ExactnessLabel], _ build: SubjectBuild) -> String? {
    for rule in build.exactness {
      guard let declared = labels[rule.origin], declared != rule.label else { continue }
      return "the manifest calls '\(rule.origin.policy)' \(rule.origin.path) \(declared.rawValue), but it is "
        + rule.label.rawValue
    }
    return nil
  }

  /// What the manifest says of each rule; rules are found by policy and place.
  private func labels(_ entry: Manifest.Subject, _ subject: SubjectPolicy) -> [Origin: ExactnessLabel] {
    struct Key: Hashable {
      let policy: String
      let path: String
    }
    var declared: [Key: ExactnessLabel] = [:]
    for rule in entry.rules {
      guard let label = rule.exactness["apparmor"].flatMap({ ExactnessLabel(rawValue: $0.label) }) else { continue }
      declared[Key(policy: rule.policy, path: rule.path)] = label
    }
    var labels: [Origin: ExactnessLabel] = [:]
    for rule in subject.policies.flatMap(\.rules) {
      labels[rule.origin] = declared[Key(policy: "\(rule.origin.policy)", path: rule.origin.path)]
    }
    return labels
  }
}
