package import IR

/// What `--who-can` asks for.
package enum AccessQuery: Hashable, Sendable {
  case event(Access)
  package init(parsing text: String) throws(EventSyntaxError) { self = .event(try Event(parsing: text).access) }
}
