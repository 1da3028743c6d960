import ArgumentParser
import Backends
import IR

/// `--inexact error`, `--inexact looser=warn`.
struct InexactArgument: ExpressibleByArgument, Sendable {
  enum Level: String { case error, warn, allow }
  /// Nil: every label.
  let label: ExactnessLabel?
  let level: Level

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let last = parts.last, let level = Level(rawValue: last) else { return nil }
    if parts.count == 1 {
      label = nil
    } else {
      guard let label = ExactnessLabel(rawValue: parts[0]), label != .exact else { return nil }
      self.label = label
    }
    self.level = level
  }

  /// What is done about rules of a label (SEMANTICS §8): stricter ones are warned of, looser and unsupported ones are errors.
  static func level(of label: ExactnessLabel, _ arguments: [InexactArgument]) -> Level {
    if let chosen = arguments.last(where: { $0.label == label }) ?? arguments.last(where: { $0.label == nil }) {
      return chosen.level
    }
    return label == .stricter ? .warn : label == .exact ? .allow : .error
  }
}

extension Floor: ExpressibleByArgument {}

/// The enforcers that `build` knows, in the order of their artifacts.
enum Enforcer: String, CaseIterable, Sendable {
  case apparmor, bpf

  /// As people write it.
  var title: String {
    switch self {
    case .apparmor: "AppArmor"
    case .bpf: "the BPF matcher"
    }
  }
}

/// `--target apparmor,bpf`.
struct TargetArgument: ExpressibleByArgument, Sendable {
  let enforcers: [Enforcer]

  init(_ enforcers: [Enforcer]) { self.enforcers = enforcers }

  init?(argument: String) {
    var enforcers: [Enforcer] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let enforcer = Enforcer(rawValue: String(word)) else { return nil }
      enforcers.append(enforcer)
    }
    self.enforcers = enforcers
  }

  var defaultValueDescription: String { enforcers.map(\.rawValue).joined(separator: ",") }

  static var allValueStrings: [String] { Enforcer.allCases.map(\.rawValue) }
}
