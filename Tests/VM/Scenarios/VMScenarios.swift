import Bundle
import Glibc
import IR
import Runtime

/// Plans what the guests of `make vm` are to decide, and judges their answers (`Tests/VM/run.sh`).
///
///     VMScenarios plan DIR PATH… [-- PATH…]…  writes what the guests need and what is expected of them
///     VMScenarios judge DIR ENFORCER ANSWERS  compares what a guest printed; ends with `N passed, N failed`
///     VMScenarios compare DIR APPARMOR BPF…   compares guests with each other
///
/// Policies and context before and after `--` know nothing of each other. DIR gets `scenarios` and `policies` for
/// AppArmor, `scenarios.bpf`, `images` and `path-arguments` for the matcher, and `expectations`.
@main
struct VMScenarios {
  /// Exit status as of the command line: 0 all as expected, 1 some not, 2 wrong usage, 3 could not do the work.
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      switch arguments.first {
      case "plan"? where arguments.count > 2: try plan(arguments[1], Array(arguments[2...]))
      case "judge"? where arguments.count == 4:
        exit(try judge(arguments[1], arguments[2], answers: arguments[3]) ? 0 : 1)
      case "compare"? where arguments.count > 3:
        exit(try compare(arguments[1], Array(arguments[2...])) ? 0 : 1)
      default:
        print("usage: VMScenarios plan DIR PATH… | judge DIR apparmor|bpf ANSWERS | compare DIR APPARMOR BPF…")
        exit(2)
      }
    } catch {
      print("make vm: \(error)")
      exit(3)
    }
  }

  /// The policy under which a denial makes the kernel forget which capabilities it has reported (`apparmor.c`).
  private static let forgetful = "profile armorc-vm-forget {\n}\n"
  private static let limit = 256 << 20

  private static func plan(_ directory: String, _ paths: [String]) throws {
    let compiler = try GuestCompiler()
    var planners: [Planner] = []
    let writer = try DirectoryWriter.start(target: directory, marker: "scenarios")
    try writer.write("policies/forget", try compiler.compile(Array(forgetful.utf8)))
    var policies = try paths.split(separator: "--").flatMap { try PolicyInput.subjects(Array($0)) }
    policies += try ShapePolicies.subjects()
    guard Set(policies.map(\.name)).count == policies.count else {
      throw JudgeError(description: "two subjects have one name")
    }
    var objections: [String] = []
    for policy in policies {
      let subject = try compiler.subject(policy)
      try writer.write("images/" + policy.name, subject.image)
      if let profiles = subject.profiles { try writer.write("policies/" + policy.name, profiles) }
      if let objection = subject.objection {
        objections.append(
          "\(policy.name): \(subject.profiles == nil ? "BPF alone" : "BPF alone on some rules"); \(objection)"
        )
      }
      planners.append(Planner(policy, table: subject.table, domain: subject.domain))
    }
    if let event = planners.flatMap(\.disagreements).first {
      throw JudgeError(description: "evaluator and decision table disagree on '\(event)'")
    }
    // One process serves all scenarios that follow each other and want the same one (`runner.c`).
    let scenarios = planners.flatMap(\.scenarios).enumerated().sorted {
      ($0.element.process, $0.offset) < ($1.element.process, $1.offset)
    }.map(\.element)
    func lines(_ line: (Int, Scenario) -> String?) -> [UInt8] {
      Array(scenarios.enumerated().compactMap { line($0.offset, $0.element).map { $0 + "\n" } }.joined().utf8)
    }
    try writer.write("scenarios", lines { $1.appArmorLine($0) })
    try writer.write("scenarios.bpf", lines { $1.matcherLine($0) })
    try writer.write("expectations", lines { $1.expectation.line($0) })
    try writer.write(
      "path-arguments",
      (0..<512).map { UInt8(SystemCalls.name(of: $0).flatMap(SystemCalls.pathArgument) ?? 0) }
    )
    try writer.commit()

    for planner in planners {
      let skipped = planner.skipped.values.reduce(0, +)
      print("\(planner.subject.name): \(planner.scenarios.count) decisions, \(skipped) not possible in the guest")
    }
    for objection in objections { print("note: \(objection)") }
    let coverage = Coverage(planners)
    for rule in coverage.idle { print("note: \(rule) is never the rule that decides") }
    for shape in coverage.oneSided { print("note: '\(shape)' meets only one verdict") }
    let shared = scenarios.count { $0.profile != nil }
    print("\(scenarios.count) decisions on \(coverage.verdicts.count) rule shapes, \(shared) of them by AppArmor too")
  }

  /// Judges the answers of one guest.
  private static func judgement(_ directory: String, _ enforcer: String, _ answers: String) throws -> Judge {
    let text = String(decoding: try FileAccess.read(directory + "/expectations", limit: limit), as: UTF8.self)
    var expectations: [Int: Expectation] = [:]
    for line in text.split(separator: "\n") {
      guard let (id, expectation) = Expectation.parse(line) else {
        throw JudgeError(description: "'\(directory)/expectations' is damaged: \(line)")
      }
      expectations[id] = expectation
    }
    let output = String(decoding: try FileAccess.read(answers, limit: limit), as: UTF8.self)
    switch enforcer {
    case "apparmor": return try Judge(expectations, .apparmor, console: output[...])
    case "bpf":
      var records: [String: [ImageRecord]] = [:]
      for subject in Set(expectations.values.map(\.subject)) {
        let file = try FileAccess.read(directory + "/images/" + subject, limit: limit)
        records[subject] = try ImageReader.read(file).records
      }
      return try Judge(expectations, .bpf(records), console: output[...])
    default: throw JudgeError(description: "'\(enforcer)' is no enforcer")
    }
  }

  private static func judge(_ directory: String, _ enforcer: String, answers: String) throws -> Bool {
    let judge = try judgement(directory, enforcer, answers)
    print(judge.summary())
    return judge.failures.isEmpty
  }

  /// Whether the guests decided alike what AppArmor and the matcher were both asked.
  private static func compare(_ directory: String, _ answers: [String]) throws -> Bool {
    let judges = try answers.enumerated().map {
      try judgement(directory, $0.offset == 0 ? "apparmor" : "bpf", $0.element)
    }
    var differing: [Int] = []
    var compared = 0
    for (id, verdict) in judges[0].verdicts {
      let others = judges.dropFirst().compactMap { $0.verdicts[id] }
      guard others.count == judges.count - 1 else { continue }
      compared += 1
      if others.contains(where: { $0 != verdict }) { differing.append(id) }
    }
    for id in differing.sorted().prefix(40) {
      print("DIFFERS  scenario \(id): " + judges.map { $0.verdicts[id]?.name ?? "nothing" }.joined(separator: ", "))
    }
    print("AppArmor and BPF: \(compared) decisions compared in \(judges.count) guests, \(differing.count) differ")
    return differing.isEmpty && compared > 0
  }
}
