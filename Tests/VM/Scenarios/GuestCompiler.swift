import Backends
import IR
import Runtime

/// Policies as `armorc build` compiles them, ready for the guest's kernel.
struct GuestCompiler {
  private let parser: AppArmorParser

  struct Subject {
    var policy: SubjectPolicy
    var table: DecisionTable
    var domain: Planner.Domain
    var binary: [UInt8]
  }

  init() throws {
    guard let parser = AppArmorParser.locate(features: KernelFeatures.text) else {
      throw JudgeError(description: "'apparmor_parser' is not installed")
    }
    self.parser = parser
  }

  func compile(_ text: [UInt8]) throws -> [UInt8] { try parser.compile(text) }

  func subject(_ policy: SubjectPolicy) throws -> Subject {
    let table = try DecisionTable(policy)
    let artifact = try AppArmorBackend.emit(policy, table)
    return Subject(
      policy: policy,
      table: table,
      domain: Planner.Domain(profile: artifact.entryLabel, attaches: artifact.layout == .attached),
      binary: try compile(artifact.text.bytes)
    )
  }
}
