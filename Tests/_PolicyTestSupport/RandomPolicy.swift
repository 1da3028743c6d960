import Automata
package import IR

/// Random subjects over a vocabulary so small that rules meet, nest and contradict all the time.
package struct RandomPolicy: Sendable {
  package var generator: SeededGenerator
  /// Whether globs are drawn too (their automata cost more).
  package var withGlobs: Bool

  package init(_ generator: SeededGenerator, withGlobs: Bool = true) {
    self.generator = generator
    self.withGlobs = withGlobs
  }

  private static let names = ["a", "b", "ab", "etc", "x.so", ".h", "é", "s p", "*"]
  package static let sourcePaths = ["/bin/s", "/bin/t", "/usr/bin/u", "/a/b", "/a"]
  private static let globs = [
    "/a/*", "/a/**", "/**/b", "/*/b*", "/**.so", "/a/?", "/{a,b}/*", "/[^a]*", "/a{,/b}", "/**/a/**", "/a/[a-c]b",
    "/**",
    "/*", "/a/b*/**", "/*/*/ab", "/a*", "/**b**",
  ]

  package mutating func path() -> BytePath {
    let depth = Int.random(in: 0...4, using: &generator)
    if depth == 0 { return generator.chance(30) ? .root : path() }
    var text = ""
    for _ in 0..<depth { text += "/" + generator.pick(RandomPolicy.names) }
    return BytePath(text) ?? .root
  }

  package mutating func pathSet(_ resourceClass: ResourceClass) -> PathSet {
    let isFile = resourceClass == .file
    switch Int.random(in: 0..<(withGlobs ? 10 : 7), using: &generator) {
    case 0...2: return .literal(path())
    case 3 where !isFile: return .basename(Array(generator.pick(RandomPolicy.names).utf8))
    case 3...6: return .directory(path(), recursive: generator.chance(50), includesSelf: isFile)
    default:
      guard let glob = try? Glob(Array(generator.pick(RandomPolicy.globs).utf8)) else { return .literal(path()) }
      return .glob(glob)
    }
  }

  package mutating func rule(policy: PolicyID, position: Int) -> Rule {
    let action = generator.pick(Action.allCases)
    var sources: [PathSet] = []
    if generator.chance(35) {
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        if let path = BytePath(generator.pick(RandomPolicy.sourcePaths)) { sources.append(.literal(path)) }
      }
    }
    let target: Rule.Target
    var flags = (owner: false, read: false)
    switch Int.random(in: 0..<10, using: &generator) {
    case 0...3:
      target = .file(pathSet(.file))
      flags = (generator.chance(30), generator.chance(30))
    case 4...6:
      target = .process(pathSet(.process))
      flags.owner = generator.chance(30)
    case 7: target = .network(generator.pick(NetworkProtocol.allCases))
    case 8: target = .capability(generator.pick(Array(Capability.allCases.prefix(6))))
    default:
      let names = (0..<Int.random(in: 1...2, using: &generator)).map { _ in generator.pick(["open", "unlink", "mount"])
      }
      target = .syscall(names, path: generator.chance(50) ? pathSet(.file) : nil)
      if !sources.isEmpty, generator.chance(50) {
        sources.append(.directory(path(), recursive: generator.chance(50), includesSelf: false))
      }
    }
    let isSyscall = if case .syscall = target { true } else { false }
    return Rule(
      target: target,
      sources: sources,
      action: isSyscall ? .audit : action,
      ownerOnly: flags.owner,
      readOnly: flags.read,
      severity: Int.random(in: 0...3, using: &generator),
      origin: Origin(
        policy: policy,
        position: position,
        path: "spec[\(position)]",
        location: Location(file: "random.yaml", line: position + 1, column: 1)
      )
    )
  }

  package mutating func subject(maximumRules: Int = 8) -> SubjectPolicy {
    var policies: [Policy] = []
    for index in 0..<Int.random(in: 1...2, using: &generator) {
      let id = PolicyID(kind: .pod, namespace: "default", name: "p\(index)")
      let rules = (0..<Int.random(in: 1...max(1, maximumRules / 2), using: &generator)).map {
        rule(policy: id, position: $0)
      }
      policies.append(
        Policy(
          id: id,
          selector: .pods(PodSelector(namespaces: .one("default"))),
          rules: rules,
          location: Location(file: "random.yaml", line: 1, column: 1)
        )
      )
    }
    return SubjectPolicy(
      name: "random",
      subject: .selection(.pods(PodSelector(namespaces: .one("default")))),
      policies: policies,
      postures: Postures(
        file: generator.pick(Posture.allCases),
        network: generator.pick(Posture.allCases),
        capabilities: generator.pick(Posture.allCases)
      ),
      base: generator.chance(10) ? .runtimeV1 : nil
    )
  }

  package mutating func event() -> Event {
    var source: BytePath?
    if generator.chance(85) {
      source = generator.chance(80) ? BytePath(generator.pick(RandomPolicy.sourcePaths)) : path()
    }
    let access: Access
    switch Int.random(in: 0..<10, using: &generator) {
    case 0...6: access = .path(generator.pick(PathOperation.allCases), path())
    case 7:
      access = .network(
        Socket(
          family: generator.pick([1, 2, 10, 16, 17, 40]),
          type: generator.pick([1, 2, 3, 4, 5, 6, 10]),
          protocolNumber: generator.pick([0, 1, 6, 17, 58, 132, 255, 262])
        )
      )
    case 8: access = .capability(generator.pick(Capability.allCases))
    default:
      access = .syscall(generator.pick(["open", "unlink", "mount", "ptrace"]), generator.chance(60) ? path() : nil)
    }
    return Event(source: source, access: access, isOwner: generator.chance(50))
  }
}
