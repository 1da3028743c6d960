import Analysis
import ArgumentParser
import Diagnostics
import Runtime

/// `armorc rule`: the page of a finding.
struct RuleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rule",
    abstract: "Print what a finding means, or list all findings."
  )

  @Argument(help: ArgumentHelp("A code such as ARM2001; without one, all are listed.", valueName: "code"))
  var code: String?

  @Option(name: .long, help: .hidden)
  var write: String?

  @Option(name: .long, help: .hidden)
  var check: String?

  func run() throws {
    if let write { return try RuleCommand.write(to: write) }
    if let check { return try RuleCommand.check(check) }
    guard let code else {
      for page in FindingPages.all.pages { Terminal.print("\(page.id)  \(page.severity.rawValue)  \(page.summary)") }
      return
    }
    guard let page = FindingPages.all.pages.first(where: { $0.id == code.uppercased() || $0.name == code }) else {
      throw ValidationError("there is no finding '\(code)'; 'armorc rule' lists all")
    }
    Terminal.print(RulePages.text(page))
  }

  /// Writes the pages and nothing else into a directory (`make docs`).
  private static func write(to directory: String) throws {
    do {
      let writer = try DirectoryWriter.start(target: directory, marker: "README.md")
      for file in FindingPages.all.files { try writer.write(file.name, Array(file.text.utf8)) }
      try writer.commit()
    } catch {
      throw Failure("\(error)")
    }
  }

  /// Says which pages differ from the rules (`make check`).
  private static func check(_ directory: String) throws {
    let wanted = FindingPages.all.files
    var different = wanted.filter { file in
      (try? FileAccess.read(directory + "/" + file.name, limit: 1 << 20)) != Array(file.text.utf8)
    }.map(\.name)
    let names = Set(wanted.map(\.name))
    different += ((try? FileAccess.entries(of: directory)) ?? []).filter { !names.contains($0) }
    guard different.isEmpty else {
      Terminal.error(
        "armorc: \(directory) differs from the rules (make docs writes it): \(different.joined(separator: ", "))"
      )
      throw ExitStatus.findings.code
    }
  }
}
