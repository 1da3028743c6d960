/// What kind of resource a rule or an event speaks of; the names of the sections of a policy.
package enum ResourceClass: String, Hashable, Sendable, CaseIterable {
  case process, file, network, capabilities, syscalls, dns, presets, device
}

/// An operation on an object with a path.
package enum PathOperation: UInt8, Hashable, Sendable, CaseIterable {
  case exec, read, write

  package var resourceClass: ResourceClass { self == .exec ? .process : .file }
  package var name: String { ["exec", "read", "write"][Int(rawValue)] }
}

/// A set of path operations.
package struct PathOperations: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
  package init(_ operation: PathOperation) { rawValue = 1 << operation.rawValue }
  package static let exec = PathOperations(.exec)
  package static let read = PathOperations(.read)
  package static let write = PathOperations(.write)
  package func contains(_ operation: PathOperation) -> Bool { contains(PathOperations(operation)) }
}
