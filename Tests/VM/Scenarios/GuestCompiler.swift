import Backends
import IR
import Runtime

/// Policies as `armorc build` compiles them, ready for the guest's kernel.
struct GuestCompiler {
  private let parser: AppArmorParser

  struct Subject {
    var table: DecisionTable
    var domain: Planner.Domain
    /// Nil where AppArmor is not asked.
    var profiles: [UInt8]?
    var image: [UInt8]
    /// Why AppArmor is not asked, or not everything.
    var objection: String?
  }

  init() throws {
    guard let parser = AppArmorParser.locate(features: KernelFeatures.text) else {
      throw JudgeError(description: "'apparmor_parser' is not installed")
    }
    self.parser = parser
  }

  func compile(_ text: [UInt8]) throws -> [UInt8] { try parser.compile(text) }

  /// AppArmor is asked only where rules are exact under it: elsewhere the two enforcers differ by their own word.
  func subject(_ policy: SubjectPolicy) throws -> Subject {
    let table = try DecisionTable(policy)
    var subject = Subject(
      table: table,
      domain: Planner.Domain(profile: nil, attaches: policy.subject.isHost),
      image: try SubjectImage(policy, table).artifact.bytes
    )
    do {
      let build = try SubjectBuild(policy)
      let inexact = build.exactness.filter { $0.label != .exact }
      if let first = inexact.first {
        subject.objection = "\(inexact.count) rules are not exact under AppArmor, one for this reason: \(first.reason)"
        // On a host it is one rule that is served otherwise; in a container, what one rule lacks shows in what others and
        // postures decide.
        guard policy.subject.isHost else { return subject }
        subject.domain.inexact = Set(inexact.map(\.origin))
      }
      subject.profiles = try compile(build.apparmor.text.bytes)
      subject.domain.profile = build.apparmor.entryLabel
      subject.domain.attaches = build.apparmor.layout == .attached
    } catch let problem as BuildProblem {
      subject.objection = "no profile can be built: \(problem)"
    }
    return subject
  }
}
