package import Diagnostics

/// Where the parts of one rule stand.
package struct EntrySpans: Sendable, Hashable {
  /// The whole entry of the list.
  package var entry: Span
  /// What it speaks of: the value of `path`, `dir`, `pattern`, `protocol` and so on; the entry if there is none.
  package var subject: Span
  /// Where the action in force is written: the rule's own, its section's or the policy's; nil when none is.
  package var action: Span?
  /// The values of `fromSource`.
  package var sources: [Span]
  /// The name of the list, such as `matchPaths`.
  package var list: Span
  /// The key of `subject`, such as `path`.
  package var subjectKey: Span?
  /// The values of `readOnly` and `ownerOnly`.
  package var readOnly: Span?
  package var ownerOnly: Span?

  /// The same in the words of later passes.
  package var ruleSpans: RuleSpans {
    RuleSpans(
      entry: entry,
      object: subject,
      objectKey: subjectKey,
      action: action,
      sources: sources,
      readOnly: readOnly,
      ownerOnly: ownerOnly
    )
  }

  package init(entry: Span, subject: Span, action: Span?, sources: [Span], list: Span) {
    self.entry = entry
    self.subject = subject
    self.action = action
    self.sources = sources
    self.list = list
  }
}

/// Where the parts of one policy stand; for findings of later passes.
package struct PolicySpans: Sendable, Hashable {
  /// The document (or the item of a List).
  package var object: Span
  /// The value of `metadata.name`.
  package var name: Span
  /// The key of `selector` or `nodeSelector`; the key of `spec` when there is none.
  package var selector: Span
  /// The value of `spec.action`.
  package var action: Span?
  /// By `Origin.position`, also for rules that had an error.
  package var rules: [EntrySpans]
  /// The value of `spec.apparmor`.
  package var apparmor: Span?

  package init(object: Span, name: Span, selector: Span, rules: [EntrySpans] = []) {
    self.object = object
    self.name = name
    self.selector = selector
    self.rules = rules
  }

  /// The spans of the rule at `Origin.position`.
  package func rule(_ position: Int) -> EntrySpans? { rules.indices.contains(position) ? rules[position] : nil }
}
