package import Diagnostics

/// A located YAML value. Spans are exact byte ranges of the source file; a value that came through an alias carries the
/// alias's own span at its top and the spans of the anchored text below.
package struct Node: Sendable {
  package let span: Span
  package let content: Content

  package enum Content: Sendable {
    case scalar(Scalar)
    case sequence([Node])
    case mapping(Mapping)
  }

  package init(span: Span, content: Content) {
    self.span = span
    self.content = content
  }

  /// "a string", "a list", "a mapping": what a person would call it.
  package var kindName: String {
    switch content {
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .scalar(let scalar):
      switch scalar.resolved {
      case .null: "no value"
      case .boolean: "a boolean"
      case .integer: "an integer"
      case .number: "a number"
      case .string: "a string"
      }
    }
  }

  /// Whether it is a null: nothing at all, `~` or `null`.
  package var isNull: Bool {
    guard case .scalar(let scalar) = content, scalar.style == .plain || scalar.tag == .null else { return false }
    return scalar.resolved == .null
  }

  package var mapping: Mapping? { if case .mapping(let mapping) = content { mapping } else { nil } }
  package var sequence: [Node]? { if case .sequence(let items) = content { items } else { nil } }
}

/// The entries of a mapping in source order, every key once.
package struct Mapping: Sendable {
  package let entries: [Entry]
  package init(entries: [Entry]) { self.entries = entries }

  /// The value under a key; linear, mappings of policies are small.
  package subscript(_ name: String) -> Node? { entries.first { $0.key.name == name }?.value }
}

package struct Entry: Sendable {
  package let key: Key
  package let value: Node
  package init(key: Key, value: Node) {
    self.key = key
    self.value = value
  }
}

package struct Key: Sendable {
  package let name: String
  package let span: Span
  package init(name: String, span: Span) {
    self.name = name
    self.span = span
  }
}

/// A scalar with all that decides its type.
package struct Scalar: Sendable {
  package enum Style: Sendable, Hashable { case plain, quoted, block }
  /// The tags of YAML's core schema.
  package enum Tag: Sendable, Hashable { case string, integer, number, boolean, null }

  package let value: String
  package let style: Style
  package let tag: Tag?
  package init(value: String, style: Style, tag: Tag? = nil) {
    self.value = value
    self.style = style
    self.tag = tag
  }
}

/// One YAML document of a file.
package struct SourceDocument: Sendable {
  /// Nil when nothing could be read.
  package let root: Node?
  package let span: Span
  /// Whether its text had an error, so that nothing may be built from it.
  package let isBroken: Bool
  package init(root: Node?, span: Span, isBroken: Bool) {
    self.root = root
    self.span = span
    self.isBroken = isBroken
  }
}
