import Analysis
import ArgumentParser
import IR
import Runtime

/// `armorc diff`: what a change of policies means.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what a change of policies newly allows, reports or blocks, with example accesses.",
    discussion: """
      OLD and NEW are each a file, a directory, a bundle, - (standard input) or a git revision: REV:PATH with PATH from \
      the top of the repository (REV:./PATH from here), :PATH for the index, or REV alone for what NEW names, else for \
      the current directory. Without NEW, OLD is compared with the work tree. OLD..NEW compares two revisions, \
      OLD...NEW starts where they parted. Ends with 1 if a verdict changes (--fail-on), else with 0.
      """
  )

  @Argument(help: ArgumentHelp("OLD and NEW, or a git revision alone.", valueName: "side"))
  var sides: [String]

  @Option(name: .long, help: "How the diff is written: text, markdown, json, sarif or html.")
  var format: DiffFormat = .text

  @Option(name: .long, help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"))
  var output: String?

  @Option(name: .long, help: "Which changes make the exit status 1: looser, tighter, any or never (default: any).")
  var failOn: DiffFailure?

  @Flag(name: .long, help: "End with 0 if equal, 4 if tighter, 5 if looser, 6 if both or not known.")
  var detailedExitCode = false

  @Flag(name: .long, help: "A table of subjects and classes instead of the changes.")
  var stat = false

  @Option(
    name: .long,
    help: ArgumentHelp("Only subjects of this name; * and ? match as in a shell. Repeatable.", valueName: "name")
  )
  var subject: [String] = []

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "Only this class: process, file, network, capabilities or syscalls. Repeatable.",
      valueName: "class"
    )
  )
  var classes: [ClassArgument] = []

  @Option(name: .long, help: "Compare what this enforcer's artifacts do: apparmor or bpf.")
  var enforcer: EnforcerArgument?

  @Option(name: .long, help: ArgumentHelp("Example accesses per change.", valueName: "n"))
  var witnesses: Int?

  @Flag(name: .long, help: "Leave policies with errors out on both sides and compare the rest.")
  var keepGoing = false

  @Option(
    name: .long,
    help: ArgumentHelp("As --posture, for OLD alone: what would another posture change?", valueName: "class=posture")
  )
  var oldPosture: [PostureArgument] = []

  @Option(name: .long, help: "As --base, for OLD alone; none for no list.")
  var oldBase: OldBaseArgument?

  @OptionGroup var options: PolicyOptions

  func validate() throws {
    try SideArguments.check(sides)
    if detailedExitCode, failOn != nil {
      throw ValidationError("--detailed-exit-code and --fail-on both set the exit status: give one of them")
    }
    if stat, format != .text { throw ValidationError("--stat is a table in text; leave --format out") }
    if let witnesses, !(0...1000).contains(witnesses) {
      throw ValidationError("--witnesses takes a whole number from 0 to 1000, not \(witnesses)")
    }
    for (index, one) in oldPosture.enumerated() where oldPosture[..<index].contains(where: { $0.name == one.name }) {
      throw ValidationError("--old-posture names '\(one.name)' twice")
    }
  }

  func run() throws {
    let arguments = try SideArguments(sides)
    let loaded: DiffSides
    do {
      loaded = try DiffSides(arguments, sideOptions)
    } catch let errors as SideErrors {
      Terminal.error(errors.text(colour: Terminal.wantsErrorColour, width: Terminal.width))
      throw ExitStatus.failure.code
    }
    for note in loaded.notes { Terminal.note(note) }
    note("left out on both sides, for errors", loaded.leftOut.policies.map { "\($0.kind.rawValue) '\($0)'" })
    note("files with errors, of which only what is sound was compared", loaded.leftOut.files.map { "'\($0)'" })
    let selection = DiffSelection(subjects: subject, classes: Set(classes.map(\.resourceClass)))
    let diff = try DiffRun(sides: loaded, enforcer: enforcer, selection: selection, jobs: options.jobCount).diff()
    if !classes.isEmpty {
      let words = ClassArgument.known.filter(selection.classes.contains).map(\.rawValue).joined(separator: ", ")
      Terminal.note("of all classes only these were looked at: \(words)")
    }
    let text = render(diff, loaded)
    if let output {
      do throws(FileError) {
        try FileAccess.replace(output, with: Array((text.hasSuffix("\n") ? text : text + "\n").utf8))
      } catch {
        throw Failure("\(error)")
      }
    } else {
      Terminal.print(text)
    }
    let isUnknown = diff.isPartlyUnknown || loaded.leftOut.isChanged
    let status =
      detailedExitCode
      ? DiffStatus.detailed(diff.direction, isUnknown: isUnknown)
      : DiffStatus.status(diff.direction, isUnknown: isUnknown, failOn: failOn ?? .any)
    if status != ExitStatus.clean.rawValue { throw ExitCode(status) }
  }

  private func note(_ what: String, _ things: [String]) {
    guard !things.isEmpty else { return }
    let more = things.count > 20 ? " and \(things.count - 20) more" : ""
    Terminal.note("\(what): \(things.prefix(20).joined(separator: ", "))\(more)")
  }

  private var sideOptions: DiffSides.Options {
    let newPostures = options.postures
    return DiffSides.Options(
      postures: [PolicyOptions.postures(oldPosture).or(newPostures), newPostures],
      bases: [oldBase.map(\.list) ?? options.base?.list, options.base?.list],
      keepGoing: keepGoing,
      jobs: options.jobCount
    )
  }

  private func render(_ diff: PolicyDiff, _ sides: DiffSides) -> String {
    let sources = DiffSources(
      oldName: sides.old.name,
      newName: sides.new.name,
      line: { $1 == .old ? sides.old.line($0) : sides.new.line($0) },
      file: { location, _ in sides.repositoryName(location) }
    )
    let colour = output == nil && Terminal.wantsColour
    let width = output == nil ? Terminal.width : 120
    if stat { return DiffStat.render(diff, sources: sources, colour: colour, width: width) }
    switch format {
    case .text:
      return DiffText.render(diff, sources: sources, colour: colour, width: width, witnesses: witnesses ?? 1)
    case .markdown: return DiffMarkdown.render(diff, sources: sources, witnesses: witnesses ?? 1)
    case .json: return DiffJSON.render(diff, sources: sources)
    case .sarif: return DiffSARIF.render(diff, sources: sources, version: Armorc.version)
    case .html: return DiffHTML.render(diff, sources: sources, witnesses: witnesses ?? 3)
    }
  }
}
