import IR

/// One decision to be made by the kernel, and what the evaluator says of it.
struct Scenario: Sendable {
  var subject: String
  /// Profile to enter; nil: none, a host's profiles attach by themselves.
  var profile: String?
  var actor: Actor
  var uid: Int
  var hasNoNewPrivileges: Bool
  /// A program that enters the profile as container runtimes do, by an execve of its own; nil: no execve at all.
  var entry: BytePath?
  var places: [Place]
  /// The guest's words.
  var operation: [String]
  var event: Event
  var expected: Decision

  struct Place: Hashable, Sendable {
    var object: PathVerb.Object
    var uid: Int
    var path: BytePath
  }

  /// The line of `/vm/scenarios` (`Tests/VM/Guest/runner.c`).
  func line(_ id: Int) -> String {
    func list(_ items: [String]) -> String { items.isEmpty ? "-" : items.joined(separator: " ") }
    return [
      String(id), profile ?? "-", String(uid), hasNoNewPrivileges ? "n" : "-", entry?.escaped ?? "-",
      list(places.map { "\($0.object.rawValue):\($0.uid):\($0.path.escaped)" }), list(actor.chain.map(\.path.escaped)),
      operation.joined(separator: " "),
    ].joined(separator: "\t")
  }

  /// Equal for scenarios that one process can go through.
  var process: String {
    [subject, profile ?? "", String(uid), String(hasNoNewPrivileges), entry?.escaped ?? "", actor.text]
      .joined(separator: " ")
  }

  var expectation: Expectation {
    let object: Expectation.Object
    let access: String
    switch event.access {
    case .path(let operation, let path): (object, access) = (.path(path.escaped), operation.name)
    case .network: (object, access) = (.socket, "network")
    case .capability(let capability): (object, access) = (.capability(capability.name), "capability")
    case .syscall(let name, _): (object, access) = (.none, name)
    }
    let decider =
      switch expected.decider {
      case .nothing: "nothing speaks of it"
      case .rule(let origin): "\(origin.policy) \(origin.path)"
      case .posture(let resourceClass): "default posture of \(resourceClass.rawValue)"
      }
    var how = [actor.text, "uid \(uid)", operation.joined(separator: " ")]
    if hasNoNewPrivileges { how.append("no_new_privs") }
    if entry != nil { how.append("entered by execve") }
    if profile == nil { how.append("attached") }
    return Expectation(
      subject: subject,
      verdict: expected.verdict,
      access: access,
      object: object,
      event: event.description,
      how: how.joined(separator: ", "),
      decider: decider
    )
  }
}

/// A process from which the event comes: what it executes before.
struct Actor: Hashable, Sendable {
  struct Step: Hashable, Sendable {
    var path: BytePath
    var isScript = false
  }
  var chain: [Step]

  /// SEMANTICS §1: the file executed last, the script and not its interpreter; none for the first process.
  var source: BytePath? { chain.last?.path }

  /// For people.
  var text: String {
    chain.isEmpty
      ? "first process" : chain.map { $0.path.description + ($0.isScript ? " (script)" : "") }.joined(separator: " → ")
  }
}

/// What the host remembers of a scenario until the guest has answered: one line of `expectations`.
struct Expectation: Sendable {
  enum Object: Hashable, Sendable {
    case path(String)
    case socket
    case capability(String)
    case none
  }
  var subject: String
  var verdict: Verdict
  var access: String
  var object: Object
  var event: String
  var how: String
  var decider: String

  func line(_ id: Int) -> String {
    let object =
      switch object {
      case .path(let path): "path " + path
      case .socket: "socket"
      case .capability(let name): "capability " + name
      case .none: "none"
      }
    // Texts for people hold no tab: paths print control bytes as `\ooo`.
    return [String(id), subject, verdict.name, access, object, event, how, decider].joined(separator: "\t")
  }

  /// Nil if the line is none of ours.
  static func parse(_ line: Substring) -> (id: Int, Expectation)? {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 8, let id = Int(fields[0]),
      let verdict = Verdict.allCases.first(where: { $0.name == fields[2] })
    else { return nil }
    let words = fields[4].split(separator: " ", maxSplits: 1).map(String.init)
    let object: Object
    switch (words.first, words.last) {
    case ("path", let path?): object = .path(path)
    case ("capability", let name?): object = .capability(name)
    case ("socket", _): object = .socket
    default: object = .none
    }
    return (
      id,
      Expectation(
        subject: fields[1],
        verdict: verdict,
        access: fields[3],
        object: object,
        event: fields[5],
        how: fields[6],
        decider: fields[7]
      )
    )
  }
}
