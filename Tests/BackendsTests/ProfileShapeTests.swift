import Automata
import Backends
import IR
import Runtime
import Testing

/// Every shape of rule on its own.
@Suite struct ProfileShapeTests {
  struct Shape: CustomStringConvertible, Sendable {
    let rule: Rule
    let posture: Posture
    var description: String {
      let flags = (rule.readOnly ? " readOnly" : "") + (rule.ownerOnly ? " ownerOnly" : "")
      return "\(rule.action) \(rule.target)\(flags) from \(rule.sources.map(\.description)), posture \(posture)"
    }
  }

  static func sets(files: Bool) throws -> [PathSet] {
    var sets = [
      literal("/etc/shadow"), directory("/var/lib/x", files: files), directory("/srv", recursive: true, files: files),
      try glob("/opt/*/b?n/**"), try glob("/data/{a,b/}*"),
    ]
    if !files { sets.append(.basename(Array("curl".utf8))) }
    return sets
  }

  static func shapes(files: Bool, sourced: Bool) throws -> [Shape] {
    var shapes: [Shape] = []
    for set in try sets(files: files) {
      for action in Action.allCases {
        for flags in 0..<(files ? 4 : 2) {
          let rule = profileRule(
            files ? .file(set) : .process(set),
            action,
            from: sourced ? ["/usr/bin/cat", "/bin/cat"] : [],
            ownerOnly: flags & 1 == 1,
            readOnly: flags & 2 == 2
          )
          shapes.append(Shape(rule: rule, posture: Posture.allCases[shapes.count % 3]))
          if action == .allow { shapes.append(Shape(rule: rule, posture: .block)) }
        }
      }
    }
    return shapes
  }

  private func outcome(_ shape: Shape) throws -> ProfileOutcome {
    let postures = Postures(file: shape.posture, network: shape.posture, capabilities: shape.posture)
    let outcome = try ProfileOutcome(
      profileSubject("shape", [shape.rule], postures: postures),
      AppArmorBackend.Options(floor: .none)
    )
    if let parser = AppArmorParser.locate(features: KernelFeatures.text) {
      let disagreements = try outcome.disagreements(parser)
      #expect(disagreements.isEmpty, "\(shape)\n\(disagreements.prefix(4))\n\(outcome.text)")
    }
    return outcome
  }

  @Test(arguments: [true, false]) func rulesForAll(files: Bool) throws {
    for shape in try Self.shapes(files: files, sourced: false) {
      let outcome = try outcome(shape)
      #expect(outcome.artifact.layout == .single)
      #expect(outcome.differences.isEmpty, "\(shape)\n\(outcome.describe(outcome.differences))\n\(outcome.text)")
    }
  }

  /// Exact but for three things: a union's first process, programs that a union's component may not read, and reports for a
  /// source that the others' rule makes.
  @Test(arguments: [true, false]) func rulesForSources(files: Bool) throws {
    for shape in try Self.shapes(files: files, sourced: true) {
      let outcome = try outcome(shape)
      let unexpected = outcome.differences.filter { difference in
        switch outcome.artifact.layout {
        case .union: difference.label != [outcome.artifact.entryLabel] && difference.kind != .kills
        default: !(difference.kind == .reports && shape.posture == .audit)
        }
      }
      #expect(unexpected.isEmpty, "\(shape)\n\(outcome.describe(unexpected))\n\(outcome.text)")
    }
  }

  /// What a profile refuses it reports, and nobody but the policy's author is asked what a rule is for.
  @Test func linesLeadBackToRules() throws {
    let rules = [
      profileRule(.file(literal("/etc/shadow")), .block), profileRule(.capability(.sys_admin), .block),
      profileRule(.network(.udp), .audit),
    ]
    let outcome = try ProfileOutcome(profileSubject("lines", rules, postures: Postures()))
    let lines = outcome.text.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = [
      "audit deny \"/etc/shadow{,/}\" rwlkm,", "audit deny capability sys_admin,", "audit network inet dgram,",
    ]
    for (index, line) in wanted.enumerated() {
      let number = try #require(lines.firstIndex { $0.hasSuffix(line) }, "\(line) in\n\(outcome.text)") + 1
      #expect(outcome.artifact.text.origins[number]?.map(\.position) == [index])
    }
    #expect(!outcome.text.contains("  deny "))
  }

  /// Naming the source is the exception to the general rule.
  @Test func allowFromSourceBeatsBlock() throws {
    let rules = [
      profileRule(.file(directory("/secret", recursive: true)), .block),
      profileRule(.file(literal("/secret/key")), .allow, from: ["/usr/bin/cat"]),
      profileRule(.process(literal("/usr/bin/nc")), .block),
    ]
    let outcome = try ProfileOutcome(
      profileSubject("exception", rules, postures: Postures(file: .allow)),
      AppArmorBackend.Options(floor: .none)
    )
    #expect(outcome.artifact.layout == .union)
    #expect(outcome.artifact.narrowEntryLabel == "armorc.exception//&armorc.exception.others")
    // Beside the first process: what a component may not read cannot be executed either.
    let others = outcome.differences.filter { $0.label != ["armorc.exception"] }
    #expect(others.allSatisfy { $0.kind == .kills }, "\(outcome.text)")
    if let parser = AppArmorParser.locate(features: KernelFeatures.text) {
      #expect(try outcome.disagreements(parser) == [])
    }
  }

  @Test func hostsAreAttached() throws {
    let rules = [
      profileRule(.file(literal("/etc/shadow")), .block, from: ["/usr/bin/cat", "/bin/c,t"]),
      profileRule(.file(literal("/secret")), .allow, from: ["/usr/bin/vi"]),
      profileRule(.file(directory("/usr", recursive: true)), .allow, readOnly: true),
      profileRule(.file(directory("/etc", recursive: true)), .allow),
    ]
    let outcome = try ProfileOutcome(profileSubject("node", rules, host: true))
    #expect(outcome.artifact.layout == .attached)
    #expect(outcome.text.contains("profile armorc.node \"/{,**}\" flags="))
    #expect(outcome.text.contains("profile armorc.node.S02-vi \"/usr/bin/vi\" flags="))
    let others = outcome.differences.filter { $0.kind != .kills }
    #expect(others.isEmpty, "\(outcome.describe(others))\n\(outcome.text)")
    if let parser = AppArmorParser.locate(features: KernelFeatures.text) {
      #expect(try outcome.disagreements(parser) == [])
      let compiled = try CompiledPolicy.decode(parser.compile(outcome.artifact.text.bytes))
      let cats = try #require(compiled.first { $0.name == "armorc.node.S01-c_t" })
      #expect(cats.attaches(to: Array("/usr/bin/cat".utf8)) && cats.attaches(to: Array("/bin/c,t".utf8)))
      #expect(!cats.attaches(to: Array("/usr/bin/vi".utf8)) && !cats.attaches(to: Array("/bin/c".utf8)))
    }
  }
}
