/// What one kind of mapping may hold, as data. Shapes are compared by identity.
package final class ObjectShape: Sendable {
  /// How messages name it: "'file'", "an entry of 'file.matchPaths'".
  package let title: String
  package let fields: [FieldShape]
  /// Names that people write here though they are wrong, and what to say.
  package let hints: [String: Hint]
  /// Whether it is part of a Kubernetes object, where strangers are dropped in silence and may be at home elsewhere.
  package let isKubernetes: Bool

  package init(
    _ title: String,
    _ fields: [FieldShape],
    hints: [String: Hint] = [:],
    isKubernetes: Bool = true
  ) {
    self.title = title
    self.fields = fields
    self.hints = hints
    self.isKubernetes = isKubernetes
  }

  /// Whether it describes an item of a list.
  package var isEntry: Bool { title.hasPrefix("an entry") }

  package func index(of name: String) -> Int? { fields.firstIndex { $0.name == name } }
}

/// One field of a mapping.
package struct FieldShape: Sendable {
  package let name: String
  package let type: FieldType
  package let isRequired: Bool
  package init(_ name: String, _ type: FieldType, required: Bool = false) {
    self.name = name
    self.type = type
    self.isRequired = required
  }
}

package enum FieldType: Sendable {
  case string
  case integer
  case boolean
  /// A list of strings.
  case strings
  /// A mapping of strings to strings.
  case labels
  /// Not looked into; may be null.
  case anything
  case object(ObjectShape)
  case list(ObjectShape)

  /// What messages call it.
  package var expectation: String {
    switch self {
    case .string: "a string"
    case .integer: "an integer"
    case .boolean: "true or false"
    case .strings: "a list of strings"
    case .labels: "a mapping of strings"
    case .anything: "a value"
    case .object(let shape): "a mapping with \(shape.fields.prefix(4).map { "'\($0.name)'" }.joined(separator: ", "))"
    case .list: "a list, each item starting with '- '"
    }
  }
}

/// What to say about a wrong name that is common in one place.
package struct Hint: Sendable {
  let code: FrontendCode
  /// Follows "unknown field 'x' in …" as a note.
  let note: String
  /// The field that was meant; its value is then read as that field.
  let replacement: String?

  init(_ note: String, code: FrontendCode = .unknownField, replacement: String? = nil) {
    self.code = code
    self.note = note
    self.replacement = replacement
  }
}
