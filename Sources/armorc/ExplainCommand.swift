import Analysis
import ArgumentParser
import Diagnostics
import IR

/// `armorc explain`: one event, or a whole subject, in words.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what happens to an access and why, or what a subject may do.",
    discussion: """
      With --event: the verdict, who decided it and why no other rule did. With --who-can: every subject and source that \
      can. Without either: what each subject may execute, read, write, connect to and use. Ends with 0 whatever the \
      verdict is.
      """
  )

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: ArgumentHelp("Files and directories; - is standard input.", valueName: "path"))
  var paths: [String] = ["."]

  @Option(
    name: .long,
    help: ArgumentHelp(
      "An event, such as 'exec /bin/sh from /usr/sbin/nginx as owner' (docs/events.md).",
      valueName: "text"
    )
  )
  var event: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Events as JSON: the text itself, a file, or - for standard input.",
      valueName: "json"
    )
  )
  var eventJson: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "List the subjects and sources that can do something, such as 'write /etc/shadow' or 'read /etc/**'.",
      valueName: "access"
    )
  )
  var whoCan: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whose events: the name of a subject, namespace/key=value,…[:container], or host:name.",
      valueName: "subject"
    )
  )
  var subject: String?

  @Option(
    name: [.customLong("class")],
    help: "Of a whole subject only one class: process, file, network, capabilities or syscalls."
  )
  var resourceClass: ClassArgument?

  @Option(name: .long, help: "How the answer is written: text or json (an object a line).")
  var format: Format = .text

  @OptionGroup var options: PolicyOptions

  func validate() throws {
    let asked = [("--event", event), ("--event-json", eventJson), ("--who-can", whoCan)].filter { $0.1 != nil }
    if asked.count > 1 {
      throw ValidationError("\(asked.map(\.0).joined(separator: " and ")) ask different things; give one of them")
    }
    if resourceClass != nil, let other = asked.first {
      throw ValidationError("--class narrows what is said of a whole subject; it does not go with \(other.0)")
    }
    if eventJson == "-", paths.contains("-") {
      throw ValidationError("standard input is either policies or events; give one of them as a file")
    }
  }

  func run() throws {
    // What is wrong on the command line is said before anything is read.
    let event = try event.map { text in
      do throws(EventSyntaxError) { return try Event(parsing: text) } catch {
        throw ExplainCommand.usage("--event: " + error.text(for: text))
      }
    }
    let access = try whoCan.map { text in
      do throws(EventSyntaxError) { return try AccessQuery(parsing: text) } catch {
        throw ExplainCommand.usage("--who-can: " + error.text(for: text))
      }
    }
    let query = try subject.map { text in
      do throws(SubjectQueryError) { return try SubjectQuery(parsing: text) } catch {
        throw ExplainCommand.usage("--subject: " + DisplayText.safe(error.message))
      }
    }
    let records = try eventJson.map { try EventInput.read($0) }
    let input = try ExplainInput(paths: paths, options: options)
    if let event {
      try ExplainEvents(input: input, query: query, format: format, jobs: options.jobCount).answer(event)
    } else if let records {
      try ExplainEvents(input: input, query: query, format: format, jobs: options.jobCount).answer(records)
    } else if let access {
      try ExplainWhoCan(input: input, query: query, format: format, jobs: options.jobCount).answer(access)
    } else {
      try ExplainSubjects(input: input, query: query, format: format, jobs: options.jobCount)
        .answer(resourceClass?.resourceClass)
    }
  }

  /// Wrong usage that a caret explains better than a usage line.
  static func usage(_ message: String) -> ExitCode {
    Terminal.error("armorc: " + message)
    return ExitStatus.usage.code
  }
}
