import Automata
package import IR

/// Proves that compiled profiles say what the policies say.
package struct AppArmorVerification: Sendable {
  /// States of all file automata together, as compiled.
  package let states: Int
  package let profiles: Int
  /// Differences that `build` knew and declared.
  package let declared: [ProfileDifference]
  /// Differences that nobody declared, shortest witness first. Empty: proved.
  package let undeclared: [ProfileDifference]

  /// - Parameters:
  ///   - compiled: the parser's binary of the profile text without `spec.apparmor`.
  ///   - enter: the profile that a runtime enters, as the manifest says.
  ///   - subject: what the policies say now.
  ///   - table: of `subject`.
  ///   - floor: as the manifest says; a host has none.
  ///   - model: the differences of the backend's own model of the profiles, which `build` declared.
  ///   - budget: limits of our own automata.
  /// - Throws: `VerificationProblem` when it cannot come to an end, or need not.
  package init(
    compiled: [UInt8],
    enter: String,
    subject: SubjectPolicy,
    table: DecisionTable,
    floor: Floor,
    model: [ProfileDifference],
    budget: TableBudget = TableBudget()
  ) throws(VerificationProblem) {
    let decoded: [CompiledProfile]
    var accesses: [ProfileAccess] = []
    do {
      decoded = try CompiledPolicy.decode(compiled)
      for profile in decoded { accesses.append(try profile.access()) }
    } catch {
      throw .undecodable("\(error)")
    }
    let defect: String?
    do throws(BudgetError) {
      defect = try ProfileConfinement.defect(
        decoded,
        enter: enter,
        isHost: subject.subject.isHost,
        floor: floor,
        table: table,
        budget: budget.states
      )
    } catch {
      throw .incomparable(BuildProblem.comparison(.budget(error)).message)
    }
    if let defect { throw .open(defect) }
    profiles = decoded.count
    states = decoded.reduce(0) { $0 + ($1.fileDFA?.stateCount ?? 0) }
    let differences: [ProfileDifference]
    do {
      differences = try ProfileComparison(
        table: table,
        profiles: accesses,
        floor: try subject.subject.isHost ? nil : floor.access(budget: budget.states),
        budget: budget.states
      ).differences(from: AppArmorVerification.entries(decoded, enter, subject, table))
    } catch let error as ComparisonError {
      throw .incomparable(BuildProblem.comparison(error).message)
    } catch {
      throw .incomparable("\(error)")
    }
    // Told apart by what they are about, not by their witnesses: of one region the binary may show more than one.
    let known = Set(model.map { Region($0, table) })
    var declared: [ProfileDifference] = []
    var undeclared: [ProfileDifference] = []
    for difference in differences {
      if known.contains(Region(difference, table)) {
        declared.append(difference)
      } else {
        undeclared.append(difference)
      }
    }
    self.declared = declared
    self.undeclared = undeclared.sorted {
      ($0.witness.description.utf8.count, $0.witness.description)
        < ($1.witness.description.utf8.count, $1.witness.description)
    }
  }

  /// Where processes start: a container in the profile its runtime enters; on a host whatever attaches to a program that
  /// an unconfined process executes.
  static func entries(
    _ profiles: [CompiledProfile],
    _ enter: String,
    _ subject: SubjectPolicy,
    _ table: DecisionTable
  ) -> [ProfileEntry] {
    guard subject.subject.isHost else { return [ProfileEntry(label: [enter], source: 0, isFirstProcess: true)] }
    var entries = [ProfileEntry(label: [enter], source: 0, isFirstProcess: false)]
    for (source, paths) in table.sources.paths.enumerated() {
      for path in paths {
        // The most specific attachment wins: one that names the program before the one for everything.
        let own = profiles.filter { $0.name != enter && $0.attaches(to: path.bytes) }.map(\.name)
        entries.append(
          ProfileEntry(label: own.isEmpty ? [enter] : [own[0]], source: source, isFirstProcess: false)
        )
      }
    }
    return entries
  }
}

/// What keeps a verification from coming to an end.
package enum VerificationProblem: Error, Hashable, Sendable {
  case undecodable(String)
  /// There is a way around the profiles, whatever they decide.
  case open(String)
  case incomparable(String)
}

extension AppArmorVerification {
  /// Profile text without the verbatim text of `spec.apparmor`, about which no verdict is claimed. Only what the policies
  /// really hold is taken out: anything else stays and is held against the policy.
  package static func withoutNative(_ text: [UInt8], _ subject: SubjectPolicy) -> [UInt8] {
    let native = subject.policies.compactMap { policy in policy.nativeAppArmor.map { (policy.id, $0) } }
    guard !native.isEmpty else { return text }
    let newline = UInt8(ascii: "\n")
    var lines = text.split(separator: newline, omittingEmptySubsequences: false)
    for (id, body) in native {
      let wanted = body.text.utf8.split(separator: newline, omittingEmptySubsequences: false).map { Array($0) }
      let start = Array("  # -- spec.apparmor of \(id) (".utf8)
      var kept: [ArraySlice<UInt8>] = []
      var index = 0
      while index < lines.count {
        let end = index + 1 + wanted.count
        if lines[index].starts(with: start), end <= lines.count,
          zip(lines[(index + 1)..<end], wanted).allSatisfy({ $0.elementsEqual($1) })
        {
          index = end
        } else {
          kept.append(lines[index])
          index += 1
        }
      }
      lines = kept
    }
    return Array(lines.joined(separator: [newline]))
  }
}

/// What a difference is about: equal for all witnesses of one region.
private struct Region: Hashable {
  private let kind: ProfileDifference.Kind
  private let label: [String]
  private let source: BytePath?
  private let actual: Verdict
  private let isOwner: Bool
  private let detail: String
  /// The access itself where it can be listed; nil for paths.
  private let access: Access?
  private let operation: PathOperation?
  private let pathClass: Int

  init(_ difference: ProfileDifference, _ table: DecisionTable) {
    kind = difference.kind
    label = difference.label
    source = difference.witness.source
    actual = difference.actual
    isOwner = difference.witness.isOwner
    detail = difference.detail
    if case .path(let operation, let path) = difference.witness.access {
      access = nil
      self.operation = operation
      pathClass = table.pathClass(of: path)
    } else {
      access = difference.witness.access
      operation = nil
      pathClass = 0
    }
  }
}
