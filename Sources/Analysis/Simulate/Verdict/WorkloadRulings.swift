package import IR
internal import Synchronization

/// Finds what one state of the policies says of each workload of a stream. Safe to share between threads.
///
/// Workloads are joined with their policies once; those with the same policies share a table.
package final class WorkloadRulings: Sendable {
  /// Most workloads that are remembered; then all are forgotten and joined again as they come.
  static let mostWorkloads = 1 << 16
  /// Most cells and transitions of all tables that are kept (4 bytes each); the least recently used go first.
  static let mostCost = 1 << 26

  private struct Key: Hashable {
    let workload: WorkloadReference?
    let postures: PartialPostures

    /// Postures of one's own are rare: they tell two keys apart, but not their hashes.
    func hash(into hasher: inout Hasher) { hasher.combine(workload) }
  }
  private struct TableKey: Hashable {
    let policies: [PolicyID]
    let postures: Postures
    /// Whose, where there is a matcher: two subjects may have artifacts of their own.
    let subject: String?
  }
  private struct Memory {
    var rulings: [Key: WorkloadRuling] = [:]
    var tables: [TableKey: (verdicts: SubjectVerdicts, used: Int)] = [:]
    var cost = 0
    var clock = 0
  }

  private let directory: WorkloadDirectory
  /// Of records that name no workload.
  private let standard: WorkloadReference?
  private let matcher: MatcherOfSubject?
  private let memory = Mutex(Memory())
  private let forgetting = Atomic(0)

  /// Makes the matcher over an enforcer's artifact for a subject, or says why there is none.
  package typealias MatcherOfSubject = @Sendable (SubjectPolicy) -> Result<SubjectVerdicts.Matcher, MatcherProblem>
  package struct MatcherProblem: Error, Hashable, Sendable {
    let message: String
    /// One line, lower case, no final period.
    package init(_ message: String) { self.message = message }
  }

  /// `standard` is whose the events are that name no workload; `matcher` is asked beside the policies.
  package init(_ side: PolicySide, standard: SubjectQuery? = nil, matcher: MatcherOfSubject? = nil) {
    self.matcher = matcher
    directory = WorkloadDirectory(side)
    self.standard = standard.map { WorkloadReference(RecordedWorkload($0)) }
  }

  /// Whether `standard` names somebody; an error that says whom it could name.
  package func check(standard name: String) -> String? { directory.complaint(aboutSubject: name) }

  /// Changes when tables are let go: whoever holds rulings shall let go of them too.
  var generation: Int { forgetting.load(ordering: .relaxed) }

  package func ruling(_ record: Record) -> WorkloadRuling {
    let key = Key(workload: record.reference ?? standard, postures: record.postures)
    if let known = memory.withLock({ $0.rulings[key] }) { return known }
    let made = make(key)
    return memory.withLock { memory in
      if let known = memory.rulings[key] { return known }
      if memory.rulings.count >= WorkloadRulings.mostWorkloads { memory.rulings = [:] }
      memory.rulings[key] = made
      return made
    }
  }

  private func make(_ key: Key) -> WorkloadRuling {
    var workload = key.workload?.workload
    var found = workload.map(directory.find)
    // A profile of nobody: whom the user named.
    if case .profile? = workload, case .unknown? = found, let standard {
      workload = standard.workload
      found = directory.find(standard.workload)
    }
    switch found {
    case nil:
      return WorkloadRuling(name: "?", .unclear("the record names no workload (give --subject)"))
    case .unknown(let name, let why)?: return WorkloadRuling(name: name, .unclear(why))
    case .subject(var subject)?:
      subject.postures = key.postures.filled(with: subject.postures)
      if subject.policies.isEmpty { return WorkloadRuling(name: subject.name, .free) }
      do throws(MatcherProblem) {
        return WorkloadRuling(name: subject.name, .judged(try verdicts(of: subject)))
      } catch {
        return WorkloadRuling(name: subject.name, .unclear(error.message))
      }
    }
  }

  private func verdicts(of subject: SubjectPolicy) throws(MatcherProblem) -> SubjectVerdicts {
    let key = TableKey(
      policies: subject.policies.map(\.id),
      postures: subject.postures,
      subject: matcher == nil ? nil : subject.name
    )
    let known = memory.withLock { memory -> SubjectVerdicts? in
      memory.clock += 1
      memory.tables[key]?.used = memory.clock
      return memory.tables[key]?.verdicts
    }
    if let known { return known }
    let matcher = try self.matcher?(subject).get()
    let made: SubjectVerdicts
    do throws(TableBudgetError) {
      made = try SubjectVerdicts(subject, matcher: matcher)
    } catch {
      throw MatcherProblem("its policies are too large to compile: more than \(error.limit) \(error.quantity.rawValue)")
    }
    memory.withLock { memory in
      guard memory.tables[key] == nil else { return }
      memory.cost += made.cost
      memory.tables[key] = (made, memory.clock)
      var isFull = memory.cost > WorkloadRulings.mostCost && memory.tables.count > 1
      // What rulings hold stays alive with them: they go together.
      if isFull {
        memory.rulings = [:]
        forgetting.wrappingAdd(1, ordering: .relaxed)
      }
      while isFull, let oldest = memory.tables.min(by: { $0.value.used < $1.value.used }), memory.tables.count > 1 {
        memory.cost -= oldest.value.verdicts.cost
        memory.tables[oldest.key] = nil
        isFull = memory.cost > WorkloadRulings.mostCost
      }
    }
    return made
  }
}
