import ArgumentParser
import Runtime

/// `armorc load`: puts a bundle in force on this node.
struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Put a bundle in force on this node.",
    discussion: """
      All subjects switch at once: whatever happens, even to this process, either all of the old policies are in force or \
      all of the new ones. Running tasks stay attached. The generation before is kept for 'armorc rollback'. Nothing is \
      denied to a task that nobody attached: see 'armorc run' and 'armorc attach'. Without --enforcer, a bundle goes to what \
      is in force already, else to what it holds artifacts for and works here, BPF first. \
      Needs root, or CAP_BPF and CAP_PERFMON; for AppArmor CAP_MAC_ADMIN.
      """
  )

  @Argument(help: ArgumentHelp("A directory that 'armorc build' wrote.", valueName: "dir"))
  var bundle: String

  @Flag(name: .long, help: "Read and check everything, say what would happen, change nothing.")
  var check = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Roll back by itself unless 'armorc confirm' comes in time, such as 60s or 5m.",
      valueName: "time"
    )
  )
  var confirmWithin: TimeSpan?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Events per second and domain that are reported, 0 all (default: as before).",
      valueName: "number"
    )
  )
  var rate: UInt32?

  @OptionGroup var node: NodeOptions

  func run() throws {
    let enforcer = try node.chosen(forBundle: bundle)
    let node = node
    var request = LoadRequest(directory: bundle) { confirmation throws(NodeError) in
      try Watchdog.start(["watchdog", "--token", "\(confirmation.token)"] + node.arguments(for: enforcer))
    }
    request.isDryRun = check
    request.confirmWithin = confirmWithin?.seconds
    request.rate = rate
    let result = try node.on(enforcer) { enforcer throws(NodeError) in try enforcer.load(request) }
    var lines: [String] = []
    let what =
      "generation \(result.generation): \(Plural.of(result.domains, "domain")), \(ByteCount.text(result.bytes))"
    lines.append(check ? "would load \(what)" : "loaded \(what)")
    if let before = result.before { lines.append("generation \(before) is kept: 'armorc rollback' returns to it") }
    if !result.emptied.isEmpty {
      lines.append("no policy any more: \(result.emptied.joined(separator: ", "))")
    }
    if result.hasNewPrograms {
      lines.append("the programs of another armorc were exchanged for this one's, under running tasks")
    }
    if !result.skippedHooks.isEmpty {
      lines.append("hooks that this kernel lacks: \(result.skippedHooks.joined(separator: ", "))")
    }
    if let confirmWithin, !check {
      lines.append("'armorc confirm' within \(confirmWithin.text), or it is rolled back")
    }
    Terminal.print(lines.joined(separator: "\n"))
  }
}

/// A time on the command line: `90`, `60s`, `5m`, `1h`; at least a second, at most a day.
struct TimeSpan: ExpressibleByArgument {
  let seconds: Int

  init?(argument: String) {
    let units = ["s": 1, "m": 60, "h": 3600]
    let unit = argument.last.flatMap { units[String($0)] }
    let digits = unit == nil ? argument[...] : argument.dropLast()
    guard let number = Int(digits), digits.allSatisfy(\.isNumber), (1...86400).contains(number) else { return nil }
    let seconds = number * (unit ?? 1)
    guard seconds <= 86400 else { return nil }
    self.seconds = seconds
  }

  var text: String { Plural.of(seconds, "second") }
}

/// `armorc confirm`: keeps a generation that waits for it.
struct ConfirmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "confirm",
    abstract: "Keep the generation that 'armorc load --confirm-within' put in force."
  )

  @OptionGroup var node: NodeOptions

  func run() throws {
    let generation = try node.on(node.only()) { enforcer throws(NodeError) in try enforcer.confirm() }
    Terminal.print("generation \(generation) stays in force")
  }
}

/// Started by `load --confirm-within`, by nobody else.
struct WatchdogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watchdog",
    abstract: "Roll back a load that nobody confirms.",
    shouldDisplay: false
  )

  @Option(name: .long, help: "Of the load.")
  var token: UInt64

  @OptionGroup var node: NodeOptions

  func run() throws {
    let enforcer = node.chosen
    Watchdog.watch(enforcer.paths, token: token) { () throws(NodeError) in try enforcer.expire(token: token) }
  }
}

/// `armorc rollback`: returns to the generation before.
struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Return to the generation before, at once and for all subjects."
  )

  @Flag(name: .long, help: "Return to the generation that the last roll-back left.")
  var forward = false

  @OptionGroup var node: NodeOptions

  func run() throws {
    let result = try node.on(node.only()) { enforcer throws(NodeError) in try enforcer.rollback(forward: forward) }
    Terminal.print("generation \(result.to) is in force instead of \(result.from)")
  }
}

/// `armorc unload`: takes everything away.
struct UnloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unload",
    abstract: "Take all policies off this node.",
    discussion: "Programs are detached, pins and files removed. Tasks are free from then on; nothing is left behind."
  )

  @OptionGroup var node: NodeOptions

  func run() throws {
    var wasLoaded = false
    for enforcer in node.concerned {
      if try node.on(enforcer, { enforcer throws(NodeError) in try enforcer.unload() }) { wasLoaded = true }
    }
    Terminal.print(wasLoaded ? "unloaded" : "nothing was loaded")
  }
}
