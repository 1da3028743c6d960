package import IR

/// What the two sides of a diff are called, and their source lines: all that renderers need beside the diff.
package struct DiffSources: Sendable {
  package enum Side: String, Hashable, Sendable, CaseIterable { case old, new }

  /// As the user named the side: `main`, `policies/`, `work tree`.
  package var oldName: String
  package var newName: String
  /// The line of YAML at a location, without its line break and with no byte changed but those that are no UTF-8; nil
  /// where there is none.
  package var line: @Sendable (Location, Side) -> String?
  /// The file of a location as the repository names it, `/` between components, for tools that annotate it.
  package var file: @Sendable (Location, Side) -> String

  package init(
    oldName: String = "old",
    newName: String = "new",
    line: @escaping @Sendable (Location, Side) -> String? = { _, _ in nil },
    file: @escaping @Sendable (Location, Side) -> String = { location, _ in location.file }
  ) {
    self.oldName = oldName
    self.newName = newName
    self.line = line
    self.file = file
  }
}
