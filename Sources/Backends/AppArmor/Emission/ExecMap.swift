import IR

/// Where execs lead, seen from one profile.
struct ExecMap {
  /// Of everything that is no source; all globs of a profile must agree on one transition.
  let standard: ExecTransition
  private let targets: [BytePath: ExecTransition]
  /// Every source that has a transition of its own, in order.
  let paths: [BytePath]
  /// The rules that name a source.
  let origins: [BytePath: [Origin]]

  init(standard: ExecTransition, targets: [BytePath: ExecTransition], origins: [BytePath: [Origin]]) {
    self.standard = standard
    self.targets = targets
    self.origins = origins
    paths = targets.keys.sorted()
  }

  func target(of path: BytePath) -> ExecTransition { targets[path] ?? standard }
  func isSource(_ path: BytePath) -> Bool { targets[path] != nil }

  /// Whether one of the sources is among some atoms.
  func isMatched(by atoms: [Int], _ names: NameAtoms) -> Bool {
    paths.contains { path in
      let atom = names.atom(of: path.bytes)
      return atoms.contains(atom)
    }
  }
}
