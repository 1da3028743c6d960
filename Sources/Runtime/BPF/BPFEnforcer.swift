internal import CLinux
internal import Glibc
internal import Matcher

/// BPF programs on LSM hooks.
package struct BPFEnforcer: NodeEnforcer {
  package let paths: NodePaths
  /// Maps without programs: for tests on kernels without the LSM.
  private let mapsOnly: Bool
  /// What programs come from.
  var object: [UInt8] { otherObject ?? MatcherObject.bytes }
  /// Of another armorc, for tests.
  var otherObject: [UInt8]?

  package init(_ paths: NodePaths, mapsOnly: Bool = false) {
    self.paths = paths
    self.mapsOnly = mapsOnly
  }

  package var name: String { BundleImages.target }

  package var isLoaded: Bool { FileAccess.kind(of: paths.pins) == .directory }

  package func load(_ request: LoadRequest) throws(NodeError) -> LoadOutcome {
    let load = GenerationLoad(
      try BundleImages(directory: request.directory),
      request,
      paths: paths,
      object: object,
      mapsOnly: mapsOnly
    )
    return request.isDryRun ? try load.check() : try load.run()
  }

  package func rollback(forward: Bool) throws(NodeError) -> RollbackResult {
    try NodeRollback.run(paths, forward: forward)
  }
  package func confirm() throws(NodeError) -> UInt32 { try NodeRollback.confirm(paths) }
  package func expire(token: UInt64) throws(NodeError) { try NodeRollback.expire(paths, token: token) }
  package func unload() throws(NodeError) -> Bool { try NodeRollback.unload(paths) }
  package func status() throws(NodeError) -> NodeStatus? { try NodeStatus.read(paths) }

  package func attach(_ target: AttachmentTarget, to domain: String) throws(NodeError) -> AttachmentResult {
    try Attachment.attach(target, to: domain, paths)
  }

  package func run(_ path: String, _ arguments: [String], in domain: String) throws(NodeError) -> SystemError {
    // Another process attaches this one: a task of a domain may not use bpf(), nor hold what it was opened with. Until it
    // executes, it has no source: rules with fromSource do not speak of this first execution.
    let own = UInt32(getpid())
    try ForkedChild.run { () throws(NodeError) in
      _ = try Attachment.attach(.process(own), to: domain, paths, withSource: false)
    }
    return Program.replace(path, arguments)
  }

  package func probe() -> EnforcerProbe {
    var probe = EnforcerProbe(name: name)
    let modules = KernelSecurity.read()
    do throws(NodeError) { try modules.requireBPF() } catch {
      if modules.modules == nil { probe.unseen.append(error.message) } else { probe.obstacles.append(error.message) }
    }
    if FileAccess.kind(of: KernelTypes.path) == .missing {
      probe.obstacles.append("the kernel does not describe its types: no '\(KernelTypes.path)' (CONFIG_DEBUG_INFO_BTF)")
    }
    do throws(NodeError) { try paths.checkPins() } catch { probe.obstacles.append(error.message) }
    let missing = Privileges.missing.map(\.name)
    if !missing.isEmpty {
      probe.obstacles.append("this process lacks \(missing.joined(separator: " and "))")
    }
    let kernel = KernelRelease.running
    if kernel.numbers < (5, 15) {
      probe.obstacles.append("kernel \(kernel.release) is too old: the programs were tried on 6.1 and 6.12")
    }
    if kernel.losesTaskStorage {
      probe.facts.append("tasks are known by pointer: before 6.2 a preemptible kernel can lose sight of their storage")
    }
    return probe
  }
}
