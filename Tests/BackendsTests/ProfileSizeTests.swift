import Automata
import Backends
import Foundation
import IR
import Runtime
import Testing
import _PolicyTestSupport

/// Large subjects are built, or refused naming rules, in seconds. `MEASURE=1` prints figures (build with -c release).
@Suite struct ProfileSizeTests {
  static func literals(_ count: Int, length: Int = 25, seed: UInt64 = 1) -> [PathSet] {
    var random = SeededGenerator(seed: seed)
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    return (0..<count).compactMap { _ in
      let name = (0..<(length - 5)).map { _ in random.pick(letters) }
      return BytePath(Array("/srv/".utf8) + name).map(PathSet.literal)
    }
  }

  /// Ours, not the parser's, which would take half a minute to say so.
  @Test func tooManyStatesNamesRules() throws {
    let sets = Self.literals(600, length: 130)
    let subject = profileSubject("large", sets.map { profileRule(.file($0), .block) })
    let table = try DecisionTable(subject)
    let error = #expect(throws: EmissionError.self) { try AppArmorBackend.emit(subject, table) }
    guard case .states(let profile, let limit, let rules)? = error else {
      Issue.record("\(error as Any)")
      return
    }
    #expect(profile == "armorc.large" && limit == 65_000 && !rules.isEmpty)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["MEASURE"] != nil))
  func figures() throws {
    let clock = ContinuousClock()
    let parser = AppArmorParser.locate(features: KernelFeatures.text)
    func measure(_ what: String, _ sets: [PathSet], _ action: (Int) -> Action, _ posture: Posture) throws {
      let rules = sets.enumerated().map { profileRule(.file($1), action($0)) }
      let subject = profileSubject("size", rules, postures: Postures(file: posture))
      var table: DecisionTable?
      let compiling = try clock.measure { table = try DecisionTable(subject) }
      guard let table else { return }
      var artifact: AppArmorArtifact?
      var refusal = ""
      let emitting = clock.measure {
        do throws(EmissionError) {
          artifact = try AppArmorBackend.emit(subject, table, AppArmorBackend.Options(stateLimit: 200_000))
        } catch {
          refusal = "\(error)".prefix(200) + ""
        }
      }
      var line = "\(what): table \(compiling) \(table.paths.stateCount) states, emit \(emitting) \(refusal)"
      if let artifact {
        line +=
          " model \(artifact.models[0].files.stateCount) states, \(artifact.profiles.profiles[0].rules.count) rules"
        if let parser {
          var states = 0
          let parsing = clock.measure {
            do {
              let compiled = try CompiledPolicy.decode(parser.compile(artifact.text.bytes))
              states = compiled[0].fileDFA?.stateCount ?? 0
            } catch {
              line += " \(error)".prefix(150)
            }
          }
          line += ", parser \(parsing) \(states) states"
        }
      }
      print(line)
    }
    for count in [100, 1_000, 2_000, 3_000, 3_500, 4_000, 8_000] {
      try measure("block \(count) random literals", Self.literals(count), { _ in .block }, .allow)
    }
    try measure("allow 1000, posture block", Self.literals(1_000), { _ in .allow }, .block)
    try measure("allow 20, posture audit", Self.literals(20), { _ in .allow }, .audit)
    try measure("allow 60, posture audit", Self.literals(60), { _ in .allow }, .audit)
    try measure("allow 100, posture audit", Self.literals(100), { _ in .allow }, .audit)
    try measure("allow 500, posture audit", Self.literals(500), { _ in .allow }, .audit)
    try measure("mixed 1000", Self.literals(1_000), { Action.allCases[$0 % 3] }, .audit)
    let regular = (0..<8_000).compactMap { BytePath("/srv/app/data/file\($0).conf").map(PathSet.literal) }
    try measure("block 8000 regular", regular, { _ in .block }, .allow)
    let prefixes = try ["/**x", "/**y", "/**z", "/**w", "/**v", "/**u", "/**t"].enumerated().map {
      try glob("\($1)\($0)**")
    }
    try measure("block 7 floating globs", prefixes, { _ in .block }, .allow)
  }
}
