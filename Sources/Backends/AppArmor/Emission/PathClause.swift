import IR

/// A clause about paths with its patterns.
struct PathClause {
  let clause: Clause
  let rule: Rule
  let patterns: [NamePattern]
  let facets: [Facet]

  /// Every clause about paths of a table, in the order of its rules.
  static func all(_ table: DecisionTable) -> [PathClause] {
    table.rules.flatMap { rule in
      Clause.lower(rule).compactMap { clause in
        guard case .paths(let set) = clause.object else { return nil }
        return PathClause(
          clause: clause,
          rule: rule,
          patterns: set.namePatterns(files: !clause.operations.contains(.exec)),
          facets: Facet.of(clause)
        )
      }
    }
  }

  /// Whether the clause speaks of some of these sources (none: of any source).
  func speaksOf(_ sources: [BytePath]) -> Bool {
    clause.sources.isEmpty || sources.contains { source in clause.sources.contains { $0.contains(source) } }
  }
}

extension DecisionTable {
  /// What decides a cell, in a few words, for comments.
  func summary(of rules: [Int]) -> String {
    switch rules.count {
    case 0: "default posture"
    case 1...2: rules.map { self.rules[$0].summary }.joined(separator: "; ")
    default: ""
    }
  }
}

extension Rule {
  /// The rule in a few words, for comments.
  var summary: String {
    var words = [action.rawValue]
    switch target {
    case .process(let set): words += ["exec", set.description]
    case .file(let set): words += ["file", set.description]
    case .network(let word): words += ["network", word.rawValue]
    case .capability(let capability): words += ["capability", capability.name]
    case .syscall(let names, _): words += ["syscall", names.joined(separator: ",")]
    }
    if readOnly { words.append("readOnly") }
    if ownerOnly { words.append("ownerOnly") }
    if !sources.isEmpty { words += ["from", sources.map(\.description).joined(separator: ", ")] }
    return words.joined(separator: " ")
  }
}
