internal import Diagnostics
package import IR

/// Who decides the events of an entry on one side, and the rules that its cause names: what a reviewer looks up.
package struct EntryReason: Hashable, Sendable {
  /// `Block read and write of /etc/shadow`, `no rule covers it: allowed`, `default posture of file: block`; safe to print.
  package let words: String
  /// The rule's, with the line that it stands on.
  package let origin: Origin?

  /// The rules of the cause first, then the other deciders in the order of the witnesses; each once.
  package static func all(of entry: ChangeEntry, _ side: DiffSources.Side) -> [EntryReason] {
    let named = side == .old ? entry.cause.old : entry.cause.new
    let verdict = side == .old ? entry.old : entry.new
    var result: [EntryReason] = []
    var seen: Set<Decider> = []
    if let named {
      result.append(EntryReason(words: named.words, origin: named.origin))
      seen.insert(.rule(named.origin))
    }
    for witness in entry.regions.lazy.flatMap(\.witnesses) {
      let decider = (side == .old ? witness.old : witness.new).decider
      guard seen.insert(decider).inserted else { continue }
      result.append(EntryReason(decider, verdict))
    }
    return result
  }

  private init(words: String, origin: Origin?) {
    self.words = words
    self.origin = origin
  }

  private init(_ decider: Decider, _ verdict: Verdict) {
    switch decider {
    case .nothing: self.init(words: "no rule covers it: \(verdict.done)", origin: nil)
    case .posture(let resourceClass):
      // Process has no posture of its own.
      let name = (resourceClass == .process ? .file : resourceClass).rawValue
      self.init(words: "no rule allows it; posture of \(name): \(verdict.name)", origin: nil)
    case .rule(let origin):
      self.init(words: DisplayText.safe("\(origin.policy) \(origin.path)"), origin: origin)
    }
  }

  /// `policies/shop.yaml:12`; safe to print.
  package var location: String? { origin.map { DisplayText.safe($0.location.description) } }
}

extension EntryReason {
  /// The YAML that it stands on, without what indents it, safe to print.
  package func line(_ side: DiffSources.Side, _ sources: DiffSources) -> String? {
    origin.flatMap { DiffPlace($0.location, side).line(sources) }
  }
}

extension DiffPlace {
  package func line(_ sources: DiffSources) -> String? {
    guard let line = sources.line(location, side) else { return nil }
    let text = line.trimming { $0 == " " || $0 == "\t" }
    return text.isEmpty ? nil : DisplayText.safe(text)
  }
}

extension String {
  /// Without the characters at both ends that `isBlank` names.
  fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
    guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
      return ""
    }
    return String(self[first...last])
  }
}
