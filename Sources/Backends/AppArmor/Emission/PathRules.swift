import Automata
import IR

/// Writes the exec and file rules of one profile: natural forms of clauses where these say nothing wrong, covers of what
/// is left, and where there is no cover what errs on the strict side.
struct PathRules {
  struct Context {
    let table: DecisionTable
    let atoms: NameAtoms
    let clauses: [PathClause]
    /// Most globs of one cover.
    let coverLimit: Int
    let budget: StateBudget
  }

  let context: Context
  let goals: PathVerdicts
  /// The sources that the profile decides for; empty: all others.
  let sources: [BytePath]
  /// Only narrows another profile: everything is granted, and only what narrows is written.
  let isComponent: Bool
  /// Every source is meant, as by the union profile: clauses hold whatever sources they name.
  let isUnion: Bool
  /// Classes of which only what a clause allows is granted.
  let listed: Set<ResourceClass>
  let exec: ExecMap
  /// Names the rule that decides a cell.
  let decider: (Int, Facet) -> Int?

  private(set) var rules: [ProfileRule] = []
  private var denied: [AtomSet]
  private var granted: [AtomSet]
  private var audited: [AtomSet]
  /// Facets whose broad rule is audited for want of a cover.
  private var auditsAll: Set<Facet> = []
  private var grants: [ProfileRule] = []
  private var denials: [ProfileRule] = []
  private var audits: [ProfileRule] = []

  init(
    _ context: Context,
    goals: PathVerdicts,
    sources: [BytePath],
    isComponent: Bool,
    isUnion: Bool,
    listed: Set<ResourceClass>,
    exec: ExecMap,
    decider: @escaping (Int, Facet) -> Int?
  ) {
    self.context = context
    self.goals = goals
    self.sources = sources
    self.isComponent = isComponent
    self.isUnion = isUnion
    self.listed = listed
    self.exec = exec
    self.decider = decider
    let empty = [AtomSet](repeating: AtomSet(bound: context.atoms.count), count: Facet.count)
    denied = empty
    granted = empty
    audited = empty
    writeDenials()
    writeGrants()
    writeAudits()
    rules = broadRules() + grants + sourceRules() + audits + denials
  }

  private func isActive(_ clause: PathClause) -> Bool { isUnion || clause.speaksOf(sources) }

  private func isListed(_ facet: Facet) -> Bool { listed.contains(facet.operation.resourceClass) }

  // MARK: Denials

  private mutating func writeDenials() {
    let blocking = context.clauses.filter { $0.clause.effect == .block && isActive($0) }
    let allowing = context.clauses.filter { $0.clause.effect == .allow && isActive($0) }
    var must = goals.block
    // In an allow-list only what some rule grants need be denied.
    for facet in Facet.all where isListed(facet) {
      var reach = AtomSet(bound: context.atoms.count)
      for clause in allowing where clause.facets.contains(facet) {
        reach.insert(context.atoms.atoms(of: clause.patterns))
      }
      must[facet.index] = must[facet.index].intersection(reach)
    }
    for clause in blocking {
      let atoms = context.atoms.atoms(of: clause.patterns)
      deny(clause, atoms, isComponent ? must : nil)
    }
    if isComponent {
      for clause in context.clauses where clause.clause.effect == .allow && !isActive(clause) {
        deny(clause, context.atoms.atoms(of: clause.patterns), must)
      }
    }
    for (facets, rest) in groups(must, less: denied) {
      let may = facets.map { goals.mayBlock[$0.index] }.reduce(rest) { $0.union($1) }
      let allowed = facets.map { goals.mayBlock[$0.index] }.reduce(may) { $0.intersection($1) }
      if let patterns = cover(rest, may: allowed) {
        for pattern in patterns {
          append(.auditDeny, pattern, facets, origins: origins(rest, facets), comment: "what remains of it")
        }
      } else {
        // Strict: the whole of every clause that reaches what must be refused.
        for clause in blocking + context.clauses.filter({ $0.clause.effect == .allow && !isActive($0) }) {
          let atoms = context.atoms.atoms(of: clause.patterns)
          let facets = facets.filter { clause.facets.contains($0) }
          guard !facets.isEmpty, atoms.contains(where: rest.contains) else { continue }
          for pattern in clause.patterns {
            append(.auditDeny, pattern, facets, origins: [clause.rule.origin], comment: clause.rule.summary)
          }
          for facet in facets { denied[facet.index].insert(atoms) }
        }
      }
      for facet in facets { denied[facet.index] = denied[facet.index].union(rest) }
    }
  }

