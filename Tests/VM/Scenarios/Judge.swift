import IR

/// Holds what the guest printed against what the evaluator said.
struct Judge {
  private(set) var passed = 0
  /// Passed decisions by access and verdict.
  private(set) var tally: [String: [Verdict: Int]] = [:]
  private(set) var failures: [Failure] = []
  /// What the kernel decided, by the scenarios' numbers.
  private(set) var verdicts: [Int: Verdict] = [:]
  private let enforcer: Enforcer

  struct Failure {
    var expectation: Expectation
    /// What is wrong, for people.
    var problem: String
    /// What the kernel said.
    var records: [any KernelRecord]
  }

  /// - Parameters:
  ///   - expectations: by the scenarios' numbers.
  ///   - enforcer: who decided; what it was not asked is left out.
  ///   - console: everything the guest printed.
  /// - Throws: `JudgeError` when the guest did not get to its end or speaks of what it was not asked.
  init(_ expectations: [Int: Expectation], _ enforcer: Enforcer, console: Substring) throws(JudgeError) {
    self.enforcer = enforcer
    let expectations = expectations.filter { enforcer.decides($0.value) }
    var answered: Set<Int> = []
    var isComplete = false
    for line in console.split(whereSeparator: \.isNewline) {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      switch fields.first {
      case "FATAL"?: throw JudgeError(description: "the guest gave up: \(line)")
      case "LOADED"? where fields.last != "ok": throw JudgeError(description: "the kernel refused a policy: \(line)")
      case "END"?: isComplete = true
      case "R"?:
        guard fields.count >= 3, let id = Int(fields[1]), let expectation = expectations[id] else {
          throw JudgeError(description: "the guest answered what nobody asked: \(line)")
        }
        guard answered.insert(id).inserted else { throw JudgeError(description: "the guest answered twice: \(line)") }
        let records = fields.dropFirst(3).map { enforcer.record($0, expectation) }
        judge(id, expectation, outcome: String(fields[2]), records: records)
      default: continue
      }
    }
    guard isComplete else {
      let last = answered.max().map(String.init) ?? "none"
      throw JudgeError(description: "the guest died early; the last scenario it finished is \(last)")
    }
    for id in expectations.keys.sorted() where !answered.contains(id) {
      guard let expectation = expectations[id] else { continue }
      failures.append(Failure(expectation: expectation, problem: "the guest gave no answer", records: []))
    }
  }

  private mutating func judge(
    _ id: Int,
    _ expectation: Expectation,
    outcome: String,
    records: [any KernelRecord]
  ) {
    let concerning = records.filter { $0.concerns(expectation) }
    let isDenied = Judge.isDenied(expectation, outcome)
    if let isDenied { verdicts[id] = isDenied ? .block : concerning.allSatisfy(\.isLog) ? .allow : .audit }
    if let problem = isDenied.map({ problem(expectation, $0, concerning) }) ?? "ended with '\(outcome)'" {
      failures.append(Failure(expectation: expectation, problem: problem, records: records))
    } else {
      passed += 1
      tally[expectation.access, default: [:]][expectation.verdict, default: 0] += 1
    }
  }

  /// Nil if the outcome is none of a decision.
  private static func isDenied(_ expectation: Expectation, _ outcome: String) -> Bool? {
    // EACCES is both enforcers' word for paths and sockets, EPERM the kernel's for a missing capability. A socket that
    // fails for another reason (no such protocol, no CAP_NET_RAW) was let through by the hook that is asked first.
    switch (expectation.object, outcome) {
    case (.capability, "E1"), (.path, "E13"), (.socket, "E13"): true
    case (_, "ok"): false
    case (.socket, _) where outcome.hasPrefix("E"): false
    default: nil
    }
  }

  /// What is wrong with an answer; nil if nothing is.
  private func problem(
    _ expectation: Expectation,
    _ isDenied: Bool,
    _ records: [any KernelRecord]
  ) -> String? {
    if isDenied != (expectation.verdict == .block) { return isDenied ? "was blocked" : "was let through" }
    let isReported = !records.isEmpty
    if records.contains(where: \.isDenial) && !isDenied { return "was let through, yet a denial is logged" }
    if isReported != (expectation.verdict != .allow || enforcer.logs(expectation)) {
      return isReported ? "was reported" : "was not reported"
    }
    return records.lazy.compactMap { $0.flaw(expectation) }.first
  }

  /// For people: failures first, then what was proved, then the line that scripts look for.
  func summary() -> String {
    var text = ""
    for (number, failure) in failures.enumerated() {
      if number == Judge.longestList {
        text += "… and \(failures.count - number) more\n"
        break
      }
      let expectation = failure.expectation
      text += "FAILED  \(expectation.subject): \(expectation.event)\n"
      text += "        \(failure.problem); expected \(expectation.verdict.name) by \(expectation.decider)\n"
      text += "        \(expectation.how)\n"
      for record in failure.records { text += "        kernel: \(record)\n" }
    }
    if !failures.isEmpty { text += "\n" }
    text += row("decided as expected", Verdict.allCases.map(\.name))
    for (access, counts) in tally.sorted(by: { $0.key < $1.key }) {
      text += row(access, Verdict.allCases.map { String(counts[$0, default: 0]) })
    }
    return text + "\(passed) passed, \(failures.count) failed"
  }

  private static let longestList = 40

  private func row(_ title: String, _ columns: [String]) -> String {
    let pad = { (text: String, width: Int) in String(repeating: " ", count: max(0, width - text.count)) }
    return title + pad(title, 20) + columns.map { pad($0, 8) + $0 }.joined() + "\n"
  }
}

/// The guest's answers cannot be judged.
struct JudgeError: Error, CustomStringConvertible {
  let description: String
}
