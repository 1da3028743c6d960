import ArgumentParser

/// `armorc simulate`.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "simulate", abstract: "Replay recorded events against policies.")

  func run() throws { throw Failure("'simulate' is not there yet") }
}
