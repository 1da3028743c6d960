/// A protection that is known by name and covers what it covers everywhere (docs/semantics.md); in the order of
/// `enum armor_preset`.
package enum Preset: String, Hashable, Sendable, CaseIterable {
  case filelessExec, anonymousMapExec, protectEnv, protectProc
  /// No `kubectl exec` with a terminal.
  case exec

  /// Its place among all of them.
  package var index: Int { Preset.allCases.firstIndex(of: self) ?? 0 }

  /// Why no enforcer of armorc can serve it, if so.
  package var obstacle: String? {
    guard self == .exec else { return nil }
    return
      "to the kernel a process that 'kubectl exec' starts is one more that joins the container, as its first one does"
  }
}

/// One entry of `spec.presets`. It is `Audit` or `Block`.
package struct PresetRule: Hashable, Sendable {
  package let preset: Preset
  package let action: Action
  /// 1...10; 0 when nobody set one.
  package let severity: Int
  package let tags: [String]
  package let message: String
  package let origin: Origin

  package init(
    _ preset: Preset,
    action: Action,
    severity: Int = 0,
    tags: [String] = [],
    message: String = "",
    origin: Origin
  ) {
    self.preset = preset
    self.action = action
    self.severity = severity
    self.tags = tags
    self.message = message
    self.origin = origin
  }

  package var verdict: Verdict {
    switch action {
    case .allow: .allow
    case .audit: .audit
    case .block: .block
    }
  }

  /// As a person would name it.
  package var words: String { PresetRule.words(preset.rawValue, action) }

  package static func words(_ name: String, _ action: Action) -> String { "preset '\(name)' (\(action.rawValue))" }
}

extension SubjectPolicy {
  /// All entries of its policies, in order.
  package var presets: [PresetRule] { policies.flatMap(\.notCompiled).compactMap(\.preset) }

  /// The entry that decides each preset: one that blocks, then the one of highest severity, then the first (SEMANTICS §6).
  package var decidingPresets: [Preset: PresetRule] {
    var found: [Preset: PresetRule] = [:]
    for rule in presets {
      guard let known = found[rule.preset] else {
        found[rule.preset] = rule
        continue
      }
      let isStronger =
        rule.action == known.action ? rule.severity > known.severity : rule.action == .block
      if isStronger { found[rule.preset] = rule }
    }
    return found
  }
}
