import Analysis
import ArgumentParser
import IR

/// `armorc simulate`: what policies would have done to events that were recorded.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Replay recorded events against policies.",
    discussion: """
      Events are lines of JSON (armorc's own form, alerts and logs of KubeArmor), audit records of AppArmor and SELinux, \
      or texts such as 'read /etc/shadow from /bin/cat'. Ends with 0 unless --fail-on asks for more.
      """
  )

  enum Enforcer: String, ExpressibleByArgument, CaseIterable { case bpf }
  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }
  enum Finding: String, ExpressibleByArgument, CaseIterable {
    case blocked, audited, undetermined, differs, changed, looser, tighter, unparsed

    var needsOld: Bool { [.changed, .looser, .tighter].contains(self) }
  }

  @Argument(
    help: ArgumentHelp(
      "Policies and manifests: files and directories, or a bundle; - is standard input.",
      valueName: "path"
    )
  )
  var paths: [String] = ["."]

  @Option(
    name: .long,
    help: ArgumentHelp("A file of events; - is standard input. May be given again.", valueName: "file")
  )
  var events: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("Policies of before: only events whose verdict changes are shown.", valueName: "old")
  )
  var against: String?

  @Flag(name: .long, help: "Only the totals: by verdict, workload, rule and recorded result.")
  var summary = false

  @Option(name: .long, help: "How events are written: text or json (a line each).")
  var format: Format = .text

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whose the events are that name no workload: a subject's name, namespace/key=value,…[:container] or host:name.",
      valueName: "subject"
    )
  )
  var subject: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What makes the exit status 1: \(Finding.allCases.map(\.rawValue).joined(separator: ", ")). May be given again.",
      valueName: "finding"
    )
  )
  var failOn: [Finding] = []

  @Flag(name: .long, help: "Show every line that is not understood, not only the first.")
  var showUnparsed = false

  @Option(name: .long, help: "Ask this enforcer's artifacts as well, and say where they part from the policies: bpf.")
  var enforcer: Enforcer?

  @OptionGroup var options: PolicyOptions

  func validate() throws {
    if events.isEmpty { throw ValidationError("--events is missing: a file of events, or - for standard input") }
    let standardInputs = (paths + events + [against].compactMap { $0 }).count { $0 == "-" }
    if standardInputs > 1 { throw ValidationError("standard input (-) can be read only once") }
    if against == nil, let finding = failOn.first(where: \.needsOld) {
      throw ValidationError("--fail-on \(finding.rawValue) needs --against")
    }
    if let subject {
      do throws(SubjectQueryError) { _ = try SubjectQuery(parsing: subject) } catch {
        throw ValidationError("--subject: \(error.message)")
      }
    }
  }

  func run() throws {
    let tally = try SimulateRun(self).run()
    if failOn.contains(where: { $0.isFound(in: tally) }) { throw ExitStatus.findings.code }
  }
}

extension SimulateCommand.Finding {
  func isFound(in tally: ReplayTally) -> Bool {
    func count(_ kind: VerdictChange) -> Int {
      tally.changes.filter { $0.key.kind == kind }.values.reduce(0) { $0 + $1.count }
    }
    return switch self {
    case .blocked: tally.outcomes[.block] > 0
    case .audited: tally.outcomes[.audit] > 0
    case .undetermined: tally.outcomes[.open] > 0
    case .differs: tally.differing > 0
    case .changed: tally.changed > 0
    case .looser: count(.looser) > 0
    case .tighter: count(.tighter) > 0
    case .unparsed: tally.unparsed > 0
    }
  }
}
