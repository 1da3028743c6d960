package import IR

/// One event of a stream or a list, with whatever was said of its subject.
package struct EventRecord: Hashable, Sendable {
  package var event: Event
  /// Nobody said whose the object is; `event.isOwner` is then true.
  package var isOwnerUnknown: Bool
  package var subject: SubjectQuery?
  /// Overrides the postures of the subject, as far as given.
  package var postures: PartialPostures
  /// What the event is called in answers; nil when it has no `id`.
  package var id: String?
  /// Names of the files whose policies alone are asked, as far as such files are given at all; empty for all policies.
  package var policyFiles: [String] = []

  package init(
    event: Event,
    isOwnerUnknown: Bool = false,
    subject: SubjectQuery? = nil,
    postures: PartialPostures = PartialPostures(),
    id: String? = nil
  ) {
    self.event = event
    self.isOwnerUnknown = isOwnerUnknown
    self.subject = subject
    self.postures = postures
    self.id = id
  }
}

/// Why some JSON is no event.
package struct EventJSONError: Error, Hashable, Sendable {
  /// 1-based line of the text, or nil where only one record was given.
  package var line: Int?
  /// What is wrong and what was expected; names the member. Lower case, no final period.
  package let message: String
  package init(line: Int? = nil, _ message: String) {
    self.line = line
    self.message = message
  }
}
