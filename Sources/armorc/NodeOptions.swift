import ArgumentParser
import Backends
import Runtime

/// Where the verbs of a node find what is loaded, and whose it is.
struct NodeOptions: ParsableArguments {
  enum Enforcer: String, ExpressibleByArgument, CaseIterable { case bpf, apparmor }

  @Option(
    name: .long,
    help: ArgumentHelp(
      "bpf or apparmor (default: what is loaded, else what the bundle holds and the node has).",
      valueName: "enforcer"
    )
  )
  var enforcer: Enforcer?

  @Option(name: .long, help: ArgumentHelp("Directory of our own in a BPF file system.", valueName: "dir"))
  var bpffs = NodePaths.standard.pins

  @Option(name: .long, help: ArgumentHelp("Directory for what user space keeps of a load.", valueName: "dir"))
  var state = NodePaths.standard.state

  @Flag(name: .long, help: ArgumentHelp("Make maps, load no programs: nothing is decided.", visibility: .private))
  var mapsOnly = false

  func validate() throws {
    for (name, path) in [("--bpffs", bpffs), ("--state", state)] where !path.hasPrefix("/") || path.count < 2 {
      throw ValidationError("\(name) takes an absolute path, not '\(path)'")
    }
  }

  var paths: NodePaths { NodePaths(pins: bpffs, state: state) }

  /// All that armorc knows, in order of preference.
  var all: [any NodeEnforcer] {
    [BPFEnforcer(paths, mapsOnly: mapsOnly), AppArmorEnforcer(paths, features: KernelFeatures.text)]
  }

  private var named: (any NodeEnforcer)? { enforcer.flatMap { enforcer in all.first { $0.name == enforcer.rawValue } } }

  /// The one that was asked for; else the one that something is loaded for; else the first that works here, or the first.
  var chosen: any NodeEnforcer {
    named ?? all.first(where: \.isLoaded) ?? all.first { $0.probe().isUsable } ?? all[0]
  }

  /// As `chosen`, for verbs that must not guess where both have something loaded.
  func only() throws -> any NodeEnforcer {
    let loaded = all.filter(\.isLoaded)
    guard enforcer != nil || loaded.count < 2 else {
      throw Failure(
        "\(loaded.map(\.name).joined(separator: " and ")) both have something loaded on this node: say which with --enforcer"
      )
    }
    return chosen
  }

  /// All that have something loaded, unless one was asked for; never empty.
  var concerned: [any NodeEnforcer] {
    let loaded = all.filter(\.isLoaded)
    return enforcer != nil || loaded.isEmpty ? [chosen] : loaded
  }

  /// The one that a bundle is loaded with: what was asked for, else what the bundle holds and this node has. Says so where
  /// that is not what the node prefers.
  func chosen(forBundle directory: String) throws -> any NodeEnforcer {
    if let named { return named }
    let all = all
    if mapsOnly { return all[0] }
    do throws(NodeError) {
      let choice = try EnforcerChoice(
        holding: try EnforcerChoice.targets(ofBundle: directory),
        among: all.map { EnforcerChoice.Candidate($0.probe(), isLoaded: $0.isLoaded) }
      )
      if let note = choice.note { Terminal.note(note) }
      return all.first { $0.name == choice.name } ?? all[0]
    } catch {
      throw Failure("\(error)")
    }
  }

  /// The options again, for a process of our own.
  func arguments(for enforcer: any NodeEnforcer) -> [String] {
    ["--enforcer", enforcer.name, "--bpffs", bpffs, "--state", state] + (mapsOnly ? ["--maps-only"] : [])
  }

  /// Does something with the enforcer; errors of the node end with status 3.
  func on<Result>(
    _ enforcer: any NodeEnforcer,
    _ body: (any NodeEnforcer) throws(NodeError) -> Result
  ) throws -> Result {
    do throws(NodeError) {
      return try body(enforcer)
    } catch {
      throw Failure("\(error)")
    }
  }
}
