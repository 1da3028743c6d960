/// What one clause does to the events it covers.
package enum Effect: UInt8, Hashable, Sendable { case allow, block, audit }

/// Which actors a clause speaks of.
package enum OwnerCondition: UInt8, Hashable, Sendable, CaseIterable {
  case any, owner, other
  package func holds(isOwner: Bool) -> Bool { self == .any || (self == .owner) == isOwner }
}

/// A rule with its flags compiled away: nobody below the front end knows `readOnly` and `ownerOnly`.
/// Every rule becomes one to three of these.
package struct Clause: Sendable {
  package enum Object: Hashable, Sendable {
    /// Only with `operations`.
    case paths(PathSet)
    case network(NetworkProtocol)
    case capability(Capability)
    case syscall([String], path: PathSet?)
  }

  private let rule: Rule
  package let effect: Effect
  /// Empty unless the object is a set of paths.
  package let operations: PathOperations
  package let owner: OwnerCondition

  package var object: Object {
    switch rule.target {
    case .process(let paths), .file(let paths): .paths(paths)
    case .network(let word): .network(word)
    case .capability(let capability): .capability(capability)
    case .syscall(let names, let path): .syscall(names, path: path)
    }
  }
  /// Empty: every source, also none.
  package var sources: [PathSet] { rule.sources }
  package var severity: Int { rule.severity }
  package var origin: Origin { rule.origin }

  /// The clauses of a rule (SEMANTICS §5).
  package static func lower(_ rule: Rule) -> [Clause] {
    let effect: Effect =
      switch rule.action {
      case .allow: .allow
      case .block: .block
      case .audit: .audit
      }
    func clause(_ effect: Effect, _ operations: PathOperations, _ owner: OwnerCondition) -> Clause {
      Clause(rule: rule, effect: effect, operations: operations, owner: owner)
    }
    let all: PathOperations
    switch rule.target {
    case .process: all = .exec
    case .file: all = [.read, .write]
    case .network, .capability, .syscall: return [clause(effect, [], .any)]
    }
    guard rule.ownerOnly || rule.readOnly else { return [clause(effect, all, .any)] }
    let permitted = rule.readOnly ? all.subtracting(.write).subtracting(.exec) : all
    let owner: OwnerCondition = rule.ownerOnly ? .owner : .any
    // What the flags exclude: the other operations for everyone, the permitted ones for those who do not own the object.
    var rest: [(PathOperations, OwnerCondition)] = []
    if permitted != all { rest.append((all.subtracting(permitted), .any)) }
    if rule.ownerOnly, !permitted.isEmpty { rest.append((permitted, .other)) }
    switch rule.action {
    case .allow:
      let allow = permitted.isEmpty ? [] : [clause(.allow, permitted, owner)]
      return allow + (rule.blocksTheRest ? rest.map { clause(.block, $0.0, $0.1) } : [])
    case .block, .audit:
      return rest.map { clause(effect, $0.0, $0.1) }
    }
  }

  /// Whether the clause names its sources.
  package var isSourced: Bool { !rule.sources.isEmpty }
}
