package import Automata

/// All verdicts of one subject as one finite object: what `Evaluator` says, event by event, as automata and tables.
///
/// Classes are as coarse as the verdicts *and their deciding rules* permit. `meaning` forgets who decided: two subjects
/// mean the same exactly if their `meaning` is equal, byte for byte.
package struct DecisionTable: Sendable {
  /// The rules that cells name, in the order of `SubjectPolicy.rules`.
  package let rules: [Rule]
  /// The classes in allow-list mode.
  package let allowListed: Set<ResourceClass>
  package let postures: Postures
  package let sources: SourceClasses
  /// Sorts all byte strings into path classes; class 0 is every string that is no path (`Language.absolutePath`).
  package let paths: Classifier
  package let pathClassCount: Int
  /// `[source class][path class][operation][owner: 0 other, 1 owner]`, row-major.
  let pathCells: [Cell]
  /// `[source class][socket cell]`.
  let networkCells: [Cell]
  /// `[source class][capability]`.
  let capabilityCells: [Cell]
  package let syscalls: SyscallTable

  package func cell(source: Int, path: Int, _ operation: PathOperation, isOwner: Bool) -> Cell {
    pathCells[((source * pathClassCount + path) * 3 + Int(operation.rawValue)) * 2 + (isOwner ? 1 : 0)]
  }

  package func cell(source: Int, _ socket: SocketCell) -> Cell {
    networkCells[source * SocketCell.count + socket.index]
  }

  package func cell(source: Int, _ capability: Capability) -> Cell {
    capabilityCells[source * Capability.allCases.count + Int(capability.rawValue)]
  }

  /// The path class of a path.
  package func pathClass(of path: BytePath) -> Int { Int(paths.label(of: path.bytes)) }

  package func cell(for event: Event) -> Cell {
    let source = sources[event.source]
    switch event.access {
    case .path(let operation, let path):
      return cell(source: source, path: pathClass(of: path), operation, isOwner: event.isOwner)
    case .network(let socket): return cell(source: source, SocketCell(socket))
    case .capability(let capability): return cell(source: source, capability)
    case .syscall(let name, let path): return syscalls.cell(name, path, from: event.source)
    }
  }

  /// The same answer as `Evaluator.decide`, by one walk and one look-up.
  package func decide(_ event: Event) -> Decision { decision(cell(for: event)) }

  package func decision(_ cell: Cell) -> Decision { cell.decision(by: rules) }
}

/// A policy too large to compile.
package struct TableBudgetError: Error, Hashable, Sendable {
  package enum Quantity: String, Hashable, Sendable {
    case states = "automaton states"
    case cells = "table cells"
  }
  package let quantity: Quantity
  package let limit: Int
  /// The rules that cause the growth, worst first; never empty.
  package let rules: [Origin]

  package init(quantity: Quantity, limit: Int, rules: [Origin]) {
    self.quantity = quantity
    self.limit = limit
    self.rules = rules
  }
}

/// Limits of compiling one subject.
package struct TableBudget: Hashable, Sendable {
  package var states: StateBudget
  /// Most cells of the table of paths; 4 bytes each.
  package var cells: Int
  package init(states: StateBudget = StateBudget(), cells: Int = 1 << 25) {
    self.states = states
    self.cells = cells
  }
}
