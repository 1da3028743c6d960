import Analysis
import ArgumentParser
import Diagnostics
import Frontend
import IR

/// `armorc test`: policy unit tests kept beside the policies.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Run the tests beside the policies.",
    discussion: """
      Runs every *.test.yaml and *.test.yml below PATH. A file says itself under which policies its tests are run: those \
      of its own directory unless it names others, so the result never depends on PATH. With --generate, PATH holds \
      policies and their context, and a first test file is written. Ends with 1 if an expectation fails or a file cannot \
      be run.
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, junit, tap, json }

  @Argument(help: ArgumentHelp("Files and directories; - is standard input.", valueName: "path"))
  var paths: [String] = ["."]

  @Option(name: .long, help: "How results are written: text, junit, tap or json.")
  var format: Format = .text

  @Option(
    name: .long,
    help: ArgumentHelp("Run only tests with this text in 'file: name', whatever its case.", valueName: "text")
  )
  var filter: String?

  @Flag(name: .long, help: "End with 0 where there is no test.")
  var allowNone = false

  @Flag(name: .long, help: "Say which rules and default postures no expectation decides.")
  var coverage = false

  @Option(
    name: .long,
    help: ArgumentHelp("End with 1 if fewer percent of them are decided; implies --coverage.", valueName: "percent")
  )
  var requireCoverage: Int?

  @Flag(name: .long, help: "Try small mistakes in every rule and posture and say which the tests do not notice.")
  var mutate = false

  @Option(
    name: .long,
    help: ArgumentHelp("End with 1 if the tests notice fewer percent of them; implies --mutate.", valueName: "percent")
  )
  var requireKilled: Int?

  @Flag(name: .long, help: "Write a first test file for the policies at PATH from what they say today.")
  var generate = false

  @Option(name: [.short, .long], help: ArgumentHelp("With --generate: the file to write.", valueName: "file"))
  var output: String?

  @Flag(name: .long, help: "With --generate: replace the file if it is there.")
  var force = false

  @OptionGroup var options: PolicyOptions

  func validate() throws {
    for (name, percent) in [("--require-coverage", requireCoverage), ("--require-killed", requireKilled)] {
      if let percent, !(0...100).contains(percent) {
        throw ValidationError("\(name) takes a whole number from 0 to 100, not \(percent)")
      }
    }
    if generate {
      if filter != nil || coverage || mutate || requireCoverage != nil || requireKilled != nil || format != .text {
        throw ValidationError(
          "--generate runs no tests: leave out --filter, --format, --coverage, --mutate and --require-…"
        )
      }
      if let output, !TestFileName.matches(output) {
        throw ValidationError("'\(output)' is no name of a test file: it has to end in .test.yaml or .test.yml")
      }
    } else if output != nil || force {
      throw ValidationError("--output and --force belong to --generate")
    }
  }

  func run() throws {
    if generate { return try TestGenerate(command: self).run() }
    let names = try InputFiles(paths).names.filter { TestFileName.matches($0) || paths.contains($0) }
    guard !names.isEmpty else {
      return try nothing("no test file: none of \(paths.joined(separator: ", ")) is or holds a *.test.yaml")
    }
    let files = try InputFiles(names).read(jobs: options.jobCount, tests: .read)
    guard let report = try TestRun.run(files, options, filter: filter) else {
      return try nothing("no test matches --filter '\(filter ?? "")'")
    }
    let isClean = report.isClean
    var coverage: TestCoverage?
    var mutation: TestMutation?
    if self.coverage || requireCoverage != nil {
      coverage = TestCoverage(policies: report.policies, subjects: report.subjects, groups: report.judged)
    }
    // What a failing test notices of a mutant says nothing.
    if isClean, mutate || requireKilled != nil { mutation = try TestMutation(report.groups, jobs: options.jobCount) }
    write(report, coverage, mutation)
    if !isClean, mutate || requireKilled != nil { Terminal.error("armorc: no mutants were tried: not all tests pass") }
    let isCovered = coverage.map { $0.decided * 100 >= (requireCoverage ?? 0) * $0.total } ?? true
    if let coverage, !isCovered {
      Terminal.error("armorc: \(coverage.percent) % are decided, --require-coverage asks for \(requireCoverage ?? 0) %")
    }
    let isKilled = mutation.map { $0.percent >= (requireKilled ?? 0) } ?? true
    if let mutation, !isKilled {
      Terminal.error("armorc: \(mutation.percent) % are killed, --require-killed asks for \(requireKilled ?? 0) %")
    }
    if !isClean || !isCovered || !isKilled { throw ExitStatus.findings.code }
  }

  private func nothing(_ message: String) throws {
    if !allowNone { throw Failure(message) }
    Terminal.error("armorc: \(DisplayText.safe(message))")
  }

  private func write(_ report: TestReport, _ coverage: TestCoverage?, _ mutation: TestMutation?) {
    let more = [coverage.map(TestText.coverage), mutation.map(TestText.mutation)].compactMap { $0 }
    switch format {
    case .text:
      let renderer = TextRenderer(colour: Terminal.wantsColour, width: Terminal.width)
      Terminal.print(TestText(renderer: renderer).report(report) + more.map { "\n" + $0 + "\n" }.joined())
    case .tap: Terminal.print(TestTAP.text(report, notes: more))
    case .json: Terminal.print(TestJSON.text(report, coverage, mutation))
    case .junit:
      Terminal.print(TestJUnit.text(report))
      // The format has no place for them.
      for text in more { Terminal.error(text) }
    }
    // Findings of the policies have no place in what programs read of tests.
    if format == .junit || format == .tap {
      for (findings, map) in report.policyErrors {
        for one in findings { Terminal.error(TextRenderer().render(one, map)) }
      }
    }
  }
}

extension TestReport {
  /// Every group with what became of its expectations, as far as they were judged.
  var judged: [(group: TestGroup, outcomes: [ExpectationOutcome])] {
    var outcomes = [[ExpectationOutcome]](repeating: [], count: groups.count)
    for one in expectations { for (group, outcome) in one.outcomes { outcomes[group].append(outcome) } }
    return zip(groups, outcomes).map { ($0, $1) }
  }
}
