import Automata

/// The part of a decision table that streams of events ask most, laid out for that: an object, as a table handed on as a
/// value costs a count for each of its arrays. Shares the table's memory.
package final class FlatTable: Sendable {
  package let sourceCount: Int
  package let pathClassCount: Int
  private let sources: SourceClasses
  private let paths: Classifier
  /// Nil where the automaton is too large for it.
  private let walk: ClassifierWalk?
  private let pathCells: [Cell]
  private let networkCells: [Cell]
  private let capabilityCells: [Cell]

  package init(_ table: DecisionTable) {
    sources = table.sources
    sourceCount = table.sources.count
    pathClassCount = table.pathClassCount
    paths = table.paths
    // Class 0 is what no `BytePath` is in.
    walk = ClassifierWalk(table.paths, outside: 0)
    pathCells = table.pathCells
    networkCells = table.networkCells
    capabilityCells = table.capabilityCells
  }

  /// Entries of what it does not share.
  package var size: Int { walk?.size ?? 0 }

  package func sourceClass(of path: BytePath?) -> Int { sources[path] }

  package func pathClass(of path: BytePath) -> Int {
    if let walk { return Int(walk.label(of: path.bytes)) }
    return Int(paths.label(of: path.bytes))
  }

  /// As `DecisionTable.cell`.
  package func cell(source: Int, path: Int, _ operation: PathOperation, isOwner: Bool) -> Cell {
    pathCells[((source * pathClassCount + path) * 3 + Int(operation.rawValue)) * 2 + (isOwner ? 1 : 0)]
  }

  package func cell(source: Int, _ socket: SocketCell) -> Cell {
    networkCells[source * SocketCell.count + socket.index]
  }

  package func cell(source: Int, _ capability: Capability) -> Cell {
    capabilityCells[source * Capability.allCases.count + Int(capability.rawValue)]
  }
}