  /// Denies a clause in its natural form, in the facets in which that denies nothing else; if `must` is given only where
  /// something of it is not denied yet.
  private mutating func deny(_ clause: PathClause, _ atoms: [Int], _ must: [AtomSet]?) {
    let facets = clause.facets.filter { facet in
      let index = facet.index
      guard atoms.allSatisfy(goals.mayBlock[index].contains) else { return false }
      return must.map { must in atoms.contains { must[index].contains($0) && !denied[index].contains($0) } } ?? true
    }
    guard !facets.isEmpty else { return }
    for pattern in clause.patterns {
      append(.auditDeny, pattern, facets, origins: [clause.rule.origin], comment: clause.rule.summary)
    }
    for facet in facets { denied[facet.index].insert(atoms) }
  }

  // MARK: Grants

  private mutating func writeGrants() {
    for facet in Facet.all where !isListed(facet) {
      granted[facet.index] = AtomSet(bound: context.atoms.count) { _ in true }
    }
    let harmless = Facet.all.map { facet in
      AtomSet(bound: context.atoms.count) {
        !goals.care[facet.index].contains($0) || !goals.block[facet.index].contains($0)
          || denied[facet.index].contains($0)
      }
    }
    var must = Facet.all.map { goals.care[$0.index].subtracting(goals.block[$0.index]) }
    for facet in Facet.all where !isListed(facet) { must[facet.index] = AtomSet(bound: context.atoms.count) }
    for clause in context.clauses where clause.clause.effect == .allow && isActive(clause) {
      let atoms = context.atoms.atoms(of: clause.patterns)
      let facets = clause.facets.filter { isListed($0) && atoms.allSatisfy(harmless[$0.index].contains) }
      guard !facets.isEmpty else { continue }
      for pattern in clause.patterns {
        append(.allow, pattern, facets, origins: [clause.rule.origin], comment: clause.rule.summary)
      }
      for facet in facets { granted[facet.index].insert(atoms) }
    }
    for (facets, rest) in groups(must, less: granted) {
      let may = facets.map { harmless[$0.index] }.reduce(harmless[facets[0].index]) { $0.intersection($1) }
      guard let patterns = cover(rest, may: may) else { continue }
      for pattern in patterns {
        append(.allow, pattern, facets, origins: origins(rest, facets), comment: "what remains of it")
      }
      for facet in facets { granted[facet.index] = granted[facet.index].union(rest) }
    }
  }

  // MARK: Audits

  private mutating func writeAudits() {
    let auditing = context.clauses.filter { $0.clause.effect == .audit && isActive($0) }
    let harmless = Facet.all.map { goals.mayAudit[$0.index].union(denied[$0.index]) }
    // Nothing that could not be granted is reported as let through.
    let must = Facet.all.map { goals.audit[$0.index].intersection(granted[$0.index]).subtracting(denied[$0.index]) }
    for source in exec.paths {
      let atom = context.atoms.atom(of: source.bytes)
      for isOwner in [false, true] {
        let index = Facet(.exec, isOwner: isOwner).index
        if goals.audit[index].contains(atom) { audited[index].insert(atom) }
      }
    }
    for clause in auditing {
      let atoms = context.atoms.atoms(of: clause.patterns)
      let facets = clause.facets.filter { facet in
        guard atoms.allSatisfy(harmless[facet.index].contains) else { return false }
        return !isComponent
          || atoms.contains { must[facet.index].contains($0) && !audited[facet.index].contains($0) }
      }
      audit(clause, facets, atoms)
    }
    for (facets, rest) in groups(must, less: audited) {
      let may = facets.map { harmless[$0.index] }.reduce(harmless[facets[0].index]) { $0.intersection($1) }
      if let patterns = cover(rest, may: may) {
        let origins = origins(rest, facets)
        for pattern in patterns {
          append(.audit, pattern, facets, origins: origins, comment: origins.isEmpty ? "default posture" : "")
        }
        continue
      }
      auditTooMuch(facets, rest, auditing)
    }
  }

