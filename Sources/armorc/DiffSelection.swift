import Analysis
import IR

/// The part of a diff that `--subject` and `--class` ask for.
struct DiffSelection {
  /// Names of subjects, in which `*` stands for any text and `?` for one character; empty: all.
  let subjects: [String]
  /// Empty: all.
  let classes: Set<ResourceClass>

  func includes(_ name: String) -> Bool {
    subjects.isEmpty || subjects.contains { DiffSelection.matches(name, pattern: $0) }
  }

  /// The pattern that matches none of the names, if there is one.
  func idlePattern(_ names: [String]) -> String? {
    subjects.first { pattern in !names.contains { DiffSelection.matches($0, pattern: pattern) } }
  }

  /// What is selected. `applying` says by subject which policies apply to it on either side.
  func applied(to diff: PolicyDiff, applying: [String: Set<PolicyID>]) -> PolicyDiff {
    guard !subjects.isEmpty || !classes.isEmpty else { return diff }
    var result = diff
    result.classes = classes
    result.subjects = diff.subjects.filter { includes($0.name) }.map(narrowed)
    let policies = Set(result.subjects.flatMap { applying[$0.name] ?? [] })
    result.edits = diff.edits.filter { edit in
      (subjects.isEmpty || policies.contains(edit.policy)) && concerns(edit)
    }
    return result
  }

  private func narrowed(_ subject: SubjectDiff) -> SubjectDiff {
    guard !classes.isEmpty else { return subject }
    var subject = subject
    subject.entries.removeAll { !classes.contains($0.resourceClass) }
    subject.settings.removeAll { setting in
      switch setting {
      // The posture of files governs programs too.
      case .posture(.file, _, _): classes.isDisjoint(with: [.file, .process])
      case .posture(let resourceClass, _, _): !classes.contains(resourceClass)
      case .allowListOn(let resourceClass, _), .allowListOff(let resourceClass, _): !classes.contains(resourceClass)
      case .baseList: classes.isDisjoint(with: [.file, .process])
      case .policyJoined, .policyLeft: false
      }
    }
    return subject
  }

  private func concerns(_ edit: PolicyEdit) -> Bool {
    guard !classes.isEmpty else { return true }
    switch edit.kind {
    case .ruleAdded(let rule), .ruleRemoved(let rule): return classes.contains(rule.resourceClass)
    case .ruleChanged(let old, let new):
      return classes.contains(old.resourceClass) || classes.contains(new.resourceClass)
    case .policyAdded, .policyRemoved, .reordered, .metadata, .selector, .notCompiled: return true
    }
  }

  /// In time of the product of the two lengths at most.
  static func matches(_ name: String, pattern: String) -> Bool {
    let (name, pattern) = (Array(name.utf8), Array(pattern.utf8))
    let (star, any) = (UInt8(ascii: "*"), UInt8(ascii: "?"))
    var (at, place) = (0, 0)
    // Where to go on after the last star takes one byte more.
    var retry: (at: Int, place: Int)?
    while at < name.count {
      if place < pattern.count, pattern[place] == star {
        place += 1
        retry = (at, place)
      } else if place < pattern.count, pattern[place] == any || pattern[place] == name[at] {
        at += 1
        place += 1
      } else if let last = retry {
        retry = (last.at + 1, last.place)
        (at, place) = (last.at + 1, last.place)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == star }
  }
}
