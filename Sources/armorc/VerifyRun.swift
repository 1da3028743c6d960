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
    /// The map image says what the policies say, and so does the compiled matcher; nil: that was not run.
    case provedImage(ImageVerification, ProgramVerification?)
    /// It says something else.
    case imageDiffers(ImageVerification)
    /// The image is proved, but the compiled matcher answers otherwise.
    case programDiffers(ImageVerification, ProgramVerification)
    /// The bundle is not what the manifest or the policies say it is.
    case stale(String)
    /// It could not be tried.
    case untried(String)
  }

  let subject: String
  /// Nil: what is wrong concerns all of them.
  var enforcer: Enforcer?
  let outcome: Outcome
  /// Policies whose `spec.apparmor` stands in the profile: no verdict is claimed for it.
  var native: [PolicyID] = []

  var isProved: Bool {
    switch outcome {
    case .proved, .provedImage: true
    case .differs, .imageDiffers, .programDiffers, .stale, .untried: false
    }
  }
  /// What the compiled matcher was asked, if it was.
  var run: ProgramVerification? {
    switch outcome {
    case .provedImage(_, let run): run
    case .programDiffers(_, let run): run
    default: nil
    }
  }
  var isUntried: Bool { if case .untried = outcome { true } else { false } }
}

/// Verifies every subject of a bundle.
struct VerifyRun: Sendable {
  let bundle: String
  let manifest: Manifest
  /// Nil only if no artifact needs it.
  let parser: AppArmorParser?
  let program: ProgramRun
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
    // Stable: a subject's artifacts stay in their order.
    return (results.flatMap { $0 } + missing).enumerated()
      .sorted { ($0.element.subject, $0.offset) < ($1.element.subject, $1.offset) }.map(\.element)
  }

  /// One result per artifact, or one for what is wrong with all.
  @Sendable private func verify(_ entry: Manifest.Subject) -> [VerifyResult] {
    func result(_ outcome: VerifyResult.Outcome, _ enforcer: Enforcer? = nil) -> VerifyResult {
      VerifyResult(subject: entry.name, enforcer: enforcer, outcome: outcome)
    }
    var results: [VerifyResult] = []
    var sound: [(Enforcer, Manifest.Artifact, [UInt8])] = []
    if entry.artifacts.isEmpty { return [result(.untried("the manifest names no artifact"))] }
    for artifact in entry.artifacts {
      guard let enforcer = Enforcer(rawValue: artifact.target) else {
        results.append(result(.untried("the manifest names an artifact for '\(artifact.target)'")))
        continue
      }
      do {
        let bytes = try FileAccess.read(bundle + "/" + artifact.file, limit: Manifest.maximumSize)
        guard bytes.count == artifact.bytes, sha256(bytes) == artifact.sha256 else {
          results.append(
            result(.stale("'\(artifact.file)' is not the file that was built: its SHA-256 differs"), enforcer)
          )
          continue
        }
        sound.append((enforcer, artifact, bytes))
      } catch {
        results.append(result(.stale("\(error)"), enforcer))
      }
    }
    if sound.isEmpty { return results }
    if let defect = recordDefect(entry) { return [result(.stale(defect))] }
    guard let subject = subjects[entry.name] else { return [result(.stale("the policies have no such subject"))] }
    let table: DecisionTable
    do throws(TableBudgetError) {
      table = try DecisionTable(subject)
    } catch {
      return [result(.untried(BuildProblem.table(error).message))]
    }
    guard sha256(table.meaning) == entry.meaning else {
      return [result(.stale("the policies mean something else than when the bundle was built"))]
    }
    for (enforcer, artifact, bytes) in sound {
      var done = result(
        enforcer == .apparmor
          ? verifyProfile(entry, artifact, bytes, subject, table) : verifyImage(entry, bytes, subject, table),
        enforcer
      )
      done.native = subject.policies.filter { $0.nativeAppArmor != nil }.map(\.id)
      results.append(done)
    }
    if results.allSatisfy(\.isProved), let defect = recordRest(entry, subject) { return [result(.stale(defect))] }
    return results
  }

  private func verifyImage(
    _ entry: Manifest.Subject,
    _ bytes: [UInt8],
    _ subject: SubjectPolicy,
    _ table: DecisionTable
  )
    -> VerifyResult.Outcome
  {
    let known = ImageExactness.labels(table, subject)
    if let doubt = doubt(labels(entry, subject, .bpf), known) { return .stale(doubt) }
    do throws(ImageError) {
      let image = try ImageReader.read(bytes)
      do {
        let verification = try ImageVerification(
          image,
          table,
          subject: subject.name,
          presets: subject.decidingPresets,
          visible: subject.visibility
        )
        guard verification.isProved else { return .imageDiffers(verification) }
        switch program.run(image, verification.witnesses) {
        case .notRun: return .provedImage(verification, nil)
        case .ran(let run): return run.agrees ? .provedImage(verification, run) : .programDiffers(verification, run)
        case .failed(let reason): return .untried("the compiled matcher: \(reason)")
        }
      } catch {
        return .untried("\(error)")
      }
    } catch {
      return .stale("'\(entry.name)/\(ImageFile.fileName)' is no map image: \(error)")
    }
  }

  private func verifyProfile(
    _ entry: Manifest.Subject,
    _ artifact: Manifest.Artifact,
    _ text: [UInt8],
    _ subject: SubjectPolicy,
    _ table: DecisionTable
  ) -> VerifyResult.Outcome {
    guard let parser else { return .untried("there is no apparmor_parser") }
    guard let floor = Floor(rawValue: manifest.options.floor) else {
      return .untried("the manifest names a floor '\(manifest.options.floor)'")
    }
    do {
      let labels = labels(entry, subject, .apparmor)
      var model: [ProfileDifference] = []
      // Whoever can write a bundle can write its manifest too: what it declares counts only where the backend itself comes
      // to the same, and only for the events that the backend means.
      if labels.values.contains(where: { $0 == .stricter || $0 == .looser }) {
        let build = try SubjectBuild(subject, BuildOptions(apparmor: AppArmorBackend.Options(floor: floor)))
        if let doubt = doubt(labels, build.exactness) { return .stale(doubt) }
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
      return verification.undeclared.isEmpty ? .proved(verification) : .differs(verification, table)
    } catch let problem as BuildProblem {
      return .untried(problem.message)
    } catch VerificationProblem.undecodable(let reason) {
      return .untried("the compiled profile cannot be decoded: \(reason)")
    } catch VerificationProblem.open(let reason) {
      return .stale(reason)
    } catch VerificationProblem.incomparable(let reason) {
      return .untried(reason)
    } catch ParserFailure.refused(let messages) {
      return .untried("apparmor_parser: \(messages.first?.text ?? "refused")")
    } catch {
      return .untried("\(error)")
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

  /// Why the policy record is not what was built, in what its meaning leaves out and an enforcer does not. Of artifacts that
  /// say what the policies say.
  private func recordRest(_ entry: Manifest.Subject, _ subject: SubjectPolicy) -> String? {
    guard entry.record != nil,
      let record = try? BundleSide.subject(
        entry,
        named: bundle,
        read: { try FileAccess.read(bundle + "/" + $0, limit: Manifest.maximumSize) }
      )
    else { return nil }
    let file = "'\(entry.name)/\(PolicyRecord.fileName)'"
    if record.presets != subject.presets { return "\(file) has other presets than the policies" }
    if record.visibility != subject.visibility {
      return "\(file) makes other classes visible than the policies and manifests"
    }
    return nil
  }

  /// Why a label of the manifest cannot be true, or nil.
  private func doubt(_ labels: [Origin: ExactnessLabel], _ exactness: [RuleExactness]) -> String? {
    for rule in exactness {
      guard let declared = labels[rule.origin], declared != rule.label else { continue }
      return "the manifest calls '\(rule.origin.policy)' \(rule.origin.path) \(declared.rawValue), but it is "
        + rule.label.rawValue
    }
    return nil
  }

  /// What the manifest says of each rule; rules are found by policy and place.
  private func labels(_ entry: Manifest.Subject, _ subject: SubjectPolicy, _ enforcer: Enforcer)
    -> [Origin: ExactnessLabel]
  {
    struct Key: Hashable {
      let policy: String
      let path: String
    }
    var declared: [Key: ExactnessLabel] = [:]
    for rule in entry.rules {
      guard let label = rule.exactness[enforcer.rawValue].flatMap({ ExactnessLabel(rawValue: $0.label) }) else {
        continue
      }
      declared[Key(policy: rule.policy, path: rule.path)] = label
    }
    var labels: [Origin: ExactnessLabel] = [:]
    for origin in subject.policies.flatMap(\.rules).map(\.origin) + subject.presets.map(\.origin) {
      labels[origin] = declared[Key(policy: "\(origin.policy)", path: origin.path)]
    }
    return labels
  }
}
