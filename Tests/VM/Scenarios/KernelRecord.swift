import Bundle

/// One thing that the kernel reported about an operation.
protocol KernelRecord: CustomStringConvertible {
  var isDenial: Bool { get }
  /// Whether it tells of what no policy objects to.
  var isLog: Bool { get }
  /// Whether it is about the object and the access of a scenario.
  func concerns(_ expectation: Expectation) -> Bool
  /// What it says of the decision that the evaluator does not; nil if nothing.
  func flaw(_ expectation: Expectation) -> String?
}

/// Who decided in the guest.
enum Enforcer: Sendable {
  case apparmor
  /// The records that the cells of each subject's image name.
  case bpf([String: [ImageRecord]])

  func record(_ text: Substring, _ expectation: Expectation) -> any KernelRecord {
    switch self {
    case .apparmor: AuditRecord(text)
    case .bpf(let records): MatcherRecord(text, records[expectation.subject] ?? [])
    }
  }

  /// Whether it reports an event that is allowed.
  func logs(_ expectation: Expectation) -> Bool {
    if case .bpf = self { expectation.isVisible } else { false }
  }

  /// Whether it was asked for this decision.
  func decides(_ expectation: Expectation) -> Bool {
    if case .apparmor = self { expectation.isForAppArmor } else { true }
  }
}
