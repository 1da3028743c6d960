internal import Diagnostics
internal import IR

/// Something that was changed and changes no verdict.
package struct EqualPart: Sendable {
  /// Safe to print.
  package let words: String
  /// Why no verdict changes, safe to print.
  package let reason: String?
  package let place: DiffPlace?

  /// In the order of the diff: edits and settings without effect, then severities, tags and messages.
  package static func all(of diff: PolicyDiff) -> (equal: [EqualPart], metadata: [EqualPart]) {
    var equal: [EqualPart] = []
    var metadata: [EqualPart] = []
    for edit in diff.edits {
      guard case .none(let reason) = edit.effect else {
        if edit.isMetadata { metadata.append(EqualPart(edit, reason: nil)) }
        continue
      }
      if edit.isMetadata {
        metadata.append(EqualPart(edit, reason: nil))
      } else {
        equal.append(EqualPart(edit, reason: reason.isEmpty ? nil : DisplayText.safe(reason)))
      }
    }
    return (equal + settings(of: diff) + presences(of: diff), metadata)
  }

  /// Settings of subjects that stay equal, each told once for all subjects that have it.
  private static func settings(of diff: PolicyDiff) -> [EqualPart] {
    var order: [SettingChange] = []
    var names: [SettingChange: [String]] = [:]
    for subject in diff.subjects where !subject.isWorthTelling {
      for setting in subject.settings {
        if names[setting] == nil { order.append(setting) }
        names[setting, default: []].append(DisplayText.safe(subject.name))
      }
    }
    return order.map { setting in
      EqualPart(
        words: WordList.joined(names[setting] ?? [], most: 4) + ": " + setting.words,
        reason: "decides nothing there",
        place: setting.place
      )
    }
  }

  /// Subjects that come or go without a verdict that differs.
  private static func presences(of diff: PolicyDiff) -> [EqualPart] {
    [(SubjectPair.Presence.added, "new"), (.removed, "removed")].compactMap { presence, word in
      let names = diff.subjects.filter { !$0.isWorthTelling && $0.presence == presence }.map(\.name)
      guard !names.isEmpty else { return nil }
      return EqualPart(
        words: Count.of(names.count, "\(word) subject") + ": " + WordList.joined(names.map(DisplayText.safe), most: 8),
        reason: "every verdict is the same without " + (names.count == 1 ? "it" : "them"),
        place: nil
      )
    }
  }

  private init(words: String, reason: String?, place: DiffPlace?) {
    self.words = words
    self.reason = reason
    self.place = place
  }

  private init(_ edit: PolicyEdit, reason: String?) { self.init(words: edit.words, reason: reason, place: edit.place) }
}
