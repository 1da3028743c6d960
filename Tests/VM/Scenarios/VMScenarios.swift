import Glibc
import IR
import Runtime

/// Plans what the guest of `make vm` is to decide, and judges its answers (`Tests/VM/run.sh`).
///
///     VMScenarios plan DIR PATH…    writes DIR/scenarios, DIR/expectations and DIR/policies/* from policies and context
///     VMScenarios judge DIR CONSOLE compares what the guest printed; ends with `N passed, N failed`
@main
struct VMScenarios {
  /// Exit status as of the command line: 0 all as expected, 1 some not, 2 wrong usage, 3 could not do the work.
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    do {
      switch (arguments.first, arguments.dropFirst().first) {
      case ("plan"?, let directory?): try plan(directory, Array(arguments.dropFirst(2)))
      case ("judge"?, let directory?) where arguments.count == 3:
        exit(try judge(directory, console: arguments[arguments.endIndex - 1]) ? 0 : 1)
      default:
        print("usage: VMScenarios plan DIR PATH… | judge DIR CONSOLE")
        exit(2)
      }
    } catch {
      print("make vm: \(error)")
      exit(3)
    }
  }

  /// The policy under which a denial makes the kernel forget which capabilities it has reported (`runner.c`).
  private static let forgetful = "profile armorc-vm-forget {\n}\n"

  private static func plan(_ directory: String, _ paths: [String]) throws {
    let compiler = try GuestCompiler()
    var planners: [Planner] = []
    let writer = try DirectoryWriter.start(target: directory, marker: "scenarios")
    try writer.write("policies/forget", try compiler.compile(Array(forgetful.utf8)))
    for policy in try PolicyInput.subjects(paths) {
      let subject = try compiler.subject(policy)
      try writer.write("policies/" + policy.name, subject.binary)
      planners.append(Planner(policy, table: subject.table, domain: subject.domain))
    }
    if let event = planners.flatMap(\.disagreements).first {
      throw JudgeError(description: "evaluator and decision table disagree on '\(event)'")
    }
    // One process serves all scenarios that follow each other and want the same one (`runner.c`).
    let scenarios = planners.flatMap(\.scenarios).enumerated().sorted {
      ($0.element.process, $0.offset) < ($1.element.process, $1.offset)
    }.map(\.element)
    func lines(_ line: (Int, Scenario) -> String) -> [UInt8] {
      Array(scenarios.enumerated().map { line($0.offset, $0.element) + "\n" }.joined().utf8)
    }
    try writer.write("scenarios", lines { $1.line($0) })
    try writer.write("expectations", lines { $1.expectation.line($0) })
    try writer.commit()

    for planner in planners {
      let skipped = planner.skipped.values.reduce(0, +)
      print("\(planner.subject.name): \(planner.scenarios.count) decisions, \(skipped) not possible in the guest")
    }
    let coverage = Coverage(planners)
    for rule in coverage.idle { print("note: \(rule) is never the rule that decides") }
    for shape in coverage.oneSided { print("note: '\(shape)' meets only one verdict") }
    print("\(scenarios.count) decisions on \(coverage.verdicts.count) rule shapes")
  }

  private static func judge(_ directory: String, console: String) throws -> Bool {
    let limit = 64 << 20
    let text = String(decoding: try FileAccess.read(directory + "/expectations", limit: limit), as: UTF8.self)
    var expectations: [Int: Expectation] = [:]
    for line in text.split(separator: "\n") {
      guard let (id, expectation) = Expectation.parse(line) else {
        throw JudgeError(description: "'\(directory)/expectations' is damaged: \(line)")
      }
      expectations[id] = expectation
    }
    let output = String(decoding: try FileAccess.read(console, limit: limit), as: UTF8.self)
    let judge = try Judge(expectations, console: output[...])
    print(judge.summary())
    return judge.failures.isEmpty
  }
}
