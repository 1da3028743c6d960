import Backends
import Bundle
import IR
import Testing
import _ImageTestSupport

/// Presets in images: which entry decides, what the reader takes, what the verification finds.
@Suite struct ImagePresetTests {
  private static let plain = literalSubject(["/etc/shadow"])

  private func image(_ subject: SubjectPolicy) throws -> MapImage {
    try ImageReader.read(BPFBackend.emit(subject, DecisionTable(subject)).bytes)
  }

  private func message(_ bytes: [UInt8]) -> String {
    do throws(ImageError) {
      _ = try ImageReader.read(ImageFile.sealed(bytes))
      return "accepted"
    } catch {
      return error.message
    }
  }

  @Test func areReadAsWritten() throws {
    let all: [(Preset, Action)] = [
      (.filelessExec, .block), (.anonymousMapExec, .audit), (.protectEnv, .block), (.protectProc, .audit),
      (.exec, .block),
    ]
    let image = try image(withPresets(ImagePresetTests.plain, all, severity: 6))
    #expect(Preset.allCases.map { image.cell($0).verdict } == [.block, .audit, .block, .audit, .allow])
    #expect(image.cell(.exec) == .free)
    for preset in Preset.allCases where preset != .exec {
      guard case .rule(let record) = image.decision(image.cell(preset)).decider else {
        Issue.record("\(preset) is decided by no rule")
        continue
      }
      #expect(record.name == "presets" && record.severity == 6 && record.resourceClass == .presets)
    }
    // Executing what cannot be decided is denied, for it may be what is blocked.
    #expect(image.header.failClosed == 3)
    #expect(try self.image(ImagePresetTests.plain).header.failClosed == 2)
    #expect(try self.image(ImagePresetTests.plain).header.flags == 0)
  }

  /// Presets make no difference to what rules decide.
  @Test func rulesGoOn() throws {
    let one = try image(ImagePresetTests.plain)
    let other = try image(withPresets(ImagePresetTests.plain))
    let path = try #require(BytePath("/etc/shadow"))
    for operation in PathOperation.allCases {
      let event = Event(source: nil, access: .path(operation, path))
      #expect(one.decide(event) == other.decide(event))
    }
  }

  @Test(
    arguments: [
      // Policy, action and severity of the entries; who decides.
      ([("a", .audit, 9), ("b", .block, 1)], "b"), ([("a", .block, 1), ("b", .block, 2)], "b"),
      ([("a", .block, 2), ("b", .block, 2)], "a"), ([("a", .block, 0), ("b", .audit, 9)], "a"),
      ([("a", .audit, 0), ("b", .audit, 1)], "b"),
    ] as [([(String, Action, Int)], String)]
  )
  func theStrongestDecides(_ entries: [(String, Action, Int)], _ expected: String) throws {
    for entries in [entries, entries.reversed()] {
      var subject = ImagePresetTests.plain
      for (policy, action, severity) in entries {
        subject = withPresets(subject, [(.protectEnv, action)], policy: policy, severity: severity)
      }
      #expect(subject.decidingPresets[.protectEnv]?.origin.policy.name == expected)
      let image = try image(subject)
      guard case .rule(let record) = image.decision(image.cell(.protectEnv)).decider else {
        Issue.record("no rule decides")
        return
      }
      #expect(record.name == expected)
    }
  }

