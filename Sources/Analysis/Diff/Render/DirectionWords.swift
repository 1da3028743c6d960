internal import Diagnostics
internal import IR

extension Direction {
  package var glyph: String {
    switch self {
    case .looser: "▲"
    case .tighter: "▼"
    case .both: "◆"
    case .equal: "="
    }
  }

  /// `looser`, `looser and tighter`.
  package var words: String { self == .both ? "looser and tighter" : rawValue }
}

extension SubjectGroup {
  /// `shop.web.nginx`, `shop.web.nginx and 11 more`; safe to print.
  var title: String {
    let name = DisplayText.safe(first.name)
    return subjects.count == 1 ? name : "\(name) and \(Count.number(subjects.count - 1)) more"
  }

  /// What became of it: `looser`, `not compared`, `new, tighter`.
  var directionWords: String {
    var words: [String] = []
    switch first.presence {
    case .added: words.append("new")
    case .removed: words.append("removed")
    case .both: break
    }
    words.append(first.problem == nil ? direction.words : "not compared")
    return words.joined(separator: ", ")
  }

  /// `looser in file and network; tighter in process`.
  var classWords: String {
    guard first.problem == nil else { return directionWords }
    let classes = self.classes
    let parts = [Direction.looser, .both, .tighter].compactMap { direction -> String? in
      let names = classes.filter { $0.direction == direction }.compactMap { $0.entries.first?.resourceClass.rawValue }
      return names.isEmpty ? nil : direction.words + " in " + WordList.joined(names)
    }
    let presence = first.presence == .both ? [] : [first.presence == .added ? "new" : "removed"]
    return (presence + [parts.joined(separator: "; ")]).joined(separator: ", ")
  }
}

/// What a listing leaves out, in words.
enum Folded {
  /// `12 more changes (2 looser, 10 tighter)`.
  static func entries(_ entries: some Collection<ChangeEntry>) -> String {
    let looser = entries.count { $0.direction == .looser }
    return Count.of(entries.count, "more change") + split(looser, entries.count - looser)
  }

  /// `12 more subjects (2 looser, 10 tighter)`; a subject that is both counts as looser.
  static func subjects(_ groups: some Collection<SubjectGroup>) -> String {
    let all = groups.reduce(0) { $0 + $1.subjects.count }
    let looser = groups.reduce(0) {
      $0 + ($1.direction == .looser || $1.direction == .both ? $1.subjects.count : 0)
    }
    let tighter = groups.reduce(0) { $0 + ($1.direction == .tighter ? $1.subjects.count : 0) }
    return Count.of(all, "more subject") + split(looser, tighter)
  }

  private static func split(_ looser: Int, _ tighter: Int) -> String {
    let parts = [(looser, "looser"), (tighter, "tighter")].filter { $0.0 > 0 }
    return parts.isEmpty ? "" : " (" + parts.map { "\(Count.number($0.0)) \($0.1)" }.joined(separator: ", ") + ")"
  }
}
