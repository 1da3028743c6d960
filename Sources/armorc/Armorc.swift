import ArgumentParser
import Diagnostics
import Glibc

/// The command. Parses options, calls a library, prints, sets the exit status.
struct Armorc: ParsableCommand {
  static let version = "0.1.0"
  static let configuration = CommandConfiguration(
    commandName: "armorc",
    abstract: "Compiler and static toolchain for Linux runtime-security policy.",
    discussion: """
      PATH is a file, a directory (searched for *.yaml and *.yml), or - for standard input. Exit status: 0 nothing \
      found, 1 findings or differences, 2 wrong usage, 3 could not do the work.
      """,
    version: "armorc \(version)",
    subcommands: [
      LintCommand.self,
      BuildCommand.self,
      VerifyCommand.self,
      DiffCommand.self,
      ExplainCommand.self,
      SimulateCommand.self,
      TestCommand.self,
      ProbeCommand.self,
      LoadCommand.self,
      ConfirmCommand.self,
      RollbackCommand.self,
      StatusCommand.self,
      EventsCommand.self,
      UnloadCommand.self,
      RunCommand.self,
      AttachCommand.self,
      OCIHookCommand.self,
      WatchdogCommand.self,
      RuleCommand.self,
    ]
  )
}

/// How armorc ends; the same for every subcommand.
enum ExitStatus: Int32 {
  case clean = 0
  case findings = 1
  case usage = 2
  case failure = 3

  var code: ExitCode { ExitCode(rawValue) }
}

/// Work that could not be done: one line on standard error, exit status 3.
struct Failure: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

@main enum Main {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try Armorc.parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      // Names of files may hold what a terminal would obey.
      let lines = failure.message.split(separator: "\n", omittingEmptySubsequences: false)
      Terminal.error("armorc: " + lines.map { DisplayText.safe(String($0)) }.joined(separator: "\n"))
      exit(ExitStatus.failure.rawValue)
    } catch {
      let code = Armorc.exitCode(for: error)
      // ArgumentParser ends with 64 on wrong usage; the contract here is 2.
      if code == .validationFailure {
        Terminal.error(Armorc.fullMessage(for: error))
        exit(ExitStatus.usage.rawValue)
      }
      let message = Armorc.fullMessage(for: error)
      if !message.isEmpty { Terminal.print(message) }
      exit(code.rawValue)
    }
  }
}
