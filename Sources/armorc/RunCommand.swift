import ArgumentParser
import Glibc
import Runtime

/// `armorc run`: executes a command in a domain.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Execute a command in a domain.",
    discussion: """
      Attaches this process, then executes the command in its place: its whole tree of processes stays in the domain. \
      The exit status is the command's; 126 if it may not be executed, 127 if there is none, 3 if it cannot be attached.
      """
  )

  @Option(
    name: .long,
    help: ArgumentHelp("A subject of the bundle in force, such as shop.cart.cart; shop/cart if that is clear.")
  )
  var domain: String

  @OptionGroup var node: NodeOptions

  @Argument(parsing: .postTerminator, help: ArgumentHelp("After --: the command and its arguments.", valueName: "cmd"))
  var command: [String] = []

  func validate() throws {
    if command.first?.isEmpty ?? true { throw ValidationError("name a command after '--'") }
  }

  func run() throws {
    let name = command[0]
    // Looked for before anything is attached: the policy decides over executing it, not over finding it.
    guard let path = name.contains("/") ? name : Program.path(of: name, further: []) else {
      Terminal.error("armorc: there is no command '\(name)' on PATH")
      throw ExitCode(127)
    }
    let error = try node.on(node.only()) { enforcer throws(NodeError) in
      try enforcer.run(path, command, in: domain)
    }
    Terminal.error("armorc: cannot execute '\(path)': \(error)")
    throw ExitCode(error.number == ENOENT ? 127 : 126)
  }
}

/// `armorc attach`: gives running tasks to a domain.
struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Give a running process or a control group to a domain.",
    discussion: """
      Of a process, all threads; of a control group (cgroup2), all tasks in it and in the groups below, and whoever enters \
      one of them from now on, also one that is made later. What is attached stays so, wherever it moves. Files that are open already stay open.
      """
  )

  @Option(name: .long, help: ArgumentHelp("A subject of the bundle in force, as for 'armorc run'."))
  var domain: String

  @Option(name: .long, help: ArgumentHelp("A process.", valueName: "pid"))
  var pid: UInt32?

  @Option(name: .long, help: ArgumentHelp("A directory in a cgroup2 file system.", valueName: "path"))
  var cgroup: String?

  @OptionGroup var node: NodeOptions

  func validate() throws {
    guard (pid == nil) != (cgroup == nil) else { throw ValidationError("name either --pid or --cgroup") }
    if let pid, pid == 0 || pid > UInt32(Int32.max) { throw ValidationError("--pid takes the number of a process") }
  }

  func run() throws {
    let target = if let pid { AttachmentTarget.process(pid) } else { AttachmentTarget.cgroup(cgroup ?? "") }
    let result = try node.on(node.only()) { enforcer throws(NodeError) in try enforcer.attach(target, to: domain) }
    let groups = result.groups > 0 ? " in \(Plural.of(result.groups, "control group"))" : ""
    Terminal.print("attached \(Plural.of(result.threads, "thread"))\(groups) to \(result.domain)")
  }
}
