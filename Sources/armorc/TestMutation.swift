import Analysis
import IR

/// Tries every mutant of the rules and postures that the tests are about.
struct TestMutation: Sendable {
  struct Survivor: Sendable {
    let mutant: Mutant
    /// Would kill it.
    let expectation: PolicyExpectation
    let subject: SubjectPolicy
  }

  var tried = 0
  var killed = 0
  /// They mean the same as the original.
  var equivalent = 0
  /// Too large to compare.
  var unknown = 0
  /// In order of the rules' places.
  var survivors: [Survivor] = []

  /// In whole percent of those that mean something else, rounded down.
  var percent: Int {
    let counted = killed + survivors.count + unknown
    return counted == 0 ? 100 : killed * 100 / counted
  }

  init(_ groups: [TestGroup], jobs: Int) throws {
    let index = MutationIndex(groups)
    let mutants = MutationRun.mutants(of: groups)
    tried = mutants.count
    let killing = Progress("trying mutants")
    let isKilled = parallelMap(mutants, jobs: jobs, finished: { killing.show($0, of: mutants.count) }) {
      index.kills($0)
    }
    let alive = zip(mutants, isKilled).filter { !$0.1 }.map(\.0)
    killed = tried - alive.count

    // The tables of few subjects are kept; those of many would not fit.
    let keeps = groups.count <= 64
    let tables = keeps ? parallelMap(groups, jobs: jobs) { try? DecisionTable($0.subject) } : []
    let comparing = Progress("comparing mutants")
    let survivals = parallelMap(alive, jobs: jobs, finished: { comparing.show($0, of: alive.count) }) {
      mutant -> Result<Survival, TestFault> in
      do throws(TestFault) {
        return .success(
          try index.survival(of: mutant) { keeps ? tables[$0] : try? DecisionTable(index.subject($0)) }
        )
      } catch {
        return .failure(error)
      }
    }
    for (mutant, survival) in zip(alive, survivals) {
      switch survival {
      case .success(.equivalent): equivalent += 1
      case .success(.unknown): unknown += 1
      case .success(.alive(let expectation, let group)):
        survivors.append(Survivor(mutant: mutant, expectation: expectation, subject: index.subject(group)))
      case .failure(let fault): throw Failure(fault)
      }
    }
  }
}

extension Mutant {
  /// Where it is, for people: the rule's place and words, or whose posture.
  func place(_ subject: SubjectPolicy) -> String {
    switch change {
    case .rule(let rule, _): "\(rule.origin.location): \(rule.words)"
    case .posture: subject.name
    }
  }
}
