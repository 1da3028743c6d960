import Automata
import IR

/// Fills the parts of a layout plan with rules.
struct ProfileSetWriter {
  private let subject: SubjectPolicy
  private let table: DecisionTable
  private let plan: LayoutPlan
  private let options: AppArmorBackend.Options
  private let context: PathRules.Context

  init(
    _ subject: SubjectPolicy,
    _ table: DecisionTable,
    _ plan: LayoutPlan,
    _ options: AppArmorBackend.Options
  ) throws(EmissionError) {
    self.subject = subject
    self.table = table
    self.plan = plan
    self.options = options
    let clauses = PathClause.all(table)
    var patterns: [NamePattern] = []
    var owners: [[Origin]] = []
    var indexOf: [NamePattern: Int] = [:]
    func add(_ pattern: NamePattern, _ origin: Origin?) throws(EmissionError) {
      if pattern.text.count > Glob.longestProfileText {
        throw .patternTooLong(pattern.text.count, limit: Glob.longestProfileText, rules: origin.map { [$0] } ?? [])
      }
      let index = indexOf[pattern] ?? patterns.count
      if index == patterns.count {
        indexOf[pattern] = index
        patterns.append(pattern)
        owners.append([])
      }
      if let origin, owners[index].last != origin { owners[index].append(origin) }
    }
    for clause in clauses { for pattern in clause.patterns { try add(pattern, clause.rule.origin) } }
    for part in plan.parts {
      for path in part.exec.paths { try add(NamePattern(literal: path.bytes), part.exec.origins[path]?.first) }
    }
    let atoms: NameAtoms
    do {
      atoms = try NameAtoms(table, patterns: patterns, budget: options.budget)
    } catch {
      var seen: Set<Origin> = []
      let named = error.culprits.filter { $0 < owners.count }.flatMap { owners[$0] }.filter { seen.insert($0).inserted }
      throw .states(
        profile: plan.parts[0].name,
        limit: error.limit,
        rules: named.isEmpty ? table.rules.map(\.origin) : named
      )
    }
    context = PathRules.Context(
      table: table,
      atoms: atoms,
      clauses: clauses,
      coverLimit: options.coverLimit,
      budget: options.budget
    )
  }

  private var floor: Floor { subject.subject.isHost ? .none : options.floor }

  func profiles() throws(EmissionError) -> ProfileSet {
    let native = subject.policies.compactMap { policy in
      policy.nativeAppArmor.map { Profile.Native(policy: policy.id, text: $0) }
    }
    for text in native {
      if let defect = text.defect { throw .native(defect, policy: text.policy, text.text.location) }
    }
    let names = plan.parts.map(\.name)
    for part in plan.parts {
      guard let length = attachment(part)?.text.count, length > Glob.longestProfileText else { continue }
      let origins = Set(part.sources.flatMap { part.exec.origins[$0] ?? [] }).sorted()
      throw .patternTooLong(length, limit: Glob.longestProfileText, rules: origins)
    }
    return ProfileSet(
      subject: subject.name,
      layout: plan.layout,
      profiles: plan.parts.map { part in
        Profile(
          name: part.name,
          role: part.role,
          sources: part.sources,
          attachment: attachment(part),
          rules: rules(part) + floor.mediation(peers: names) + floor.rules,
          native: native
        )
      }
    )
  }

  private func attachment(_ part: LayoutPlan.Part) -> NamePattern? {
    guard part.isAttached else { return nil }
    if part.sources.count < 2 { return part.sources.first.map { NamePattern(literal: $0.bytes) } ?? .everything }
    // A profile has one attachment: alternatives, which begin with a slash as every pattern must.
    let texts = part.sources.map { Array(Glob.profileText(literal: $0.bytes).dropFirst()) }
    return NamePattern(
      text: Array("/{".utf8) + Array(texts.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "}")],
      language: .union(part.sources.map { .literal($0.bytes) })
    )
  }

  private func rules(_ part: LayoutPlan.Part) -> [ProfileRule] {
    func joint(_ classes: [Int], _ path: Int, _ facet: Facet) -> Cell? {
      JointVerdict.cell(classes.map { table.cell(source: $0, path: path, facet.operation, isOwner: facet.isOwner) })
    }
    func verdict(_ classes: [Int]) -> (Int, Facet) -> Verdict {
      // Path classes times facets, once.
      let verdicts = (0..<table.pathClassCount).map { path in
        Facet.all.map { joint(classes, path, $0)?.verdict ?? .allow }
      }
      return { verdicts[$0][$1.index] }
    }
    let isComponent = part.base != nil
    var goals =
      part.base.map { PathVerdicts(context.atoms, on: verdict($0), verdict: verdict(part.classes)) }
      ?? PathVerdicts(context.atoms, verdict: verdict(part.classes))
    if isComponent && !part.sources.isEmpty {
      // A program that is entered by a transition which adds a profile cannot start unless that one lets it be read; if
      // the profile below does not, it still decides.
      let own = part.sources.map { context.atoms.atom(of: $0.bytes) }
      goals.exemptReading(AtomSet(bound: context.atoms.count) { own.contains($0) })
    }
    let listed: Set<ResourceClass> = isComponent ? [] : table.allowListed.filter { table.postures[$0] == .block }
    let paths = PathRules(
      context,
      goals: goals,
      sources: part.sources,
      isComponent: isComponent,
      isUnion: part.classes.count > 1,
      listed: listed,
      exec: part.exec,
      decider: { joint(part.classes, $0, $1)?.rule }
    )
    var result: [ProfileRule] = []
    for section in [ProfileRule.Section.processes, .files] { result += paths.rules.filter { $0.section == section } }
    let network = NetworkRules(table, sources: part.classes, on: part.base)
    result += network.rules(isListed: listed.contains(.network))
    result += CapabilityRules.rules(
      table,
      sources: part.classes,
      on: part.base,
      isListed: listed.contains(.capabilities)
    )
    return result
  }

  /// What stands at the top of the text.
  var header: [String] {
    var lines = [
      "AppArmor profiles of '\(subject.name)', written by armorc.",
      "layout: \(plan.layout.rawValue) (\(plan.reason))",
    ]
    if floor != .none { lines.append("floor: \(floor.rawValue)") }
    lines.append(
      plan.layout == .attached
        ? "load with apparmor_parser -r; the kernel attaches them by path, to programs started from then on"
        : "load with apparmor_parser -r, then start the container under '\(plan.parts[0].name)'"
    )
    for policy in subject.policies { lines.append("policy: \(policy.id) (\(policy.location))") }
    return lines
  }
}
