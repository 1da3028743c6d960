package import IR

/// A line of a policy on one of the two sides.
package struct DiffPlace: Sendable {
  package var location: Location
  package var side: DiffSources.Side

  package init(_ location: Location, _ side: DiffSources.Side) {
    self.location = location
    self.side = side
  }
}

extension Verdict {
  /// What becomes of an access: `allowed`, `audited`, `blocked`.
  package var done: String {
    switch self {
    case .allow: "allowed"
    case .audit: "audited"
    case .block: "blocked"
    }
  }
}

extension SettingChange {
  /// The line that it stands on, if it is in a policy.
  package var place: DiffPlace? {
    switch self {
    case .posture, .baseList: nil
    case .allowListOn(_, let rule): DiffPlace(rule.origin.location, .new)
    case .allowListOff(_, let rule): DiffPlace(rule.origin.location, .old)
    case .policyJoined(_, let location): DiffPlace(location, .new)
    case .policyLeft(_, let location): DiffPlace(location, .old)
    }
  }
}

extension PolicyEdit {
  /// The line of the new side, or of the old one if it is gone.
  package var place: DiffPlace? {
    newLocation.map { DiffPlace($0, .new) } ?? oldLocation.map { DiffPlace($0, .old) }
  }

  package var isMetadata: Bool { if case .metadata = kind { true } else { false } }
}
