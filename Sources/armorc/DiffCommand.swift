import ArgumentParser

/// `armorc diff`.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what a change of policies newly allows, reports or blocks, with example accesses."
  )

  func run() throws { throw Failure("'diff' is not there yet") }
}
