import Analysis
import Diagnostics
import IR

/// Which subjects and sources can do something.
struct ExplainWhoCan {
  let input: ExplainInput
  let query: SubjectQuery?
  let format: ExplainCommand.Format
  let jobs: Int

  func answer(_ access: AccessQuery) throws {
    let holders = try compiled(input.subjects(query), jobs: jobs) { subject, table in
      try AccessHolders(subject, table: table, access)
    }
    switch format {
    case .text: Terminal.print(input.text.render(holders, access))
    case .json: Terminal.print(holders.map { ExplanationJSON.value($0, access).text() }.joined(separator: "\n"))
    }
  }
}

/// What whole subjects may do.
struct ExplainSubjects {
  let input: ExplainInput
  let query: SubjectQuery?
  let format: ExplainCommand.Format
  let jobs: Int

  func answer(_ resourceClass: ResourceClass?) throws {
    let text = input.text
    let format = format
    let parts = try compiled(input.subjects(query), jobs: jobs) { subject, table in
      let policy = EffectivePolicy(subject, table: table, only: resourceClass)
      return format == .text ? text.render(policy) : ExplanationJSON.value(policy).text() + "\n"
    }
    Terminal.print(parts.joined(separator: format == .text ? "\n" : ""))
  }
}

/// Compiles every subject, hands its table to `body`, and lets it go.
private func compiled<Result: Sendable>(
  _ subjects: [SubjectPolicy],
  jobs: Int,
  _ body: @escaping @Sendable (SubjectPolicy, DecisionTable) throws -> Result
) throws -> [Result] {
  let progress = Progress("explaining")
  let results = parallelMap(
    subjects,
    jobs: jobs,
    finished: { progress.show($0, of: subjects.count) }
  ) { subject -> Swift.Result<Result, Failure> in
    do {
      return .success(try body(subject, try DecisionTable(subject)))
    } catch let error as TableBudgetError {
      let places = error.rules.prefix(3).map(\.location.description).joined(separator: ", ")
      return .failure(
        Failure("\(subject.name): the policies need more than \(error.limit) \(error.quantity.rawValue) (\(places))")
      )
    } catch {
      return .failure(Failure("\(subject.name): the policies and the question together are too large"))
    }
  }
  return try results.map { try $0.get() }
}
