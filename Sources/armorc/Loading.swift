import ArgumentParser
import Frontend
import IR
import Runtime

/// Options that several subcommands share.
struct PolicyOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Global default posture of a class, as class=allow|audit|block with class file, network or capabilities.",
      discussion: "Wins over KubeArmorConfig and ConfigMap; annotations of a namespace win over it.",
      valueName: "class=posture"
    )
  )
  var posture: [PostureArgument] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Join a named base list to every allow-list: \(BaseList.all.map(\.name).joined(separator: ", "))."
    )
  )
  var base: BaseArgument?

  @Option(name: [.short, .long], help: "How many files and subjects to work on at a time (default: all cores).")
  var jobs: Int?

  func validate() throws {
    if let jobs, !(1...256).contains(jobs) {
      throw ValidationError("--jobs takes a whole number from 1 to 256, not \(jobs)")
    }
    for (index, one) in posture.enumerated() where posture[..<index].contains(where: { $0.name == one.name }) {
      throw ValidationError("--posture names '\(one.name)' twice")
    }
  }

  var jobCount: Int { jobs ?? Machine.coreCount }

  /// The postures given on the command line.
  var postures: PartialPostures { PolicyOptions.postures(posture) }

  static func postures(_ arguments: [PostureArgument]) -> PartialPostures {
    var result = PartialPostures()
    for argument in arguments {
      switch argument.name {
      case "file": result.file = argument.posture
      case "network": result.network = argument.posture
      default: result.capabilities = argument.posture
      }
    }
    return result
  }
}

/// `file=block`.
struct PostureArgument: ExpressibleByArgument, Sendable {
  let name: String
  let posture: Posture

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, ["file", "network", "capabilities"].contains(parts[0]),
      let posture = Posture(rawValue: parts[1])
    else { return nil }
    name = parts[0]
    self.posture = posture
  }
}

struct BaseArgument: ExpressibleByArgument, Sendable {
  let list: BaseList
  init?(argument: String) {
    guard let list = BaseList.named(argument) else { return nil }
    self.list = list
  }
}

/// Policies and context from the files that a command names.
enum Loading {
  static func load(
    _ files: [(name: String, bytes: [UInt8])],
    jobs: Int,
    quiet: Bool = false,
    tests: TestFileMode = .passOver
  ) -> LoadResult {
    struct Input: Sendable {
      let index: Int
      let name: String
      let bytes: [UInt8]
    }
    let inputs = files.enumerated().map { Input(index: $0.offset, name: $0.element.name, bytes: $0.element.bytes) }
    let progress = Progress("reading")
    let results = parallelMap(
      inputs,
      jobs: jobs,
      finished: { if !quiet { progress.show($0, of: inputs.count) } }
    ) { Frontend.read(name: $0.name, bytes: $0.bytes, index: $0.index, tests: tests) }
    return Frontend.join(results)
  }
}
