/// A regular language of byte strings, as an expression. Knows nothing of policies.
package indirect enum Language: Hashable, Sendable {
  /// No string at all.
  case nothing
  /// Exactly this string (the empty string for `[]`).
  case literal([UInt8])
  /// One byte out of a set.
  case byte(ByteSet)
  /// One after the other.
  case sequence([Language])
  /// Any one of them.
  case union([Language])
  /// Zero or more times.
  case star(Language)

  package static let epsilon = Language.literal([])
  package static func literal(_ text: String) -> Language { .literal(Array(text.utf8)) }
  /// Zero or more path bytes, `/` included.
  package static let anyPathBytes = Language.star(.byte(.pathByte))
  /// Zero or more bytes of one file name.
  package static let anyNameBytes = Language.star(.byte(.nameByte))
  package static func optional(_ language: Language) -> Language { .union([.epsilon, language]) }

  /// Every string that names an object in an event: `/`, or `/` and components joined by `/`, none of them empty, `.` or
  /// `..`; no NUL; no trailing slash. Its length limit (4,095 bytes) is not part of the language.
  package static let absolutePath: Language = {
    let slash = Language.literal("/")
    let dot = UInt8(ascii: ".")
    let name = Language.byte(.nameByte)
    let notDot = Language.byte(.nameByte.subtracting(ByteSet([dot])))
    let dots = Language.literal([dot])
    // x…  |  .x…  |  ..y…  with x not a dot and y anything
    let component = Language.union([
      .sequence([notDot, .star(name)]),
      .sequence([dots, notDot, .star(name)]),
      .sequence([dots, dots, name, .star(name)]),
    ])
    return .union([slash, .sequence([slash, component, .star(.sequence([slash, component]))])])
  }()
}
