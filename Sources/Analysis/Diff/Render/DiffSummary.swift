internal import IR

/// How many subjects change, and which way: the answer to a reviewer's first question.
package struct DiffSummary: Hashable, Sendable {
  package private(set) var subjects = 0
  /// No verdict changes, and everything was compared and judged.
  package private(set) var equal = 0
  package private(set) var looser = 0
  package private(set) var tighter = 0
  package private(set) var both = 0
  package private(set) var added = 0
  package private(set) var removed = 0
  /// Subjects that could not be compared.
  package private(set) var uncompared = 0
  /// Changed parts of policies that no verdict speaks of, each counted once.
  package private(set) var unjudged = 0
  package private(set) var entries = 0
  package private(set) var looserEntries = 0
  /// The classes that were looked at, in their order; empty: all.
  private let classes: [String]

  package init(_ diff: PolicyDiff) {
    classes = ResourceClass.allCases.filter(diff.classes.contains).map(\.rawValue)
    for subject in diff.subjects {
      subjects += 1
      switch subject.direction {
      case .looser: looser += 1
      case .tighter: tighter += 1
      case .both: both += 1
      case .equal: if subject.problem == nil, subject.unjudged.isEmpty { equal += 1 }
      }
      switch subject.presence {
      case .added: added += 1
      case .removed: removed += 1
      case .both: break
      }
      if subject.problem != nil { uncompared += 1 }
      entries += subject.entries.count
      looserEntries += subject.entries.count { $0.direction == .looser }
    }
    unjudged = UnjudgedPart.all(of: diff).count
  }

  package var changed: Int { looser + tighter + both }

  /// Whether the two sides mean the same as far as armorc can tell, and it can tell everything.
  package var isEqual: Bool { changed == 0 && uncompared == 0 && unjudged == 0 }

  /// `3 of 9 subjects change: 1 looser, 2 tighter`; of a part of the classes, `3 of 9 subjects change in file: ...`.
  package var headline: String {
    guard changed > 0 else {
      if subjects == 0 { return "no change in meaning: neither side has a subject" }
      if uncompared == subjects { return "nothing could be compared" }
      let rest = uncompared == 0 ? "" : " that could be compared"
      let compared = Count.of(subjects - uncompared, "subject") + rest
      if classes.isEmpty { return "no change in meaning: every verdict of \(compared) stays the same" }
      return "no change in \(WordList.joined(classes, by: "or")): every such verdict of \(compared) stays the same"
    }
    let parts = [(looser, "looser"), (tighter, "tighter"), (both, "both looser and tighter")].filter { $0.0 > 0 }
    let of = changed == subjects ? Count.of(subjects, "subject") : "\(changed) of \(Count.of(subjects, "subject"))"
    let place = classes.isEmpty ? "" : " in " + WordList.joined(classes)
    return of + (changed == 1 ? " changes" : " change") + place + ": "
      + parts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  /// What the headline does not answer, each a sentence of its own.
  package var warnings: [String] {
    var result: [String] = []
    if uncompared > 0 {
      result.append("\(Count.of(uncompared, "subject")) could not be compared: anything may have changed there")
    }
    if unjudged > 0 {
      result.append(
        "\(Count.of(unjudged, "changed part")) cannot be judged: no verdict speaks of "
          + (unjudged == 1 ? "it" : "them")
      )
    }
    return result
  }
}

/// Numbers of things, for people.
enum Count {
  /// `1 subject`, `1,204 subjects`.
  static func of(_ count: Int, _ noun: String, plural: String? = nil) -> String {
    number(count) + " " + (count == 1 ? noun : plural ?? noun + "s")
  }

  /// With a comma between thousands.
  static func number(_ count: Int) -> String {
    let digits = String(count)
    guard digits.utf8.count > 3 else { return digits }
    var out = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, digit != "-", (digits.utf8.count - index) % 3 == 0 { out += "," }
      out.append(digit)
    }
    return out
  }
}
