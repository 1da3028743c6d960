import Automata
import IR

extension Rule {
  /// Its section and object: "file rule for '/etc/' and below".
  var title: String {
    switch resourceClass {
    case .capabilities: "capability rule for " + objectText
    case .syscalls: "system call rule for " + objectText
    default: resourceClass.rawValue + " rule for " + objectText
    }
  }

  /// What it speaks of, quoted, with what narrows it: "'/etc/' and below from '/bin/cat'".
  var objectText: String {
    var text: String
    switch target {
    case .process(let set), .file(let set): text = RuleText.of(set)
    case .network(let word): text = "'\(word.rawValue)'"
    case .capability(let capability): text = "'\(capability.name)'"
    case .syscall(let names, let path):
      text = RuleText.list(names.map { "'\($0)'" }, word: "and")
      if let path { text += " on " + RuleText.of(path) }
    }
    let flags = (ownerOnly ? ["owner only"] : []) + (readOnly ? ["read only"] : [])
    if !flags.isEmpty { text += " (" + flags.joined(separator: ", ") + ")" }
    if !sources.isEmpty { text += " from " + RuleText.list(sources.map(RuleText.of), word: "or") }
    return text
  }
}

extension Glob {
  /// As it stands in the policy; backslashes are not doubled. Renderers make control characters visible.
  var shown: String { String(decoding: text, as: UTF8.self) }
}

enum RuleText {
  static func of(_ set: PathSet) -> String {
    switch set {
    case .directory(let path, let recursive, _):
      quoted(path == .root ? "/" : path.description + "/") + (recursive ? " and below" : "")
    case .glob(let glob): quoted(glob.shown)
    case .literal, .basename: quoted(set.description)
    }
  }

  /// Cut when it is long.
  static func quoted(_ text: String) -> String {
    text.utf8.count > 100 ? "'\(text.prefix(92))…'" : "'\(text)'"
  }

  /// "a, b and c", with at most four named.
  static func list(_ items: [String], word: String) -> String {
    guard items.count > 1 else { return items.first ?? "" }
    if items.count > 4 { return items.prefix(3).joined(separator: ", ") + " \(word) \(items.count - 3) more" }
    return items.dropLast().joined(separator: ", ") + " \(word) " + (items.last ?? "")
  }

  /// The section of a policy, as a person calls it.
  static func name(_ resourceClass: ResourceClass) -> String { resourceClass.rawValue }

  /// "blocks", "audits" or "allows".
  static func verb(_ action: Action) -> String {
    switch action {
    case .allow: "allows"
    case .audit: "audits"
    case .block: "blocks"
    }
  }
}
