/// Executables sorted by what rules they fall under. Class 0 is every source that no rule tells apart, and no source.
package struct SourceClasses: Hashable, Sendable {
  /// The paths of each class, sorted; empty for class 0. Classes are ordered by their smallest path.
  package let paths: [[BytePath]]
  private let classOf: [BytePath: Int]

  package init(_ classes: [[BytePath]]) {
    paths = [[]] + classes.map { $0.sorted() }.sorted { ($0.first ?? .root) < ($1.first ?? .root) }
    var classOf: [BytePath: Int] = [:]
    for (index, members) in paths.enumerated() { for path in members { classOf[path] = index } }
    self.classOf = classOf
  }

  package var count: Int { paths.count }

  /// The class of an event's source.
  package subscript(_ source: BytePath?) -> Int { source.flatMap { classOf[$0] } ?? 0 }

  /// An executable of the class: its first path; for class 0 none, which stands for all others too.
  package func representative(_ index: Int) -> BytePath? { paths[index].first }
}
