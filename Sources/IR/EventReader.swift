/// Reads the words of one event.
struct EventReader {
  private let words: [EventWord]
  /// Length of the text, where something is missing.
  private let end: Int
  private var index = 0

  init(words: [EventWord], end: Int) {
    self.words = words
    self.end = end
  }

  static let operations = ["exec", "read", "write", "network", "capability", "syscall"]

  /// Words that people use for an operation.
  private static let habits: [String: String] = [
    "execve": "exec", "execute": "exec", "run": "exec", "spawn": "exec", "start": "exec", "open": "read",
    "list": "read", "load": "read", "create": "write", "append": "write", "modify": "write", "unlink": "write",
    "delete": "write", "remove": "write", "rename": "write", "chmod": "write", "chown": "write", "mkdir": "write",
    "connect": "network", "socket": "network", "bind": "network", "net": "network", "cap": "capability",
    "capable": "capability", "call": "syscall", "system_call": "syscall",
  ]

  mutating func event() throws(EventSyntaxError) -> Event {
    guard let first = next() else {
      throw EventSyntaxError(range: 0..<end, message: "no event", expected: EventReader.operations)
    }
    let access: Access
    var isPath = false
    switch first.keyword {
    case "exec": (access, isPath) = (.path(.exec, try path(after: first)), true)
    case "read": (access, isPath) = (.path(.read, try path(after: first)), true)
    case "write": (access, isPath) = (.path(.write, try path(after: first)), true)
    case "network": access = .network(try socket(after: first))
    case "capability": access = .capability(try capability(after: first))
    case "syscall": access = try systemCall(after: first)
    default: throw unknownOperation(first)
    }
    var source: BytePath?
    var isOwner: Bool?
    while let word = next() {
      switch word.keyword {
      case "from":
        guard source == nil else { throw twice(word) }
        source = try path(after: word)
      case "as":
        guard isPath else {
          throw EventSyntaxError(
            range: word.range,
            message: "'as' tells whose a file is; \(first.keyword ?? "this") has no file",
            hint: "leave it out"
          )
        }
        guard isOwner == nil else { throw twice(word) }
        isOwner = try ownership()
      default: throw unexpected(word, isPath: isPath, hasSource: source != nil, hasOwner: isOwner != nil)
      }
    }
    return Event(source: source, access: access, isOwner: isOwner ?? true)
  }

  // MARK: Words

  private mutating func next() -> EventWord? {
    guard index < words.count else { return nil }
    index += 1
    return words[index - 1]
  }

  /// The next word, if it is none of those that begin the rest of an event.
  mutating func argument() -> EventWord? {
    guard index < words.count, !words[index].isRest else { return nil }
    return next()
  }

  /// Where a missing word would stand.
  var gap: Range<Int> { index < words.count ? words[index].range : end..<end }

  private mutating func ownership() throws(EventSyntaxError) -> Bool {
    let word = next()
    switch word?.keyword {
    case "owner": return true
    case "other": return false
    default:
      throw EventSyntaxError(
        range: word?.range ?? end..<end,
        message: word.map { "unknown word \($0.name) after 'as'" } ?? "nothing after 'as'",
        expected: ["owner", "other"],
        hint: EventReader.meant(word, ["owner", "other"])
      )
    }
  }

  private mutating func capability(after word: EventWord) throws(EventSyntaxError) -> Capability {
    let names = Capability.allCases.map(\.name)
    guard let name = argument() else { throw missing("a capability", after: word, ["net_raw"]) }
    guard let keyword = name.keyword, let capability = Capability(name: keyword) else {
      let bare = name.keyword.map { $0.hasPrefix("cap_") ? String($0.dropFirst(4)) : $0 } ?? ""
      throw EventReader.unknown("capability", name, names, spelt: bare)
    }
    return capability
  }

  private mutating func systemCall(after word: EventWord) throws(EventSyntaxError) -> Access {
    guard let name = argument() else { throw missing("a system call", after: word, ["open"]) }
    guard let keyword = name.keyword, SystemCalls.names.contains(keyword) else {
      let bare = name.keyword.map { $0.hasPrefix("sys_") ? String($0.dropFirst(4)) : $0 } ?? ""
      throw EventReader.unknown("system call", name, SystemCalls.all, spelt: bare)
    }
    return .syscall(keyword, try argument().map { word throws(EventSyntaxError) in try EventReader.path(word) })
  }

  private mutating func path(after word: EventWord) throws(EventSyntaxError) -> BytePath {
    guard let argument = argument() else { throw missing("a path", after: word, ["an absolute path"]) }
    return try EventReader.path(argument)
  }

  // MARK: Mistakes

  func missing(_ what: String, after word: EventWord, _ expected: [String]) -> EventSyntaxError {
    EventSyntaxError(range: gap, message: "\(what) is missing after \(word.name)", expected: expected)
  }

  /// A word of a fixed list that is none of them; the likeliest come first.
  static func unknown(_ what: String, _ word: EventWord, _ known: [String], spelt: String? = nil) -> EventSyntaxError {
    let meant = Spelling.correction(of: spelt ?? word.keyword ?? "", among: known)
    return EventSyntaxError(
      range: word.range,
      message: "unknown \(what) \(word.name)",
      expected: meant.map { found in [found] + known.filter { $0 != found } } ?? known,
      hint: meant.map { "did you mean '\($0)'?" } ?? ""
    )
  }

  private static func meant(_ word: EventWord?, _ known: [String]) -> String {
    word?.keyword.flatMap { Spelling.correction(of: $0, among: known) }.map { "did you mean '\($0)'?" } ?? ""
  }

  private func unknownOperation(_ word: EventWord) -> EventSyntaxError {
    if word.bytes.first == UInt8(ascii: "/") {
      return EventSyntaxError(
        range: word.range,
        message: "no operation before the path",
        expected: ["exec", "read", "write"],
        hint: "write 'read \(printable(word.bytes.prefix(48)))'"
      )
    }
    if let operation = word.keyword.flatMap({ EventReader.habits[$0] }) {
      return EventSyntaxError(
        range: word.range,
        message: "unknown operation \(word.name)",
        expected: [operation] + EventReader.operations.filter { $0 != operation },
        hint: "did you mean '\(operation)'?"
      )
    }
    return EventReader.unknown("operation", word, EventReader.operations)
  }

  private func twice(_ word: EventWord) -> EventSyntaxError {
    EventSyntaxError(range: word.range, message: "\(word.name) stands there twice")
  }

  private func unexpected(_ word: EventWord, isPath: Bool, hasSource: Bool, hasOwner: Bool) -> EventSyntaxError {
    var expected = hasSource ? [] : ["from PATH"]
    if isPath && !hasOwner { expected += ["as owner", "as other"] }
    var hint = EventReader.meant(word, (hasSource ? [] : ["from"]) + (isPath && !hasOwner ? ["as"] : []))
    if word.keyword == "owner" || word.keyword == "other" {
      hint = isPath && !hasOwner ? "write 'as \(word.keyword ?? "")'" : ""
    } else if hint.isEmpty, isPath || hasSource {
      hint = "a path with blanks stands in double quotes"
    }
    return EventSyntaxError(
      range: word.range,
      message: "unexpected \(word.name)",
      expected: expected + ["the end of the event"],
      hint: hint
    )
  }
}
