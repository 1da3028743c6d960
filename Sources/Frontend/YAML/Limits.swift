/// How much input the front end takes. Each limit has an error of its own, and each is checked before the memory is used.
package struct Limits: Sendable, Hashable {
  /// Bytes of one file.
  package var fileBytes = 64 << 20
  /// Documents of one file.
  package var documents = 250_000
  /// Bytes of one document; etcd, where policies end up, takes 1.5 MiB.
  package var documentBytes = 8 << 20
  /// Nesting of lists and mappings.
  package var depth = 64
  /// Nodes that aliases and merge keys add to one document.
  package var aliasNodes = 100_000
  /// Nodes of one document, without aliases.
  package var nodes = 1_000_000
  /// Bytes of one scalar.
  package var scalarBytes = 256 << 10
  /// Attempts to go on after a syntax error of one document.
  package var repairs = 24
  /// Findings of one file; the rest is counted.
  package var findings = 1_000
  package init() {}
}
