import Backends
import Diagnostics
import Frontend
import IR
import Runtime

/// What a build has to say, as findings on the YAML.
struct BuildFindings: Sendable {
  let spans: SpanIndex
  let levels: [InexactArgument]

  private func severity(_ label: ExactnessLabel) -> Severity? {
    switch InexactArgument.level(of: label, levels) {
    case .error: .error
    case .warn: .warning
    case .allow: nil
    }
  }

  /// Rules that AppArmor does not serve exactly.
  func inexact(_ build: SubjectBuild) -> [Diagnostic] {
    inexact(build.exactness, .apparmor, build.subject) { witness in
      let expected = build.table.decide(witness).verdict
      let actual = build.differences.first { $0.witness == witness }?.actual ?? expected
      return
        "witness: '\(witness)' is \(BuildFindings.word(expected)) by the policy, \(BuildFindings.word(actual)) by AppArmor"
        + (expected == actual ? ", and reported otherwise" : "")
    }
  }

  /// Rules that the BPF matcher does not serve exactly, and native text, which it cannot read.
  func inexact(_ image: SubjectImage, _ subject: SubjectPolicy) -> [Diagnostic] {
    var found = inexact(image.exactness, .bpf, subject) { witness in
      "witness: '\(witness)' is audited by the policy; by the BPF matcher only if its path is passed as it stands here"
    }
    guard let severity = severity(.unsupported) else { return found }
    for policy in subject.policies {
      guard let native = policy.nativeAppArmor else { continue }
      found.append(
        Diagnostic(
          BuildCode.unsupported.rawValue,
          severity,
          "the BPF matcher cannot serve 'spec.apparmor'",
          at: spans.policy(native.location).map { $0.apparmor ?? $0.name }
            ?? spans.policy(policy.location).map { $0.apparmor ?? $0.name },
          caption: "AppArmor rules mean nothing to other enforcers; they are left out",
          notes: ["subject: \(subject.name)"]
            + (severity == .error ? ["to build all the same: --inexact unsupported=warn"] : [])
        )
      )
    }
    return found
  }

  private func inexact(
    _ exactness: [RuleExactness],
    _ enforcer: Enforcer,
    _ subject: SubjectPolicy,
    _ witnessNote: (Event) -> String
  ) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for rule in exactness where rule.label != .exact {
      guard let severity = severity(rule.label) else { continue }
      let code =
        switch rule.label {
        case .stricter: BuildCode.stricter
        case .looser: BuildCode.looser
        default: BuildCode.unsupported
        }
      var notes: [String] = []
      if let witness = rule.witness { notes.append(witnessNote(witness)) }
      notes.append("subject: \(subject.name)")
      if severity == .error {
        notes.append("to build all the same: --inexact \(rule.label.rawValue)=warn")
      }
      found.append(
        Diagnostic(
          code.rawValue,
          severity,
          rule.label == .unsupported
            ? "\(enforcer.title) cannot serve this rule"
            : "on \(enforcer.title) this rule is \(rule.label.rawValue) than written",
          at: spans.span(rule.origin),
          caption: rule.reason,
          notes: notes
        )
      )
    }
    return found
  }

  /// A part of a policy that is understood but has no compiled form.
  func notCompiled(_ part: NotCompiled) -> [Diagnostic] {
    guard let severity = severity(.unsupported) else { return [] }
    return [
      Diagnostic(
        BuildCode.notCompiled.rawValue,
        severity,
        "\(part.what) is not compiled",
        at: spans.span(part.origin) ?? policySpan(part.origin),
        caption: part.reason,
        notes: severity == .error ? ["to build the rest: --inexact unsupported=warn"] : []
      )
    ]
  }

  /// A subject for which nothing could be built.
  func refused(_ subject: SubjectPolicy, _ problem: BuildProblem) -> Diagnostic {
    let shown = problem.rules.prefix(6)
    let located = shown.compactMap { origin in (spans.span(origin) ?? policySpan(origin)).map { (origin, $0) } }
    var notes = ["subject: \(subject.name)"]
    if problem.rules.count > shown.count { notes.append("and \(problem.rules.count - shown.count) more rules") }
    let artifact = if case .image = problem { "map image" } else { "profile" }
    return Diagnostic(
      BuildCode.refused.rawValue,
      .error,
      "no \(artifact) for '\(subject.name)': \(problem.message)",
      at: located.first?.1,
      caption: located.isEmpty ? "" : "this rule costs most",
      labels: located.dropFirst().map { Label($0.1, "and this one") },
      notes: notes + [problem.advice]
    )
  }

  /// apparmor_parser did not take a profile.
  func rejected(_ subject: SubjectPolicy, _ text: ProfileText, _ failure: ParserFailure) -> Diagnostic {
    var labels: [Label] = []
    var notes: [String] = []
    switch failure {
    case .refused(let messages):
      for message in messages.prefix(5) {
        notes.append("apparmor_parser: " + message.text + (message.line.map { " (line \($0) of the profile)" } ?? ""))
        for origin in message.line.flatMap({ text.origins[$0] }) ?? [] {
          if let span = spans.span(origin) { labels.append(Label(span, "written for this rule")) }
        }
      }
    case .timedOut(let limit): notes.append("apparmor_parser took longer than \(limit.components.seconds) s")
    case .outputTooLong: notes.append("the compiled profile is larger than \(AppArmorParser.outputLimit) bytes")
    case .crashed(let signal): notes.append("apparmor_parser was killed by signal \(signal)")
    case .system(let error): notes.append("\(error.call) failed with error \(error.number)")
    }
    let native = subject.policies.first { $0.nativeAppArmor != nil }
    let span = labels.first?.span ?? native.flatMap { spans.policy($0.location)?.apparmor }
    if native != nil { notes.append("the subject holds native text of 'spec.apparmor', which may be at fault") }
    return Diagnostic(
      BuildCode.rejected.rawValue,
      .error,
      "apparmor_parser does not take the profile of '\(subject.name)'",
      at: span ?? subject.policies.first.flatMap { spans.policy($0.location)?.name },
      labels: Array(labels.dropFirst()),
      notes: notes
    )
  }

  private func policySpan(_ origin: Origin) -> Span? { spans.policy(origin.location).map { $0.apparmor ?? $0.name } }

  static func word(_ verdict: Verdict) -> String {
    switch verdict {
    case .allow: "allowed"
    case .audit: "audited"
    case .block: "blocked"
    }
  }
}

/// Findings of `build`: an enforcer cannot do it.
enum BuildCode: String, CaseIterable {
  case stricter = "ARM3001"
  case looser = "ARM3002"
  case unsupported = "ARM3003"
  case notCompiled = "ARM3004"
  case refused = "ARM3005"
  case rejected = "ARM3006"
}
