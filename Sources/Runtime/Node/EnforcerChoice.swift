internal import Bundle

/// Which enforcer a bundle is loaded with when nobody says: one that it was built for, and that this node has.
package struct EnforcerChoice: Hashable, Sendable {
  package struct Candidate: Hashable, Sendable {
    package let probe: EnforcerProbe
    /// Whether something of it is in force already.
    package let isLoaded: Bool

    package init(_ probe: EnforcerProbe, isLoaded: Bool) {
      self.probe = probe
      self.isLoaded = isLoaded
    }
  }

  package let name: String
  /// Why it is not the one that this node would have taken; one line.
  package let note: String?

  /// - Parameters:
  ///   - targets: enforcers that the bundle has an artifact of every subject for.
  ///   - candidates: in the order of preference.
  /// - Throws: `NodeError` if nothing fits: what the bundle holds, what the node has, and what to do.
  package init(holding targets: Set<String>, among candidates: [Candidate]) throws(NodeError) {
    let held = candidates.filter { targets.contains($0.probe.name) }
    let holds = EnforcerChoice.list(held.map(\.probe.name))
    let loaded = candidates.filter(\.isLoaded)
    if let first = held.first(where: \.isLoaded) {
      name = first.probe.name
      let others = held.filter { $0.isLoaded && $0.probe.name != first.probe.name }.map(\.probe.name)
      note =
        others.isEmpty
        ? nil
        : "\(EnforcerChoice.list(others)) of before stay in force as they are: load again with "
          + others.map { "--enforcer \($0)" }.joined(separator: ", ")
      return
    }
    if let other = loaded.first {
      throw NodeError(
        "\(EnforcerChoice.words(other.probe.name)) are in force on this node and the bundle holds \(holds): build it with "
          + "--target \(other.probe.name)"
          + (held.first.map { ", 'armorc unload' first, or --enforcer \($0.probe.name) to have both in force" } ?? "")
      )
    }
    let preferred = candidates.first(where: \.probe.isUsable)
    if let chosen = held.first(where: \.probe.isUsable) {
      name = chosen.probe.name
      note =
        if let preferred, preferred.probe.name != name {
          "the bundle holds no \(EnforcerChoice.words(preferred.probe.name)), which this node would prefer: loading its "
            + EnforcerChoice.words(name)
        } else if let better = held.first, better.probe.name != name {
          "loading \(EnforcerChoice.words(name)): \(better.probe.name) does not work here (see 'armorc probe')"
        } else {
          nil
        }
      return
    }
    let reasons = held.map { "; \($0.probe.name) does not work here: \(EnforcerChoice.reasons($0.probe))" }.joined()
    let fix =
      if let preferred {
        "; this node enforces \(EnforcerChoice.words(preferred.probe.name)): build the bundle with --target "
          + preferred.probe.name
      } else {
        "; nothing else would work here either (see 'armorc probe')"
      }
    throw NodeError("the bundle holds \(holds)" + reasons + fix)
  }

  /// The enforcers that a directory of `build` has an artifact of every subject for.
  package static func targets(ofBundle directory: String) throws(NodeError) -> Set<String> {
    let manifest = try Manifest.read(directory: directory)
    var targets = Set(manifest.options.targets)
    for subject in manifest.subjects { targets.formIntersection(subject.artifacts.map(\.target)) }
    return targets
  }

  private static func words(_ enforcer: String) -> String {
    switch enforcer {
    case "bpf": "BPF map images"
    case "apparmor": "AppArmor profiles"
    default: enforcer
    }
  }

  private static func list(_ enforcers: [String]) -> String {
    enforcers.isEmpty ? "nothing that a node could enforce" : enforcers.map(words).joined(separator: " and ")
  }

  private static func reasons(_ probe: EnforcerProbe) -> String {
    (probe.obstacles + probe.unseen).joined(separator: "; ")
  }
}

extension Manifest {
  /// That of a directory that `build` wrote.
  static func read(directory: String) throws(NodeError) -> Manifest {
    let path = directory + "/" + Manifest.fileName
    do {
      return try Manifest(json: try FileAccess.read(path, limit: Manifest.maximumSize))
    } catch let error as FileError {
      throw NodeError(error)
    } catch let error as ManifestError {
      throw NodeError("'\(path)': \(error.message)")
    } catch {
      throw NodeError("'\(path)': \(error)")
    }
  }
}