  private mutating func audit(_ clause: PathClause, _ facets: [Facet], _ atoms: [Int]) {
    guard !facets.isEmpty else { return }
    for pattern in clause.patterns {
      append(.audit, pattern, facets, origins: [clause.rule.origin], comment: clause.rule.summary)
    }
    for facet in facets { audited[facet.index].insert(atoms) }
  }

  /// There is no cover: reports more than wanted, but grants nothing.
  private mutating func auditTooMuch(_ facets: [Facet], _ rest: AtomSet, _ auditing: [PathClause]) {
    var rest = rest
    for clause in auditing {
      let atoms = context.atoms.atoms(of: clause.patterns)
      let mine = facets.filter { facet in
        clause.facets.contains(facet) && atoms.contains(where: rest.contains)
          && atoms.allSatisfy { granted[facet.index].contains($0) || denied[facet.index].contains($0) }
      }
      audit(clause, mine, atoms)
      if mine.count == facets.count {
        for atom in atoms { rest.remove(atom) }
      }
    }
    guard !rest.isEmpty else { return }
    let broad = facets.filter { !isListed($0) }
    auditsAll.formUnion(broad)
    let listed = facets.filter(isListed)
    guard !listed.isEmpty else { return }
    for clause in context.clauses where clause.clause.effect == .allow && isActive(clause) {
      let atoms = context.atoms.atoms(of: clause.patterns)
      let mine = listed.filter { facet in
        clause.facets.contains(facet) && atoms.contains(where: rest.contains)
          && atoms.allSatisfy { granted[facet.index].contains($0) || denied[facet.index].contains($0) }
      }
      audit(clause, mine, atoms)
    }
  }

  // MARK: Rules

  private func broadRules() -> [ProfileRule] {
    var result: [ProfileRule] = []
    if !listed.contains(.process) {
      result.append(
        ProfileRule(.processes, .allow, .file(FileRule(.everything, exec: exec.standard)), comment: "programs are free")
      )
    }
    if !listed.contains(.file) {
      result.append(
        ProfileRule(
          .files,
          .allow,
          .file(FileRule(.everything, bits: FileBits.reading.union(.writing))),
          comment: "files are free"
        )
      )
    }
    if !auditsAll.isEmpty {
      for (owner, operations) in shapes(Array(auditsAll)) {
        for rule in fileRules(.audit, .everything, owner, operations) {
          result.append(rule.with(comment: "default posture; there is no exact list"))
        }
      }
    }
    return result
  }

  /// Where execs of the sources lead. A literal beats every other pattern, so these stand beside whatever else is said.
  private func sourceRules() -> [ProfileRule] {
    var result: [ProfileRule] = []
    for path in exec.paths {
      let atom = context.atoms.atom(of: path.bytes)
      var qualifiers: [ProfileRule.Qualifier?] = []
      for isOwner in [false, true] {
        let index = Facet(.exec, isOwner: isOwner).index
        let isBlocked = goals.block[index].contains(atom) || denied[index].contains(atom)
        qualifiers.append(isBlocked ? nil : goals.audit[index].contains(atom) ? .audit : .allow)
      }
      let shapes: [(OwnerCondition, ProfileRule.Qualifier?)] =
        qualifiers[0] == qualifiers[1]
        ? [(.any, qualifiers[0])] : [(.other, qualifiers[0]), (.owner, qualifiers[1])]
      for case (let owner, let qualifier?) in shapes {
        result.append(
          ProfileRule(
            .processes,
            qualifier,
            .file(FileRule(NamePattern(literal: path.bytes), owner: owner, exec: exec.target(of: path))),
            origins: exec.origins[path] ?? [],
            comment: "a source"
          )
        )
      }
    }
    return result
  }

