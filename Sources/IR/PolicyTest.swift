/// One document of a test file: what events must come to under some policies (docs/testing.md).
package struct PolicyTestSuite: Hashable, Sendable {
  /// Files and directories as written, relative to the test file's directory; nil: that directory.
  package var policies: [String]?
  package var settings: PolicyTestSettings
  package var tests: [PolicyTest]

  package init(
    policies: [String]? = nil,
    settings: PolicyTestSettings = PolicyTestSettings(),
    tests: [PolicyTest] = []
  ) {
    self.policies = policies
    self.settings = settings
    self.tests = tests
  }
}

/// What a test file says in place of manifests and options.
package struct PolicyTestSettings: Hashable, Sendable {
  /// They win over everything that the policies' surroundings say.
  package var postures: PartialPostures
  package var base: BaseChoice

  package enum BaseChoice: Hashable, Sendable {
    /// The file does not say: the command does.
    case unsaid
    case none
    case list(BaseList)
  }

  package init(postures: PartialPostures = PartialPostures(), base: BaseChoice = .unsaid) {
    self.postures = postures
    self.base = base
  }

  /// What is not said here is taken from `outer`.
  package func or(_ outer: PolicyTestSettings) -> PolicyTestSettings {
    PolicyTestSettings(postures: postures.or(outer.postures), base: base == .unsaid ? outer.base : base)
  }

  /// The subject under these settings.
  package func applied(to subject: SubjectPolicy) -> SubjectPolicy {
    var subject = subject
    subject.postures = postures.filled(with: subject.postures)
    switch base {
    case .unsaid: break
    case .none: subject.base = nil
    case .list(let list): subject.base = list
    }
    return subject
  }
}

/// Some events of one subject and what must become of them.
package struct PolicyTest: Hashable, Sendable {
  package var name: String
  /// If it is more than one, every expectation must hold for each.
  package var subject: SubjectQuery
  /// The suite's already filled in.
  package var settings: PolicyTestSettings
  package var expectations: [PolicyExpectation]
  package var location: Location

  package init(
    name: String,
    subject: SubjectQuery,
    settings: PolicyTestSettings = PolicyTestSettings(),
    expectations: [PolicyExpectation],
    location: Location
  ) {
    self.name = name
    self.subject = subject
    self.settings = settings
    self.expectations = expectations
    self.location = location
  }
}

/// One line of a test.
package struct PolicyExpectation: Hashable, Sendable {
  package var verdict: Verdict
  /// One event, or the same one by an owner and by another when the file does not say whose the object is; never empty.
  package var events: [Event]
  /// Who must have decided; nil: whoever.
  package var decider: DeciderReference?
  package var location: Location

  package init(verdict: Verdict, events: [Event], decider: DeciderReference? = nil, location: Location) {
    self.verdict = verdict
    self.events = events
    self.decider = decider
    self.location = location
  }

  /// In the event language, with `as` only when the file says so.
  package var eventText: String {
    guard let first = events.first else { return "" }
    guard events.count > 1, case .path = first.access else { return first.description }
    return first.description.droppingSuffix(first.isOwner ? " as owner" : " as other")
  }

  /// As it stands in a test file: `block: read /etc/shadow from /bin/cat`.
  package var words: String { "\(verdict.name): \(eventText)" }
}

/// Whom a test names as the one who decides.
package enum DeciderReference: Hashable, Sendable {
  /// `DefaultPosture`: the posture of a class in allow-list mode.
  case posture
  /// `nothing`: no rule and no posture.
  case nothing
  /// `shop/web`, or `shop/web spec.file.matchPaths[0]`.
  case rule(policy: String, path: String?)
  /// `web.yaml:17`: the rule that starts there; the name may be the end of a longer one.
  case place(file: String, line: Int)

  /// Nil for an empty text and for more than two words.
  package init?(_ text: String) {
    let words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
    guard let first = words.first, words.count <= 2 else { return nil }
    if words.count == 2 {
      self = .rule(policy: first, path: words[1])
      return
    }
    switch first {
    case "DefaultPosture": self = .posture
    case "nothing": self = .nothing
    default:
      if let colon = first.lastIndex(of: ":"), let line = Int(first[first.index(after: colon)...]), line > 0,
        colon != first.startIndex
      {
        self = .place(file: String(first[..<colon]), line: line)
      } else {
        self = .rule(policy: first, path: nil)
      }
    }
  }

  /// Whether a rule is one of those it names.
  package func names(_ origin: Origin) -> Bool {
    switch self {
    case .posture, .nothing: return false
    case .rule(let policy, let path):
      return (policy == origin.policy.description || policy == origin.policy.name)
        && (path.map { $0 == origin.path } ?? true)
    case .place(let file, let line):
      let wanted = file.withoutLeadingDots
      let name = origin.location.file.withoutLeadingDots
      return line == origin.location.line && (name == wanted || name.hasSuffix("/" + wanted))
    }
  }

  package func holds(for decider: Decider) -> Bool {
    switch (self, decider) {
    case (.posture, .posture), (.nothing, .nothing): true
    case (_, .rule(let origin)): names(origin)
    default: false
    }
  }
}

extension String {
  fileprivate func droppingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }

  /// `./a` and `../a` name a file below the test file's directory or beside it.
  fileprivate var withoutLeadingDots: String {
    var rest = self[...]
    while rest.hasPrefix("./") || rest.hasPrefix("../") { rest = rest.drop { $0 == "." }.dropFirst() }
    return String(rest)
  }
}
