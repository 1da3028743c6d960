internal import Automata

extension Rule {
  /// The rule on one line, as a person would say it, safe to print: `Block exec of /usr/bin/curl`, `Allow read of /etc/
  /// (dir, recursive), no write, owner only`, `Audit tcp from /usr/bin/nc`.
  ///
  /// It says what the rule does, flags included, so two rules that are written differently may read alike. Of long
  /// lists the first few are named.
  package var words: String {
    var text = action.rawValue + " " + deed
    if !sources.isEmpty { text += " from " + Rule.list(sources.map(\.words), by: "or") }
    if let condition { text += condition.words }
    return text
  }

  /// What is done to what, under which flags.
  private var deed: String {
    switch target {
    case .process(let set): flagged(set.words, [.exec])
    case .file(let set): flagged(set.words, [.read, .write])
    case .network(let word):
      switch word {
      case .all: "all sockets"
      case .tcp, .udp, .icmp, .icmpv6, .sctp: word.rawValue
      default: word.rawValue + " sockets"
      }
    case .capability(let capability): "capability " + capability.name
    case .syscall(let names, let path):
      (names.count == 1 ? "syscall " : "syscalls ") + Rule.list(names.map { printable($0.utf8) }, by: "and")
        + (path.map { " on " + $0.words } ?? "")
    }
  }

  /// SEMANTICS §5 in words: `Allow` permits what the flags leave and blocks the rest, `Block` and `Audit` do not touch
  /// what the flags leave.
  private func flagged(_ object: String, _ operations: [PathOperation]) -> String {
    let permitted = readOnly ? operations.filter { $0 == .read } : operations
    let others = operations.filter { !permitted.contains($0) }
    func of(_ operations: [PathOperation]) -> String {
      operations.map(\.name).joined(separator: " and ") + " of " + object
    }
    if action == .allow {
      if permitted.isEmpty { return "nothing, block " + of(others) }
      let refused = blocksTheRest ? others.map { ", no " + $0.name }.joined() : ""
      return of(permitted) + refused + (ownerOnly ? ", owner only" : "")
    }
    if others.isEmpty { return of(permitted) + (ownerOnly ? ", unless owner" : "") }
    if permitted.isEmpty || !ownerOnly { return of(others) }
    return of(others) + ", and " + permitted.map(\.name).joined(separator: " and ") + " unless owner"
  }

  /// The first few of some things.
  fileprivate static func list(_ items: [String], by last: String) -> String {
    if items.count > 4 { return items.prefix(3).joined(separator: ", ") + " \(last) \(items.count - 3) more" }
    guard let final = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(last) " + final
  }
}

extension Rule.Condition {
  /// No verdict depends on it.
  fileprivate var words: String {
    var parts: [String] = []
    if let pts { parts.append(pts ? "with a terminal" : "without a terminal") }
    if !allowedArguments.isEmpty {
      parts.append("with arguments " + Rule.list(allowedArguments.map { "'" + printable($0.utf8) + "'" }, by: "or"))
    }
    return parts.isEmpty ? "" : ", " + parts.joined(separator: ", ") + " (no verdict)"
  }
}

extension PathSet {
  /// `/etc/passwd`, `any 'sh'`, `/etc/ (dir, recursive)`, `/etc/**`; safe to print. A path that looks like a pattern
  /// says that it is none.
  package var words: String {
    switch self {
    case .literal(let path):
      path.description + (path.bytes.contains { Array("*?[{".utf8).contains($0) } ? " (literally)" : "")
    case .basename(let name): "any '" + printable(name) + "'"
    case .directory(let path, let recursive, _):
      (path == .root ? "/" : path.description + "/") + (recursive ? " (dir, recursive)" : " (dir)")
    case .glob(let glob): printable(glob.text)
    }
  }
}
