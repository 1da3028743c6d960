/// Why a text is no event.
package struct EventSyntaxError: Error, Hashable, Sendable {
  /// The offending bytes of the text.
  package let range: Range<Int>
  /// What is wrong, lower case, no final period.
  package let message: String
  /// What could stand there, most likely first; may be empty.
  package let expected: [String]
  package init(range: Range<Int>, message: String, expected: [String] = []) {
    self.range = range
    self.message = message
    self.expected = expected
  }
}

extension Event {
  /// Reads the event language (docs/events.md); the inverse of `description`. Without `as`, the actor is the owner.
  package init(parsing text: String) throws(EventSyntaxError) {
    throw EventSyntaxError(range: 0..<text.utf8.count, message: "not there yet")
  }
}
