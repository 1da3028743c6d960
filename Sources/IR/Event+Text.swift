/// Why a text is no event.
package struct EventSyntaxError: Error, Hashable, Sendable {
  /// The offending bytes of the text.
  package let range: Range<Int>
  /// What is wrong, lower case, no final period.
  package let message: String
  /// What could stand there, most likely first; may be empty.
  package let expected: [String]
  /// What to do about it, for the carets: "did you mean 'read'?"; may be empty.
  package let hint: String
  package init(range: Range<Int>, message: String, expected: [String] = [], hint: String = "") {
    self.range = range
    self.message = message
    self.expected = expected
    self.hint = hint
  }
}

extension Event {
  /// Longest text that is read as an event, in bytes: two paths with every byte escaped.
  package static let maximumTextLength = 1 << 16

  /// Reads the event language (docs/events.md); the inverse of `description`. Without `as`, the actor is the owner.
  package init(parsing text: String) throws(EventSyntaxError) {
    let bytes = Array(text.utf8)
    guard bytes.count <= Event.maximumTextLength else {
      throw EventSyntaxError(
        range: Event.maximumTextLength..<bytes.count,
        message: "an event of \(bytes.count) bytes; at most \(Event.maximumTextLength) are read"
      )
    }
    var reader = EventReader(words: try EventWord.split(bytes), end: bytes.count)
    self = try reader.event()
  }
}

extension BytePath {
  /// The path as it stands in an event: bare, or in double quotes if there is a blank in it.
  package var eventText: String {
    let text = printable(bytes)
    return bytes.contains(UInt8(ascii: " ")) ? "\"" + text.replacing("\"", with: "\\042") + "\"" : text
  }
}

extension BytePath {
  /// A path, or what is wrong with it in the words of the event language.
  package init(checking bytes: [UInt8]) throws(EventSyntaxError) {
    self = try EventReader.path(EventWord(bytes: bytes, range: 0..<bytes.count, isQuoted: false))
  }
}
