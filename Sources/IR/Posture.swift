/// What happens to events of a class in allow-list mode that no rule allows.
package enum Posture: String, Hashable, Sendable, CaseIterable {
  case allow, audit, block
}

/// The default postures of one subject. Process and file share one; network and dns share one.
package struct Postures: Hashable, Sendable {
  package var file: Posture
  package var network: Posture
  package var capabilities: Posture

  package init(file: Posture = .audit, network: Posture = .audit, capabilities: Posture = .audit) {
    self.file = file
    self.network = network
    self.capabilities = capabilities
  }

  /// The posture that governs a class; `allow` for classes without one.
  package subscript(_ resourceClass: ResourceClass) -> Posture {
    switch resourceClass {
    case .process, .file: file
    case .network, .dns: network
    case .capabilities: capabilities
    case .syscalls, .presets, .device: .allow
    }
  }
}
