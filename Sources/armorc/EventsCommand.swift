import Alerts
import ArgumentParser
import Runtime

/// `armorc events`: what the node blocks, audits and lets through, as it happens.
struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Show what is blocked, audited and reported, as KubeArmor's alerts and logs.",
    discussion: """
      Reads the events of the BPF matcher as they come, or AppArmor's messages in a log, and writes a line of JSON each. \
      Each event goes to one reader, so only one 'armorc events' reads the matcher's. Ends with 0 when it is interrupted, \
      when nobody reads its output any more, or after --limit.
      """
  )

  enum Operation: String, ExpressibleByArgument, CaseIterable {
    case process, file, network, capabilities, syscall

    var value: Alert.Operation {
      switch self {
      case .process: .process
      case .file: .file
      case .network: .network
      case .capabilities: .capabilities
      case .syscall: .syscall
      }
    }
  }

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Read AppArmor's messages from an audit or kernel log; - is standard input.",
      valueName: "file"
    )
  )
  var auditLog: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The bundle whose profiles the log speaks of (default: the newest that is loaded).",
      valueName: "dir"
    )
  )
  var bundle: String?

  @Option(name: .long, help: "How alerts are written: json, json-file (KubeArmor's own casing) or text.")
  var format: AlertWriter.Format = .json

  @Flag(name: .long, help: "Go on as more comes (the default without --audit-log).")
  var follow = false

  @Flag(name: .long, help: "End when everything that is there was shown (the default with --audit-log).")
  var once = false

  @Option(name: .long, help: ArgumentHelp("End after so many alerts and logs.", valueName: "n"))
  var limit: Int?

  @Option(name: .long, help: ArgumentHelp("Only of a subject. May be given again.", valueName: "name"))
  var subject: [String] = []

  @Option(name: .long, help: ArgumentHelp("Only of a policy. May be given again.", valueName: "name"))
  var policy: [String] = []

  @Option(name: .long, help: "Only process, file, network, capabilities or syscall. May be given again.")
  var operation: [Operation] = []

  @Option(name: .long, help: "Only block, audit or log (what was allowed). May be given again.")
  var action: [AlertFilter.Outcome] = []

  @Option(name: .long, help: ArgumentHelp("Only alerts of at least this severity, 1 to 10.", valueName: "n"))
  var severityAtLeast: Int?

  @Flag(name: .long, help: "Of a log, only what was written since this boot.")
  var sinceBoot = false

  @OptionGroup var node: NodeOptions

  func validate() throws {
    if follow && once { throw ValidationError("--follow and --once exclude each other") }
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1") }
    if let severityAtLeast, !(1...10).contains(severityAtLeast) {
      throw ValidationError("--severity-at-least takes a number from 1 to 10")
    }
    if auditLog == nil {
      if sinceBoot { throw ValidationError("--since-boot needs --audit-log: the matcher has no older events") }
      if bundle != nil { throw ValidationError("--bundle needs --audit-log: the matcher's subjects are known") }
    }
  }

  var stream: AlertStream {
    var filter = AlertFilter()
    filter.subjects = Set(subject)
    filter.policies = Set(policy)
    filter.operations = Set(operation.map(\.value))
    filter.outcomes = Set(action)
    filter.severityAtLeast = severityAtLeast
    return AlertStream(format, filter: filter, limit: limit)
  }

  func run() throws {
    do {
      if let auditLog {
        var run = try AuditLogRun(self, log: auditLog)
        try run.run()
      } else {
        var run = try EventsRun(self)
        try run.run()
      }
    } catch let error as NodeError {
      throw Failure("\(error)")
    } catch let error as FileError {
      throw Failure("\(error)")
    } catch let end as EventOutput.End {
      if case .failed(let error) = end { throw Failure("\(error)") }
    }
  }
}

extension AlertWriter.Format: ExpressibleByArgument {}
extension AlertFilter.Outcome: ExpressibleByArgument {}
