import Automata
import Backends
import Foundation
import IR
import Runtime
import Testing
import _PolicyTestSupport

/// Evaluator, decision table and decoded AppArmor policy on random policies and random events.
@Suite struct AgreementTests {
  /// `ARMORC_PAIRS` sets the number of (policy, event) pairs.
  @Test func millionDecisions() throws {
    let environment = ProcessInfo.processInfo.environment
    let pairs = environment["ARMORC_PAIRS"].flatMap { Int($0) } ?? 1_000_000
    let generator = SeededGenerator.fresh(environment)
    print("AgreementTests.millionDecisions seed \(generator.seed)")
    let parser = AppArmorParser.locate(features: KernelFeatures.text)
    if parser == nil { print("AgreementTests: apparmor_parser is not installed; our model stands in for its binary") }
    var random = RandomPolicy(generator)
    var tally = Tally()
    var number = 0
    while tally.pairs < pairs {
      var builds: [SubjectBuild] = []
      while builds.count < 25 {
        var subject = random.subject(maximumRules: 6)
        subject.name = "r\(number)"
        number += 1
        do {
          builds.append(try SubjectBuild(subject, BuildOptions(apparmor: AppArmorBackend.Options(floor: .none))))
        } catch {
          Issue.record("\(error)\n\(subject)")
        }
      }
      var accesses: [String: ProfileAccess] = [:]
      if let parser {
        let text = builds.flatMap { $0.apparmor.textWithoutNative.bytes }
        for profile in try CompiledPolicy.decode(try parser.compile(text)) {
          accesses[profile.name] = try profile.access()
        }
      } else {
        for model in builds.flatMap(\.apparmor.models) { accesses[model.name] = model }
      }
      for build in builds { try compare(build, accesses, &random, &tally) }
    }
    print(
      "AgreementTests: \(tally.pairs) pairs over \(number) policies; evaluator and table agree on all, AppArmor agrees on "
        + "\(tally.agreed), differs as declared on \(tally.declared), has no such process for \(tally.unreachable)"
    )
    #expect(tally.agreed > pairs / 2)
  }

  private struct Tally {
    var pairs = 0
    var agreed = 0
    var declared = 0
    var unreachable = 0
  }

  private func compare(
    _ build: SubjectBuild,
    _ accesses: [String: ProfileAccess],
    _ random: inout RandomPolicy,
    _ tally: inout Tally
  ) throws {
    let evaluator = Evaluator(build.subject)
    let kernel = ProfileKernel(accesses)
    let kinds = Set(build.differences.map(\.kind))
    for _ in 0..<1_000 {
      let event = random.event()
      tally.pairs += 1
      let decision = evaluator.decide(event)
      #expect(build.table.decide(event) == decision, "\(event)\n\(build.subject)")
      if case .syscall = event.access { continue }
      // No kernel makes such a socket, whatever a profile says of it.
      if case .network(let socket) = event.access,
        !SocketKey(family: socket.family, type: socket.type).isOpenable
      {
        continue
      }
      guard let label = kernel.label(of: event.source, entry: build.apparmor.entryLabel) else {
        tally.unreachable += 1
        continue
      }
      let answer = kernel.verdict(event, label)
      if answer == decision.verdict {
        tally.agreed += 1
        continue
      }
      // Another verdict only where the build said so, and in the direction it said.
      let wanted: Set<ProfileDifference.Kind>
      switch (decision.verdict, answer) {
      case (.block, _): wanted = [.permits, .partial]
      case (_, .block): wanted = [.blocks, .partial]
      case (.allow, _): wanted = [.reports]
      default: wanted = [.conceals]
      }
      let isDeclared = !kinds.isDisjoint(with: wanted)
      if isDeclared { tally.declared += 1 }
      #expect(isDeclared, "\(event): \(decision.verdict), AppArmor \(answer) in \(label)\n\(build.subject)")
    }
  }
}

/// What the kernel does with compiled profiles, in a few lines of its own: no product, no comparison.
private struct ProfileKernel {
  private let profiles: [String: ProfileAccess]

  init(_ profiles: [String: ProfileAccess]) { self.profiles = profiles }

  /// The label of a process that was started in `entry` and then executed `source`; nil where it may not.
  func label(of source: BytePath?, entry: String) -> [String]? {
    guard let source else { return [entry] }
    for isOwner in [true, false] {
      guard verdict(Event(source: nil, access: .path(.exec, source), isOwner: isOwner), [entry]) != .block else {
        continue
      }
      var label: Set<String> = []
      for name in [entry] {
        guard let profile = profiles[name] else { return nil }
        switch half(profile, source.bytes, isOwner).transition {
        case .inherit: label.insert(name)
        case .replace(let names): label.formUnion(names)
        case .stack(let names): label.formUnion(names + [name])
        case .foreign, nil: return nil
        }
      }
      return label.sorted()
    }
    return nil
  }

  func verdict(_ event: Event, _ label: [String]) -> Verdict {
    var isAudited = false
    for name in label {
      guard let profile = profiles[name] else { return .block }
      let right: Right
      switch event.access {
      case .path(let operation, let path):
        let bit: FileBits = [.exec, .read, .write][Int(operation.rawValue)]
        let half = half(profile, path.bytes, event.isOwner)
        right = Right(isAllowed: half.allowed.contains(bit), isLogged: half.audited.contains(bit))
      case .network(let socket):
        right = profile.network[SocketKey(family: socket.family, type: socket.type)] ?? .denied
      case .capability(let capability): right = profile.right(capability)
      case .syscall: return .allow
      }
      if !right.isAllowed { return .block }
      if right.isLogged { isAudited = true }
    }
    return isAudited ? .audit : .allow
  }

  private func half(_ profile: ProfileAccess, _ name: [UInt8], _ isOwner: Bool) -> FileRights.Half {
    let rights = profile.fileRights[Int(profile.files.label(of: name))]
    return isOwner ? rights.owner : rights.other
  }
}
