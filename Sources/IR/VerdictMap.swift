package import Automata

/// What somebody brings about for every event of one subject, whatever the policies ask for: an enforcer's verdicts as
/// automata and tables, beside the policies' own table.
///
/// An *actor* is a source class of the table, or the first process, which has executed nothing yet, where that is treated
/// otherwise than source class 0.
package struct VerdictMap: Sendable {
  /// What the policies say.
  package let table: DecisionTable
  /// Whether the last actor is the first process; else events without a source are those of source class 0.
  package let hasFirstProcess: Bool
  /// Sorts all byte strings; label 0 is every string that is no path.
  package let paths: Classifier
  /// Per label of `paths`: the path class of the table.
  package let pathClasses: [Int]
  /// Per socket cell: whether any kernel would open the socket that stands for it; of others no verdict counts.
  package let isOpenable: [Bool]
  /// `[label of paths][actor][operation][owner: 0 other, 1 owner]`, row-major.
  private let pathVerdicts: [Verdict]
  /// `[actor][socket cell]`.
  private let socketVerdicts: [Verdict]
  /// `[actor][capability]`.
  private let capabilityVerdicts: [Verdict]

  /// The tables as documented above; `pathVerdicts` gives one row per label.
  package init(
    table: DecisionTable,
    hasFirstProcess: Bool,
    paths: Classifier,
    pathClasses: [Int],
    pathVerdicts: [[Verdict]],
    socketVerdicts: [[Verdict]],
    isOpenable: [Bool],
    capabilityVerdicts: [[Verdict]]
  ) {
    self.table = table
    self.hasFirstProcess = hasFirstProcess
    self.paths = paths
    self.pathClasses = pathClasses
    self.pathVerdicts = pathVerdicts.flatMap { $0 }
    self.socketVerdicts = socketVerdicts.flatMap { $0 }
    self.isOpenable = isOpenable
    self.capabilityVerdicts = capabilityVerdicts.flatMap { $0 }
  }

  package var actorCount: Int { table.sources.count + (hasFirstProcess ? 1 : 0) }

  package func actor(of source: BytePath?) -> Int {
    source == nil && hasFirstProcess ? table.sources.count : table.sources[source]
  }

  /// The source class by which the policies judge an actor.
  package func sourceClass(ofActor actor: Int) -> Int { actor < table.sources.count ? actor : 0 }

  package func verdict(actor: Int, label: UInt32, _ operation: PathOperation, isOwner: Bool) -> Verdict {
    let row = (Int(label) * actorCount + actor) * 6
    return pathVerdicts[row + Int(operation.rawValue) * 2 + (isOwner ? 1 : 0)]
  }

  package func verdict(actor: Int, _ socket: SocketCell) -> Verdict {
    socketVerdicts[actor * SocketCell.count + socket.index]
  }

  package func verdict(actor: Int, _ capability: Capability) -> Verdict {
    capabilityVerdicts[actor * Capability.allCases.count + Int(capability.rawValue)]
  }

  /// Nil for system calls, of which it says nothing.
  package func verdict(_ event: Event) -> Verdict? {
    let actor = actor(of: event.source)
    switch event.access {
    case .path(let operation, let path):
      return verdict(actor: actor, label: paths.label(of: path.bytes), operation, isOwner: event.isOwner)
    case .network(let socket): return verdict(actor: actor, SocketCell(socket))
    case .capability(let capability): return verdict(actor: actor, capability)
    case .syscall: return nil
    }
  }
}
