import Diagnostics
import IR

/// Joins what several files say about the cluster; what they contradict each other in is an error, because the order of
/// files decides nothing.
enum ContextJoin {
  static func join(_ parts: [ManifestContext], _ diagnostics: inout [Diagnostic]) -> ManifestContext {
    var result = ManifestContext()
    for part in parts {
      result.workloads += part.workloads
      result.nodes += part.nodes
      for (name, manifest) in part.namespaces.sorted(by: { $0.key < $1.key }) {
        guard let earlier = result.namespaces[name] else {
          result.namespaces[name] = manifest
          continue
        }
        if let diagnostic = compare(earlier, manifest) { diagnostics.append(diagnostic) }
      }
      guard let settings = part.global else { continue }
      if let earlier = result.global {
        if let diagnostic = compare(earlier, settings) { diagnostics.append(diagnostic) }
      } else {
        result.global = settings
      }
    }
    return result
  }

  static func compare(_ earlier: GlobalSettings, _ later: GlobalSettings) -> Diagnostic? {
    guard earlier.postures != later.postures || earlier.hostPostures != later.hostPostures else { return nil }
    return conflict("two global configurations set different postures", earlier.span, later.span)
  }

  private static func compare(_ earlier: NamespaceManifest, _ later: NamespaceManifest) -> Diagnostic? {
    let same =
      earlier.file == later.file && earlier.network == later.network && earlier.capabilities == later.capabilities
    return same
      ? nil
      : conflict("namespace \(quoted(earlier.name)) is given twice with different postures", earlier.span, later.span)
  }

  private static func conflict(_ message: String, _ earlier: Span, _ later: Span) -> Diagnostic {
    Diagnostic(
      FrontendCode.conflictingPosture.rawValue,
      .error,
      message,
      at: later.startPoint,
      labels: [Label(earlier.startPoint, "the other one")],
      notes: ["the order of files decides nothing; give one of them"]
    )
  }
}
