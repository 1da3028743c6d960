import Analysis
import Backends
import IR
import Runtime

/// Compares what AppArmor's profiles do instead of what the policies say: the profiles of a bundle where a side is one and
/// `apparmor_parser` is there, else those that armorc would build now.
struct EnforcerDiff: Sendable {
  private let old: Side
  private let new: Side
  private let parser: AppArmorParser?

  private struct Side: Sendable {
    let bundle: BundleSide.Loaded?
    let floor: Floor
  }

  init(_ sides: DiffSides) {
    let bundles = [sides.old.bundle, sides.new.bundle]
    let floors = bundles.map { $0.flatMap { Floor(rawValue: $0.floor) } }
    // YAML has no floor: what is built for it stands beside the bundle of the other side.
    old = Side(bundle: bundles[0], floor: floors[0] ?? floors[1] ?? .runtimeDefault)
    new = Side(bundle: bundles[1], floor: floors[1] ?? floors[0] ?? .runtimeDefault)
    parser = bundles.contains { $0 != nil } ? AppArmorParser.locate(features: KernelFeatures.text) : nil
  }

  /// Which profiles were compared, for people.
  var notes: [String] {
    [("OLD", old), ("NEW", new)].compactMap { name, side in
      guard side.bundle != nil else { return nil }
      return parser == nil
        ? "\(name): apparmor_parser is not installed; profiles as armorc would build them now stand for the bundle's"
        : "\(name): the bundle's profiles, compiled by apparmor_parser"
    }
  }

  func compare(_ pair: SubjectPair, policy: SubjectDiff) throws(ReplayError) -> SubjectDiff {
    let isBuilt = old.bundle == nil && new.bundle == nil
    if isBuilt, pair.old.policies == pair.new.policies, pair.old.postures == pair.new.postures,
      pair.old.base == pair.new.base
    {
      return policy
    }
    var result = policy
    result.entries = []
    let sides: [EnforcedSide]
    do {
      sides = [try enforced(pair.old, old, "OLD"), try enforced(pair.new, new, "NEW")]
    } catch let failure as Failure {
      result.problem = failure.message
      return result
    } catch {
      result.problem = "\(error)"
      return result
    }
    return try EnforcerComparison().compare(pair, policy: policy, old: sides[0], new: sides[1])
  }

  private func enforced(_ subject: SubjectPolicy, _ side: Side, _ name: String) throws -> EnforcedSide {
    let enforced: EnforcedSubject
    do {
      let build = try SubjectBuild(subject, BuildOptions(apparmor: AppArmorBackend.Options(floor: side.floor)))
      if let parser, let profiles = try side.bundle?.profiles(of: subject) {
        let text = AppArmorVerification.withoutNative(profiles.text, subject)
        enforced = try EnforcedSubject(build, compiled: try parser.compile(text), enter: profiles.enter)
      } else {
        enforced = try EnforcedSubject(build)
      }
      let map = try enforced.verdicts()
      return EnforcedSide(
        map: map,
        inexact: Set(enforced.exactness.filter { $0.label != .exact }.map(\.origin)),
        replay: { enforced.verdict($0) },
        reason: { enforced.answer($0).reason }
      )
    } catch let failure as Failure {
      throw failure
    } catch let problem as BuildProblem {
      throw Failure("no profile on the side of \(name): \(problem.message)")
    } catch VerificationProblem.undecodable(let reason) {
      throw Failure("the compiled profile on the side of \(name) cannot be decoded: \(reason)")
    } catch VerificationProblem.open(let reason), VerificationProblem.incomparable(let reason) {
      throw Failure("the profiles on the side of \(name) are none that armorc writes: \(reason)")
    } catch ParserFailure.refused(let messages) {
      throw Failure("apparmor_parser, on the side of \(name): \(messages.first?.text ?? "refused")")
    } catch {
      throw Failure("the profiles on the side of \(name) cannot be compared: \(error)")
    }
  }
}
