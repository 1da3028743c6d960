import IR

extension Planner {
  /// Adds the decisions on one path: for each operation, for owner and non-owner if they differ, else for one of them.
  mutating func planPath(_ actor: Actor, _ path: BytePath, tries: [PathOperation: Int]) {
    for operation in PathOperation.allCases {
      let access = Access.path(operation, path)
      let owner = evaluator.decide(Event(source: actor.source, access: access, isOwner: true))
      let other = evaluator.decide(Event(source: actor.source, access: access, isOwner: false))
      let owners = owner != other ? [true, false] : [takeTurn("owner \(operation) \(owner.verdict)", of: 2) == 0]
      for isOwner in owners {
        let verdict = isOwner ? owner.verdict : other.verdict
        var left = tries[operation] ?? 1
        let verbs = PathVerb.of(operation)
        let start = takeTurn("verb \(operation) \(verdict)", of: verbs.count)
        for offset in verbs.indices where left > 0 {
          let verb = verbs[(start + offset) % verbs.count]
          if plan(actor, verb, path, isOwner: isOwner) { left -= 1 }
        }
        if left == (tries[operation] ?? 1) { skip("the guest cannot \(operation.name) there") }
      }
    }
  }

  /// Adds one scenario if the guest can set it up.
  private mutating func plan(_ actor: Actor, _ verb: PathVerb, _ path: BytePath, isOwner: Bool) -> Bool {
    guard isOwner || verb.isPossibleForOthers else { return false }
    let first = takeTurn("user \(verb)", of: 2)
    let users = [Planner.users[first], Planner.users[1 - first]].filter { isReachable(actor, uid: $0) }
    for uid in users {
      let objectOwner = isOwner ? uid : Planner.users.first { $0 != uid } ?? uid
      guard let places = places(actor, verb, path, objectOwner: objectOwner) else { continue }
      guard let scratch = scratch(actor, verb, path, isOwner: isOwner) else { continue }
      var all = places
      if let other = scratch.first {
        all.append(Scenario.Place(object: verb == .renameAway ? .nothing : .file, uid: objectOwner, path: other))
      }
      add(
        actor,
        uid: uid,
        places: all,
        operation: verb.words(path, scratch: scratch.first),
        event: Event(source: actor.source, access: .path(verb.operation, path), isOwner: isOwner)
      )
      return true
    }
    return false
  }

  /// What must stand where; nil if that cannot be, for the actor's programs or the guest's own files are in the way.
  private func places(_ actor: Actor, _ verb: PathVerb, _ path: BytePath, objectOwner: Int) -> [Scenario.Place]? {
    let chain = actor.chain.map(\.path)
    if path == .root { return (verb == .list || verb == .changeModeOfDirectory) && objectOwner == 0 ? [] : nil }
    guard !Guest.isReserved(path) else { return nil }
    let usesShell = verb == .executeScript || actor.chain.contains(where: \.isScript)
    if usesShell && path == Guest.shell { return nil }
    let programs = chain + (usesShell ? [Guest.shell] : [])
    if programs.contains(where: { path.isBelow($0) }) { return nil }
    if let step = actor.chain.first(where: { $0.path == path }) {
      // The program itself is the object: it exists and belongs to user 0; a running program cannot be written to.
      guard objectOwner == 0, verb.operation != .write else { return nil }
      switch verb {
      case .list, .executeScript: return nil
      default: return step.isScript && verb == .mapExecutable ? nil : []
      }
    }
    if programs.contains(where: { $0.isBelow(path) }) && verb != .list && verb != .changeModeOfDirectory { return nil }
    switch verb {
    case .bind:
      let socket = Socket(family: SocketNumber.unix, type: SocketNumber.dgram, protocolNumber: 0)
      if path.bytes.count > 100 || verdict(actor.source, .network(socket)) == .block { return nil }
    case .renameAway:
      // AppArmor wants to read what it renames; that is no event of the policy.
      if [true, false].contains(where: { verdict(actor.source, .path(.read, path), isOwner: $0) == .block }) {
        return nil
      }
    default: break
    }
    return [Scenario.Place(object: verb.object, uid: objectOwner, path: path)]
  }

  /// A path with which everything may be done, for the other end of a rename or link: one element; none if the verb
  /// needs none; nil if there is no such path.
  private func scratch(_ actor: Actor, _ verb: PathVerb, _ path: BytePath, isOwner: Bool) -> [BytePath]? {
    guard verb.needsScratch else { return [] }
    func isFree(_ candidate: BytePath, _ operation: PathOperation) -> Bool {
      [true, false].allSatisfy { verdict(actor.source, .path(operation, candidate), isOwner: $0) == .allow }
    }
    // A link may not give its new name a right that the old one lacks: no alias gets round a rule.
    let givesExec = [true, false].contains { verdict(actor.source, .path(.exec, path), isOwner: $0) != .block }
    if verb == .link && table.sources[path] != 0 { return nil }
    let named = Set(table.sources.paths.joined())
    let busy = [path] + actor.chain.map(\.path) + [Guest.shell] + [bystander].compactMap { $0 }
    let standard = ["/srv/scratch/other", "/opt/scratch/other"].compactMap { BytePath($0) }
    let found = (standard + probes.paths).first { candidate in
      !Guest.isReserved(candidate) && !named.contains(candidate)
        && !busy.contains { $0 == candidate || $0.isBelow(candidate) || candidate.isBelow($0) }
        && isFree(candidate, .read) && isFree(candidate, .write)
        && (verb != .link || ((!givesExec || isFree(candidate, .exec)) && !isFreer(path, than: candidate)))
    }
    return found.map { [$0] }
  }

  /// Whether some source may do with one path what it may not do with the other: the matcher lets nobody link those.
  private func isFreer(_ path: BytePath, than other: BytePath) -> Bool {
    let (mine, others) = (table.pathClass(of: path), table.pathClass(of: other))
    return (0..<table.sources.count).contains { source in
      PathOperation.allCases.contains { operation in
        [true, false].contains { isOwner in
          table.cell(source: source, path: mine, operation, isOwner: isOwner).verdict != .block
            && table.cell(source: source, path: others, operation, isOwner: isOwner).verdict == .block
        }
      }
    }
  }
}
