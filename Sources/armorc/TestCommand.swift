import ArgumentParser

/// `armorc test`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "test", abstract: "Run the tests beside the policies.")

  func run() throws { throw Failure("'test' is not there yet") }
}