  @Test func cellsAreChecked() throws {
    let subject = withPresets(ImagePresetTests.plain, [(.filelessExec, .block)])
    let bytes = try BPFBackend.emit(subject, DecisionTable(subject)).bytes
    let cells = 104 + 112
    func with(_ value: UInt16, preset: Int, flags: UInt8? = nil) -> [UInt8] {
      var changed = bytes
      changed[cells + 2 * preset] = UInt8(truncatingIfNeeded: value)
      changed[cells + 2 * preset + 1] = UInt8(truncatingIfNeeded: value >> 8)
      if let flags { changed[104 + 108] = flags }
      return changed
    }
    let preset = UInt16(16 + 1) << 2
    #expect(message(with(preset | 2, preset: 0)) == "accepted")
    #expect(message(with(preset | 1, preset: 1)) == "accepted")
    #expect(message(with(preset | 3, preset: 0)).contains("a verdict 3"))
    #expect(message(with(preset, preset: 0)).contains("allows nothing"))
    // The first record is a rule's, the third is none.
    #expect(message(with(16 << 2 | 2, preset: 0)).contains("no preset decides it"))
    #expect(message(with((16 + 2) << 2 | 2, preset: 0)).contains("record 2 of 2"))
    #expect(message(with(1 << 2 | 2, preset: 0)).contains("no preset decides it"))
    #expect(message(with(preset | 2, preset: 4)).contains("cannot find"))
    #expect(message(with(1, preset: 5)).contains("reserved"))
    #expect(message(with(0, preset: 0)).contains("flag of presets"))
    #expect(message(with(preset | 2, preset: 0, flags: 0)).contains("flag of presets"))
    #expect(message(with(0, preset: 0, flags: 0)) == "accepted")
    #expect(message(with(preset | 2, preset: 0, flags: 8 | 4)).contains("unknown bits"))
  }

  @Test func theVerificationKnowsThem() throws {
    let subject = withPresets(ImagePresetTests.plain)
    let table = try DecisionTable(subject)
    let image = try image(subject)
    func isProved(_ presets: [Preset: PresetRule]) throws -> Bool {
      try ImageVerification(image, table, subject: subject.name, presets: presets).isProved
    }
    #expect(try isProved(subject.decidingPresets))
    #expect(try !isProved([:]))
    for preset in subject.decidingPresets.keys {
      var fewer = subject.decidingPresets
      fewer[preset] = nil
      #expect(try !isProved(fewer))
    }
    let renamed = withPresets(ImagePresetTests.plain, policy: "other").decidingPresets
    #expect(try !isProved(renamed))
  }

  @Test func exactnessIsNamed() throws {
    let subject = withPresets(ImagePresetTests.plain, Preset.allCases.map { ($0, .block) })
    let table = try DecisionTable(subject)
    let onBPF = ImageExactness.labels(table, subject)
    let onAppArmor = try SubjectBuild(subject).exactness
    #expect(onBPF.map(\.origin.path) == onAppArmor.map(\.origin.path))
    #expect(onBPF.map(\.label) == [.exact, .exact, .exact, .exact, .exact, .unsupported])
    #expect(onBPF.last?.reason.contains("kubectl exec") == true)
    #expect(onAppArmor.dropFirst().allSatisfy { $0.label == .unsupported && !$0.reason.isEmpty })
    #expect(Set(onAppArmor.dropFirst().map(\.reason)).count == 4)
  }

  /// Rules with conditions are left out, each for its own reason.
  @Test func conditionsHaveReasons() throws {
    var subject = ImagePresetTests.plain
    let conditions = [
      Rule.Condition(pts: false, allowedArguments: []), Rule.Condition(pts: nil, allowedArguments: ["-l"]),
      Rule.Condition(pts: false, allowedArguments: ["-l"]),
    ]
    var policy = try #require(subject.policies.first)
    let rule = try #require(policy.rules.first)
    policy.rules = [rule]
    for condition in conditions {
      var conditioned = rule
      conditioned.condition = condition
      policy.rules.append(conditioned)
    }
    subject.policies = [policy]
    for labels in [try ImageExactness.labels(DecisionTable(subject), subject), try SubjectBuild(subject).exactness] {
      #expect(labels.map(\.label) == [.exact, .unsupported, .unsupported, .unsupported])
      #expect(labels[1].reason.contains("'pts: false'"))
      #expect(labels[2].reason.contains("arguments") && labels[3].reason == labels[2].reason)
    }
  }
}
