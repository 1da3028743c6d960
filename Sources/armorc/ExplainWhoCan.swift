import Analysis
import IR
/// Who can.
struct ExplainWhoCan {
  let input: ExplainInput
  let query: SubjectQuery?
  let format: ExplainCommand.Format
  let jobs: Int
  func answer(_ access: AccessQuery) throws { throw Failure("--who-can is not there yet") }
}
/// Whole subjects.
struct ExplainSubjects {
  let input: ExplainInput
  let query: SubjectQuery?
  let format: ExplainCommand.Format
  let jobs: Int
  func answer(_ resourceClass: ResourceClass?) throws { throw Failure("whole subjects are not there yet") }
}
