import Diagnostics
import Frontend
import IR

/// Finds the source text of rules and policies by their location. Locations are equal by design, so look-ups go by their
/// fields.
struct SpanIndex: Sendable {
  private struct Key: Hashable {
    let file: String
    let line: Int
    let column: Int
    init(_ location: Location) { (file, line, column) = (location.file, location.line, location.column) }
  }
  private var rules: [Key: EntrySpans] = [:]
  private var policies: [Key: PolicySpans] = [:]

  init(_ loaded: LoadResult) {
    for one in loaded.policies {
      policies[Key(one.policy.location)] = one.spans
      let origins = one.policy.rules.map(\.origin) + one.policy.notCompiled.map(\.origin)
      for origin in origins {
        if let spans = one.spans.rule(origin.position) { rules[Key(origin.location)] = spans }
      }
    }
  }

  func rule(_ location: Location) -> EntrySpans? { rules[Key(location)] }
  func policy(_ location: Location) -> PolicySpans? { policies[Key(location)] }

  /// Where to point for something that comes from `origin`.
  func span(_ origin: Origin) -> Span? {
    rule(origin.location)?.subject
  }
}
