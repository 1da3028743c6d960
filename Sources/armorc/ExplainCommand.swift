import ArgumentParser

/// `armorc explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "explain", abstract: "Say what happens to an access and why, or what a subject may do.")

  func run() throws { throw Failure("'explain' is not there yet") }
}
