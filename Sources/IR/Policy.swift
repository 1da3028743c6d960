/// A rule's action (SEMANTICS §2).
package enum Action: String, Hashable, Sendable, CaseIterable {
  case allow = "Allow"
  case audit = "Audit"
  case block = "Block"
}

/// One policy after inheritance.
package struct Policy: Hashable, Sendable {
  package var id: PolicyID
  package var selector: Selector
  /// In document order; `origin.position` counts them.
  package var rules: [Rule]
  /// `spec.apparmor`: native AppArmor rules, verbatim, one element per policy that has any.
  package var nativeAppArmor: NativeText?
  /// Parts that no enforcer of armorc serves; named in every summary, never dropped in silence.
  package var notCompiled: [NotCompiled]
  /// Some rule had an error and is missing from `rules`: nothing may be built from this policy.
  package var isIncomplete: Bool
  package var location: Location

  package init(
    id: PolicyID,
    selector: Selector,
    rules: [Rule],
    nativeAppArmor: NativeText? = nil,
    notCompiled: [NotCompiled] = [],
    isIncomplete: Bool = false,
    location: Location
  ) {
    self.id = id
    self.selector = selector
    self.rules = rules
    self.nativeAppArmor = nativeAppArmor
    self.notCompiled = notCompiled
    self.isIncomplete = isIncomplete
    self.location = location
  }
}

/// Text of `spec.apparmor`.
package struct NativeText: Hashable, Sendable {
  package let text: String
  package let location: Location
  package init(text: String, location: Location) {
    self.text = text
    self.location = location
  }
}

/// A part of a policy that is understood and kept but has no compiled form.
package struct NotCompiled: Hashable, Sendable {
  package let resourceClass: ResourceClass
  /// What it is, as a person would name it: "preset 'filelessExec' (Block)".
  package let what: String
  /// Why there is no compiled form.
  package let reason: String
  package let origin: Origin
  package init(resourceClass: ResourceClass, what: String, reason: String, origin: Origin) {
    self.resourceClass = resourceClass
    self.what = what
    self.reason = reason
    self.origin = origin
  }
}

/// One entry of one match list. Rules are copied far more often than made or changed, hence one reference.
package struct Rule: Hashable, Sendable {
  private var storage: Storage

  /// What a rule speaks of.
  package enum Target: Hashable, Sendable {
    case process(PathSet)
    case file(PathSet)
    case network(NetworkProtocol)
    case capability(Capability)
    /// Any of these system calls; with `path` only when the path argument belongs to it.
    case syscall([String], path: PathSet?)
  }

  /// Conditions of a rule beyond SEMANTICS §5.
  package struct Condition: Hashable, Sendable {
    package var pts: Bool?
    package var allowedArguments: [String]
    package init(pts: Bool?, allowedArguments: [String]) {
      self.pts = pts
      self.allowedArguments = allowedArguments
    }
  }

  private struct Fields: Hashable, Sendable {
    var target: Target
    var sources: [PathSet]
    var action: Action
    var ownerOnly: Bool
    var readOnly: Bool
    var condition: Condition?
    var severity: Int
    var tags: [String]
    var message: String
    var origin: Origin
  }

  private final class Storage: Sendable {
    let fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  package init(
    target: Target,
    sources: [PathSet] = [],
    action: Action,
    ownerOnly: Bool = false,
    readOnly: Bool = false,
    condition: Condition? = nil,
    severity: Int = 0,
    tags: [String] = [],
    message: String = "",
    origin: Origin
  ) {
    storage = Storage(
      Fields(
        target: target,
        sources: sources,
        action: action,
        ownerOnly: ownerOnly,
        readOnly: readOnly,
        condition: condition,
        severity: severity,
        tags: tags,
        message: message,
        origin: origin
      )
    )
  }

  package static func == (a: Rule, b: Rule) -> Bool { a.storage === b.storage || a.storage.fields == b.storage.fields }

  package func hash(into hasher: inout Hasher) { hasher.combine(storage.fields) }

  private mutating func change(_ edit: (inout Fields) -> Void) {
    var fields = storage.fields
    edit(&fields)
    storage = Storage(fields)
  }

  package var target: Target {
    get { storage.fields.target }
    set { change { $0.target = newValue } }
  }
  /// `fromSource`: empty is no restriction. Literals but for syscalls, which know directories too.
  package var sources: [PathSet] {
    get { storage.fields.sources }
    set { change { $0.sources = newValue } }
  }
  package var action: Action {
    get { storage.fields.action }
    set { change { $0.action = newValue } }
  }
  package var ownerOnly: Bool {
    get { storage.fields.ownerOnly }
    set { change { $0.ownerOnly = newValue } }
  }
  package var readOnly: Bool {
    get { storage.fields.readOnly }
    set { change { $0.readOnly = newValue } }
  }
  /// `pts` and `allowedArgs` narrow what a rule covers by things no verdict of ours looks at: such a rule is kept here but
  /// contributes to no verdict, and every backend that cannot serve it says so.
  package var condition: Condition? {
    get { storage.fields.condition }
    set { change { $0.condition = newValue } }
  }
  /// 1...10; 0 when nobody set one.
  package var severity: Int {
    get { storage.fields.severity }
    set { change { $0.severity = newValue } }
  }
  package var tags: [String] {
    get { storage.fields.tags }
    set { change { $0.tags = newValue } }
  }
  package var message: String {
    get { storage.fields.message }
    set { change { $0.message = newValue } }
  }
  package var origin: Origin {
    get { storage.fields.origin }
    set { change { $0.origin = newValue } }
  }

  /// Whether an `Allow` with flags blocks what the flags exclude (SEMANTICS §5); a base list's rules never block.
  package var blocksTheRest: Bool { origin.policy.kind != .base }

  package var resourceClass: ResourceClass {
    switch target {
    case .process: .process
    case .file: .file
    case .network: .network
    case .capability: .capabilities
    case .syscall: .syscalls
    }
  }
}
