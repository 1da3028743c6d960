import IR

/// One decision to be made by the kernel, and what the evaluator says of it.
struct Scenario: Sendable {
  var subject: String
  /// AppArmor's way in; nil: AppArmor is not asked, for it cannot say exactly what the policy means.
  var profile: Profile?
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
  /// Who decided, as the matcher's events tell it.
  var reason: String
  /// Whether allowed events of its class are reported as logs.
  var isVisible: Bool

  enum Profile: Hashable, Sendable {
    case enter(String)
    /// A host's profiles attach to what unconfined processes execute.
    case attaches
  }

  struct Place: Hashable, Sendable {
    var object: PathVerb.Object
    var uid: Int
    var path: BytePath
  }

  /// The line of `/vm/scenarios` (`Tests/VM/Guest/runner.c`) for AppArmor; nil if it is not asked.
  func appArmorLine(_ id: Int) -> String? {
    switch profile {
    case .enter(let name): line(id, policy: name)
    case .attaches: line(id, policy: "-")
    case nil: nil
    }
  }

  /// The same for the matcher, to which every task is shown by its subject's name.
  func matcherLine(_ id: Int) -> String { line(id, policy: subject) }

  private func line(_ id: Int, policy: String) -> String {
    func list(_ items: [String]) -> String { items.isEmpty ? "-" : items.joined(separator: " ") }
    return [
      String(id), policy, String(uid), hasNoNewPrivileges ? "n" : "-", entry?.escaped ?? "-",
      list(places.map { "\($0.object.rawValue):\($0.uid):\($0.path.escaped)" }), list(actor.chain.map(\.path.escaped)),
      operation.joined(separator: " "),
    ].joined(separator: "\t")
  }

  /// Equal for scenarios that one process can go through.
  var process: String {
    [subject, profile.map { "\($0)" } ?? "", String(uid), String(hasNoNewPrivileges), entry?.escaped ?? "", actor.text]
      .joined(separator: " ")
  }

  var expectation: Expectation {
    let object: Expectation.Object
    let access: String
    switch event.access {
    case .path(let operation, let path): (object, access) = (.path(path.escaped), operation.name)
    case .network(let socket): (object, access) = (.socket(socket.family, socket.type), "network")
    case .capability(let capability): (object, access) = (.capability(capability.name), "capability")
    case .syscall(let name, let path): (object, access) = (.call(name, path?.escaped ?? ""), "syscall")
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
    if profile == .attaches { how.append("attached") }
    return Expectation(
      subject: subject,
      verdict: expected.verdict,
      access: access,
      object: object,
      event: event.description,
      how: how.joined(separator: ", "),
      decider: decider,
      reason: reason,
      source: actor.chain.last.flatMap { $0.isScript ? nil : $0.path.escaped },
      isForAppArmor: profile != nil,
      isVisible: isVisible
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
    case socket(UInt16, UInt8)
    case capability(String)
    /// A system call and its path argument, escaped; empty if it has none.
    case call(String, String)
  }
  var subject: String
  var verdict: Verdict
  var access: String
  var object: Object
  var event: String
  var how: String
  var decider: String
  /// As `Reason` has it.
  var reason: String
  /// The program of the process, escaped; nil where it is not what events call the source.
  var source: String?
  var isForAppArmor: Bool
  /// The matcher reports it as a log even if it is allowed.
  var isVisible: Bool

  func line(_ id: Int) -> String {
    let object =
      switch object {
      case .path(let path): "path " + path
      case .socket(let family, let type): "socket \(family) \(type)"
      case .capability(let name): "capability " + name
      case .call(let name, let path): "call \(name) \(path)"
      }
    // Texts for people hold no tab: paths print control bytes as `\ooo`.
    return [
      String(id), subject, verdict.name, access, object, event, how, decider, reason, source ?? "-",
      isForAppArmor ? "both" : "bpf", isVisible ? "visible" : "-",
    ].joined(separator: "\t")
  }

  /// Nil if the line is none of ours.
  static func parse(_ line: Substring) -> (id: Int, Expectation)? {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 12, let id = Int(fields[0]),
      let verdict = Verdict.allCases.first(where: { $0.name == fields[2] }), let object = Object(fields[4])
    else { return nil }
    return (
      id,
      Expectation(
        subject: fields[1],
        verdict: verdict,
        access: fields[3],
        object: object,
        event: fields[5],
        how: fields[6],
        decider: fields[7],
        reason: fields[8],
        source: fields[9] == "-" ? nil : fields[9],
        isForAppArmor: fields[10] == "both",
        isVisible: fields[11] == "visible"
      )
    )
  }
}

extension Expectation.Object {
  fileprivate init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    switch (words.first, words.count) {
    case ("path", 2): self = .path(words[1])
    case ("capability", 2): self = .capability(words[1])
    case ("call", 3): self = .call(words[1], words[2])
    case ("socket", 3):
      guard let family = UInt16(words[1]), let type = UInt8(words[2]) else { return nil }
      self = .socket(family, type)
    default: return nil
    }
  }
}
