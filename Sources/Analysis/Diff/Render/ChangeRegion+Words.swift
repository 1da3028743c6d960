internal import Diagnostics
internal import IR

extension ChangeRegion {
  /// What is done to the objects: `read and write`, `network`, `capability`, `syscall mount, umount2`.
  package var operationWords: String {
    switch objects {
    case .paths(let operations, _): PathOperation.words(operations)
    case .sockets: "network"
    case .capabilities: "capability"
    case .syscalls(let names, _), .syscallsWithoutPath(let names):
      "syscall " + WordList.joined(names.map(DisplayText.safe), most: 12)
    }
  }

  /// The paths, where the objects are any.
  package var language: PathLanguage? {
    switch objects {
    case .paths(_, let language): language
    case .sockets, .capabilities, .syscallsWithoutPath: nil
    case .syscalls(_, let language): language
    }
  }

  /// Everything but the witnesses on one line: `read and write /etc/** except /etc/ssl/** from /bin/cat as owner`. Beyond
  /// `most` things of a list the rest is counted.
  package func words(most: Int) -> String {
    let object: String? =
      switch objects {
      case .paths(_, let language): language.text(most: most)
      case .sockets(_, let words): DisplayText.safe(words)
      case .capabilities(let all): CapabilityWords.text(Set(all))
      case .syscalls(_, let language): language.map { $0.text(most: most) }
      case .syscallsWithoutPath: "without a path"
      }
    let from = sources == .any ? nil : sources.words(most: most)
    return ([operationWords, object, from] as [String?] + [ownerWords]).compactMap(\.self).joined(separator: " ")
  }

  /// `as owner`, or nil where ownership does not matter.
  package var ownerWords: String? { owner == .any ? nil : owner.words }
}

extension ChangeWitness {
  /// `read /etc/shadow from /bin/cat as owner`, as the event language says it; safe to print.
  package var eventWords: String { DisplayText.safe(event.description) }

  /// `was blocked, now allowed`; where an enforcer does not do what the policies say also what those say, and why.
  package var verdictWords: String {
    "was \(old.verdict.done), now \(new.verdict.done)"
      + (enforced.flatMap { $0.words(old, new) }.map { " (\($0))" } ?? "")
  }
}

extension EnforcedWitness {
  /// `the policies: allowed, now blocked; blocks other protocols too`; nil if both sides are enforced as written.
  fileprivate func words(_ old: Decision, _ new: Decision) -> String? {
    if old.verdict == oldPolicy && new.verdict == newPolicy { return nil }
    let policies = oldPolicy == newPolicy ? oldPolicy.done : "\(oldPolicy.done), now \(newPolicy.done)"
    var reasons: [String] = []
    for (reason, time) in [(oldReason, "before"), (newReason, "now")] where !reason.isEmpty {
      reasons.append(oldReason == newReason ? reason : "\(time) it \(reason)")
    }
    if oldReason == newReason { reasons = Array(reasons.prefix(1)) }
    return DisplayText.safe((["by the policies " + policies] + reasons).joined(separator: "; "))
  }
}
