import Analysis
import ArgumentParser
import IR

/// Which changes of `diff` make its exit status 1.
enum DiffFailure: String, ExpressibleByArgument, CaseIterable {
  case looser, tighter, any, never
}

enum DiffFormat: String, ExpressibleByArgument, CaseIterable { case text, markdown, json, sarif, html }

/// Enforcers whose artifacts `diff` can compare.
enum EnforcerArgument: String, ExpressibleByArgument, CaseIterable { case apparmor, bpf }

/// `file`, `process` …: a class that verdicts speak of.
struct ClassArgument: ExpressibleByArgument, Sendable {
  static let known: [ResourceClass] = [.process, .file, .network, .capabilities, .syscalls]
  let resourceClass: ResourceClass

  init?(argument: String) {
    guard let found = ClassArgument.known.first(where: { $0.rawValue == argument }) else { return nil }
    resourceClass = found
  }
}

/// A base list, or `none`.
struct OldBaseArgument: ExpressibleByArgument, Sendable {
  let list: BaseList?

  init?(argument: String) {
    guard argument != "none" else {
      list = nil
      return
    }
    guard let named = BaseList.named(argument) else { return nil }
    list = named
  }
}

/// How `diff` ends.
enum DiffStatus {
  /// `direction` is that of everything that was selected; `isUnknown` says that something may have changed in ways that no
  /// verdict speaks of, which counts as a change either way.
  static func status(_ direction: Direction, isUnknown: Bool, failOn: DiffFailure) -> Int32 {
    let isLooser = isUnknown || direction == .looser || direction == .both
    let isTighter = isUnknown || direction == .tighter || direction == .both
    let fails =
      switch failOn {
      case .looser: isLooser
      case .tighter: isTighter
      case .any: isLooser || isTighter
      case .never: false
      }
    return fails ? ExitStatus.findings.rawValue : ExitStatus.clean.rawValue
  }

  /// 0 equal, 4 tighter, 5 looser, 6 both.
  static func detailed(_ direction: Direction, isUnknown: Bool) -> Int32 {
    if isUnknown { return 6 }
    return switch direction {
    case .equal: ExitStatus.clean.rawValue
    case .tighter: 4
    case .looser: 5
    case .both: 6
    }
  }
}
