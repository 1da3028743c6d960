/// Where the parts of one rule stand in the sources, for findings that point at them.
package struct RuleSpans: Hashable, Sendable {
  /// The whole entry of the match list.
  package var entry: Span
  /// The value that says what the rule covers: the path, pattern, protocol, capability.
  package var object: Span
  /// The key of `object`, such as `path`.
  package var objectKey: Span?
  /// The action in force, wherever it was inherited from; nil when nobody wrote one.
  package var action: Span?
  /// The values of `fromSource[].path`.
  package var sources: [Span]
  package var readOnly: Span?
  package var ownerOnly: Span?

  package init(
    entry: Span,
    object: Span,
    objectKey: Span? = nil,
    action: Span? = nil,
    sources: [Span] = [],
    readOnly: Span? = nil,
    ownerOnly: Span? = nil
  ) {
    self.entry = entry
    self.object = object
    self.objectKey = objectKey
    self.action = action
    self.sources = sources
    self.readOnly = readOnly
    self.ownerOnly = ownerOnly
  }
}
