import Analysis
import ArgumentParser
import Diagnostics
import Frontend

/// `armorc lint`: every mistake, on its line, before anything is applied.
struct LintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Find mistakes and surprises in policies, each on its line.",
    discussion: """
      Kubernetes manifests given beside the policies are used as context. Ends with 1 if there is a finding of the \
      level of --fail-on or above, else with 0.
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, concise, json }
  enum Level: String, ExpressibleByArgument, CaseIterable { case note, warning, error, never }

  @Argument(help: ArgumentHelp("Files and directories; - is standard input.", valueName: "path"))
  var paths: [String] = ["."]

  @Option(name: .long, help: "How findings are written: text, concise (one line each) or json.")
  var format: Format = .text

  @Option(name: .long, help: "The least severity that makes the exit status 1.")
  var failOn: Level = .warning

  @OptionGroup var options: PolicyOptions

  func run() throws {
    let files = try InputFiles(paths).read(jobs: options.jobCount, tests: .read)
    let loaded = Loading.load(files, jobs: options.jobCount, tests: .read)
    let findings = loaded.diagnostics + LintRun.findings(loaded, options)
    Terminal.print(LintCommand.text(findings, loaded.sourceMap, format))
    let limit: Severity? = Severity(rawValue: failOn.rawValue)
    if let limit, findings.contains(where: { $0.severity >= limit }) { throw ExitStatus.findings.code }
  }

  static func text(_ findings: [Diagnostic], _ map: SourceMap, _ format: Format) -> String {
    switch format {
    case .text: TextRenderer(colour: Terminal.wantsColour, width: Terminal.width).render(findings, map)
    case .concise: ConciseRenderer.render(findings, map)
    case .json: JSONRenderer.render(findings, map)
    }
  }
}
