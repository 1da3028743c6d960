import Analysis
import ArgumentParser
import Diagnostics
import IR

/// Answers to events.
struct ExplainEvents {
  let input: ExplainInput
  let query: SubjectQuery?
  let format: ExplainCommand.Format
  let jobs: Int

  private struct Question: Sendable {
    let subject: SubjectPolicy
    let record: EventRecord
  }

  private struct Answer: Sendable {
    let question: Question
    let explanation: Explanation
    /// Where nobody said whose the object is, and it matters.
    let asOther: Explanation?
    let enforcers: [EnforcerAnswer]
  }

  /// One event of the command line.
  func answer(_ event: Event) throws {
    let record = EventRecord(event: event)
    let questions = try input.subjects(query).map { Question(subject: $0, record: record) }
    guard format == .text, questions.count > 1 else { return show(try answers(questions)) }
    Terminal.print(grouped(event, questions.map { Explanation(subject: $0.subject, event: event) }))
  }

  /// Records with subjects and postures of their own. Those without a subject are asked of `--subject`, or of all.
  func answer(_ records: [EventRecord]) throws {
    var finders: [[String]?: SubjectFinder] = [nil: input.finder]
    var questions: [Question] = []
    var failures: [String] = []
    for (number, record) in records.enumerated() {
      let files = input.files(of: record)
      let finder: SubjectFinder
      if let known = finders[files] {
        finder = known
      } else {
        finder = input.finder(of: files ?? [])
        finders[files] = finder
      }
      let found: [SubjectPolicy]
      if let query = record.subject ?? query {
        found = finder.find(query)
        if found.isEmpty {
          let name = record.id.map { "'\($0)'" } ?? "\(number + 1)"
          failures.append("event \(name): \(ExplainInput.missing(query, finder))")
        }
      } else {
        found = finder.subjects
      }
      for subject in found {
        var subject = try input.whole(subject)
        subject.postures = record.postures.filled(with: subject.postures)
        questions.append(Question(subject: subject, record: record))
      }
    }
    if !questions.isEmpty { show(try answers(questions)) }
    guard failures.isEmpty else { throw Failure(failures.joined(separator: "\narmorc: ")) }
  }

  // MARK: Work

  /// In the order of the questions; each subject is compiled once and let go.
  private func answers(_ questions: [Question]) throws -> [Answer] {
    var order: [SubjectPolicy: Int] = [:]
    var groups: [[Int]] = []
    for (index, question) in questions.enumerated() {
      if let known = order[question.subject] {
        groups[known].append(index)
      } else {
        order[question.subject] = groups.count
        groups.append([index])
      }
    }
    let done = parallelMap(groups, jobs: jobs) { group -> [(Int, Answer)?] in
      guard let first = group.first else { return [] }
      let apparmor = AppArmorAnswer(questions[first].subject)
      let bpf = BPFAnswer(questions[first].subject)
      return group.map { index in ExplainEvents.answer(questions[index], apparmor, bpf).map { (index, $0) } }
    }
    var result: [Int: Answer] = [:]
    for answer in done.joined() {
      guard let answer else { throw Failure("the evaluator and the decision table disagree: a fault of armorc") }
      result[answer.0] = answer.1
    }
    return questions.indices.compactMap { result[$0] }
  }

  /// Nil where the two ways to a decision part, which must not happen.
  private static func answer(_ question: Question, _ apparmor: AppArmorAnswer, _ bpf: BPFAnswer) -> Answer? {
    let event = question.record.event
    let explanation = Explanation(subject: question.subject, event: event)
    if let table = apparmor.table, table.decide(event) != explanation.decision { return nil }
    var asOther: Explanation?
    if question.record.isOwnerUnknown {
      var other = event
      other.isOwner = false
      let second = Explanation(subject: question.subject, event: other)
      if second.decision != explanation.decision { asOther = second }
    }
    return Answer(
      question: question,
      explanation: explanation,
      asOther: asOther,
      enforcers: [apparmor.answer(event), bpf.answer(event, expected: explanation.verdict)]
    )
  }

  // MARK: Words

  private func show(_ answers: [Answer]) {
    switch format {
    case .json:
      let lines = answers.map { answer in
        ExplanationJSON.value(
          answer.explanation,
          id: answer.question.record.id,
          asOther: answer.asOther,
          enforcers: answer.enforcers
        ).text()
      }
      Terminal.print(lines.joined(separator: "\n"))
    case .text:
      let text = input.text
      let parts = answers.map { answer in
        let name = answer.question.record.id.map { DisplayText.safe($0) + "\n" } ?? ""
        let whole = name + text.render(answer.explanation, enforcers: answer.enforcers)
        guard let other = answer.asOther else { return whole }
        return whole + "  for an actor that does not own it: \(other.verdict.name), \(ExplanationText.brief(other))\n"
      }
      Terminal.print(parts.joined(separator: "\n"))
    }
  }

  /// Many subjects: those with one answer together.
  private func grouped(_ event: Event, _ explanations: [Explanation]) -> String {
    input.text.groups(explanations, of: event)
  }
}
