package import IR

/// A changed part that no verdict speaks of, named once however many subjects and edits speak of it.
package struct UnjudgedPart: Sendable {
  package let policy: PolicyID
  /// What it is and what happened to it, safe to print: `native AppArmor rules of shop/web changed`.
  package let words: String
  package let place: DiffPlace?
  /// Names of the subjects that it applies to, as far as they are known.
  package private(set) var subjects: [String] = []

  /// In order of policy, then words.
  package static func all(of diff: PolicyDiff) -> [UnjudgedPart] {
    var found: [Key: UnjudgedPart] = [:]
    for subject in diff.subjects {
      for change in subject.unjudged {
        found[Key(change.policy, change.what), default: UnjudgedPart(change)].subjects.append(subject.name)
      }
    }
    for edit in diff.edits where edit.effect == .unknown {
      let what = if case .notCompiled(let what) = edit.kind { what } else { edit.kind.words }
      let key = Key(edit.policy, what)
      if found[key] == nil { found[key] = UnjudgedPart(edit) }
    }
    return found.values.sorted { ($0.policy, $0.words) < ($1.policy, $1.words) }
  }

  private struct Key: Hashable {
    let policy: PolicyID
    /// Without what happened to it and whose it is: edits and subjects word these differently.
    let what: String

    init(_ policy: PolicyID, _ what: String) {
      self.policy = policy
      var what = Substring(what)
      for ending in UnjudgedPart.endings + [" of \(policy)"] where what.hasSuffix(ending) {
        what = what.dropLast(ending.count)
      }
      self.what = String(what)
    }
  }

  fileprivate static let endings = [" added", " removed", " changed"]

  private init(_ change: UnjudgedChange) {
    policy = change.policy
    words = change.words
    place = DiffPlace(change.location, change.kind == .removed ? .old : .new)
  }

  private init(_ edit: PolicyEdit) {
    policy = edit.policy
    let kind = edit.oldLocation == nil ? " added" : edit.newLocation == nil ? " removed" : " changed"
    let isSaid = UnjudgedPart.endings.contains { edit.kind.words.hasSuffix($0) }
    words = if case .notCompiled = edit.kind { edit.kind.words + (isSaid ? "" : kind) } else { edit.words }
    place = edit.place
  }
}