  private mutating func append(
    _ qualifier: ProfileRule.Qualifier,
    _ pattern: NamePattern,
    _ facets: [Facet],
    origins: [Origin],
    comment: String
  ) {
    var pattern = pattern
    if pattern.isExact, !qualifier.isDeny, facets.contains(where: { $0.operation == .exec }) {
      if let literal = pattern.literal, let path = BytePath(literal), exec.isSource(path) {
        // Its own rule comes later.
        return
      }
      // Must not meet a source's literal as an equal.
      if pattern.literal == nil, exec.isMatched(by: context.atoms.atoms(of: [pattern]), context.atoms) {
        pattern = pattern.inexact ?? pattern
      }
    }
    for (owner, operations) in shapes(facets) {
      for var rule in fileRules(qualifier, pattern, owner, operations) {
        rule.origins = origins
        rule.comment = comment
        switch qualifier {
        case .allow: grants.append(rule)
        case .audit: audits.append(rule)
        case .auditDeny: denials.append(rule)
        }
      }
    }
  }

  private func fileRules(
    _ qualifier: ProfileRule.Qualifier,
    _ pattern: NamePattern,
    _ owner: OwnerCondition,
    _ operations: PathOperations
  ) -> [ProfileRule] {
    var result: [ProfileRule] = []
    if operations.contains(.exec) {
      let target = qualifier.isDeny ? .inherit : exec.standard
      result.append(ProfileRule(.processes, qualifier, .file(FileRule(pattern, owner: owner, exec: target))))
    }
    var bits: FileBits = []
    if operations.contains(.read) { bits.formUnion(qualifier == .audit ? .read : .reading) }
    if operations.contains(.write) { bits.formUnion(.writing) }
    if !bits.isEmpty {
      result.append(ProfileRule(.files, qualifier, .file(FileRule(pattern, owner: owner, bits: bits))))
    }
    return result
  }

  /// The facets as owner conditions with their operations.
  private func shapes(_ facets: [Facet]) -> [(OwnerCondition, PathOperations)] {
    func operations(_ isOwner: Bool) -> PathOperations {
      facets.filter { $0.isOwner == isOwner }.reduce(into: []) { $0.insert(PathOperations($1.operation)) }
    }
    let owner = operations(true)
    let other = operations(false)
    let both = owner.intersection(other)
    return [(.any, both), (.owner, owner.subtracting(both)), (.other, other.subtracting(both))].filter { !$0.1.isEmpty }
  }

  // MARK: Sets

  /// What of `must` is not in `done`, facets with the same rest together, exec apart from files.
  private func groups(_ must: [AtomSet], less done: [AtomSet]) -> [([Facet], AtomSet)] {
    var result: [([Facet], AtomSet)] = []
    for facet in Facet.all {
      let rest = must[facet.index].subtracting(done[facet.index])
      if rest.isEmpty { continue }
      if let known = result.firstIndex(where: {
        $0.1 == rest && $0.0[0].operation.resourceClass == facet.operation.resourceClass
      }) {
        result[known].0.append(facet)
      } else {
        result.append(([facet], rest))
      }
    }
    return result
  }

  private func cover(_ wanted: AtomSet, may: AtomSet) -> [NamePattern]? {
    NameCover.patterns(context.atoms.classifier, wanted: wanted, may: may.union(wanted), limit: context.coverLimit)
  }

  private func origins(_ atoms: AtomSet, _ facets: [Facet]) -> [Origin] {
    var found: Set<Origin> = []
    for atom in atoms.atoms {
      for facet in facets {
        if let rule = decider(context.atoms.pathClass[atom], facet) { found.insert(context.table.rules[rule].origin) }
      }
    }
    return found.sorted()
  }
}

extension ProfileRule {
  func with(comment: String) -> ProfileRule {
    var copy = self
    copy.comment = comment
    return copy
  }
}
