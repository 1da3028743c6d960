import IR

/// Changed cells with one pair of verdicts and one cause, before they are put into words.
struct EntryDraft {
  let resourceClass: ResourceClass
  let old: Verdict
  let new: Verdict
  /// Index into `ChangeCauses.causes`.
  let cause: Int
  var regions: [RegionDraft] = []
}

/// Some columns of one table × operations × owner × sources.
struct RegionDraft {
  let objects: JointObjectsOfRegion
  let box: ChangeBox
  var columns: [Int] = []
  /// One per pair of deciders.
  var witnesses: [WitnessDraft] = []
}

/// Which objects the columns of a region number.
enum JointObjectsOfRegion {
  case paths(JointPaths)
  /// Columns are socket cells.
  case network
  /// Columns are capabilities.
  case capabilities
  case syscalls(JointSyscalls)
}

/// What of a region is no object.
struct ChangeBox: Hashable {
  let operations: PathOperations
  let owner: OwnerCondition
  let sources: SourceMask
}

/// Sources by number.
struct SourceMask: Hashable {
  /// Whether those that are not listed belong to it, no source included; then the listed do not.
  var hasRest = false
  /// Ascending.
  var listed: [Int] = []
}

struct WitnessDraft {
  let old: Cell
  let new: Cell
  let event: Event
  let length: Int

  /// Calls without a path argument are a region of their own.
  var isBareCall: Bool { if case .syscall(_, nil) = event.access { true } else { false } }
}

/// Sorts changed cells into entries and regions.
struct ChangeDrafts {
  private(set) var entries: [EntryDraft] = []
  var causes: ChangeCauses

  private struct Key: Hashable {
    let old: Verdict
    let new: Verdict
    let cause: Int
  }

  init(_ table: JointTable, _ causes: ChangeCauses) {
    self.causes = causes
    func source(_ number: Int?) -> BytePath? { number.map { table.sources[$0] } }
    for paths in table.paths {
      let columns = paths.columns.enumerated().lazy.map { ($0, $1.changes) }
      add(paths.resourceClass, .paths(paths), columns) { column, slot, number in
        let path = paths.columns[column].witness
        return (
          Event(source: source(number), access: .path(slot.operation ?? .read, path), isOwner: slot.isOwner),
          path.bytes.count
        )
      }
    }
    add(.network, .network, table.network.lazy.map { ($0.cell.index, $0.column) }) { column, _, number in
      let access = Access.network(SocketCell(index: column).representative)
      return (Event(source: source(number), access: access), column)
    }
    add(
      .capabilities,
      .capabilities,
      table.capabilities.lazy.map { (Int($0.capability.rawValue), $0.column) }
    ) { column, _, number in
      let capability = Capability(rawValue: UInt8(truncatingIfNeeded: column)) ?? .chown
      return (Event(source: source(number), access: .capability(capability)), column)
    }
    for calls in table.syscalls {
      let columns = calls.columns.enumerated().lazy.map { ($0, $1.changes) }
      add(.syscalls, .syscalls(calls), columns) { column, _, number in
        let path = calls.columns[column].witness
        let source = number.map { calls.sources[$0].witness }
        return (
          Event(source: source, access: .syscall(calls.names.first ?? "", path)), path?.bytes.count ?? 0
        )
      }
    }
  }

  /// `event` makes an event of a column, with its length as people see it.
  private mutating func add(
    _ resourceClass: ResourceClass,
    _ objects: JointObjectsOfRegion,
    _ columns: some Sequence<(Int, JointColumn?)>,
    event: (Int, JointSlot, Int?) -> (Event, length: Int)
  ) {
    var entryOf: [Key: Int] = [:]
    for (index, entry) in entries.enumerated() where entry.resourceClass == resourceClass {
      entryOf[Key(old: entry.old, new: entry.new, cause: entry.cause)] = index
    }
    var regionOf: [Key: [ChangeBox: Int]] = [:]
    for (number, column) in columns {
      guard let column else { continue }
      let parts = self.parts(resourceClass, column)
      for (key, slots) in parts.sorted(by: { Self.precedes($0.key, $1.key) }) {
        let entry = entryOf[key] ?? entries.count
        if entry == entries.count {
          entryOf[key] = entry
          entries.append(EntryDraft(resourceClass: resourceClass, old: key.old, new: key.new, cause: key.cause))
        }
        for (box, cells) in ChangeDrafts.boxes(slots) {
          let region = regionOf[key]?[box] ?? entries[entry].regions.count
          if region == entries[entry].regions.count {
            regionOf[key, default: [:]][box] = region
            entries[entry].regions.append(RegionDraft(objects: objects, box: box))
          }
          entries[entry].regions[region].columns.append(number)
          for cell in cells {
            entries[entry].regions[region].note(cell.cell) { event(number, cell.cell.slot, cell.source) }
          }
        }
      }
    }
  }

  private static func precedes(_ a: Key, _ b: Key) -> Bool {
    (a.cause, a.old.rawValue, a.new.rawValue) < (b.cause, b.old.rawValue, b.new.rawValue)
  }

  /// The cells of a slot that fall under one key: for which sources, and examples.
  private struct Part {
    var mask = SourceMask()
    var cells: [(cell: JointCell, source: Int?)] = []
  }

  private mutating func parts(_ resourceClass: ResourceClass, _ column: JointColumn) -> [Key: [JointSlot: Part]] {
    var result: [Key: [JointSlot: Part]] = [:]
    func key(_ cell: JointCell, _ source: Int?, _ causes: inout ChangeCauses) -> Key {
      Key(
        old: cell.old.verdict,
        new: cell.new.verdict,
        cause: causes.cause(resourceClass, column, cell, source: source)
      )
    }
    var plain: [JointSlot: Key] = [:]
    for cell in column.plain {
      let mine = key(cell, nil, &causes)
      plain[cell.slot] = mine
      result[mine, default: [:]][cell.slot, default: Part()].mask.hasRest = true
      result[mine, default: [:]][cell.slot, default: Part()].cells.append((cell, nil))
    }
    for (source, cells) in column.overrides {
      var slots = plain
      for cell in cells {
        let mine = key(cell, source, &causes)
        if plain[cell.slot] == mine {
          slots[cell.slot] = nil
        } else {
          result[mine, default: [:]][cell.slot, default: Part()].mask.listed.append(source)
        }
        result[mine, default: [:]][cell.slot, default: Part()].cells.append((cell, source))
      }
      for (slot, key) in slots { result[key]?[slot]?.mask.listed.append(source) }
    }
    return result
  }

  /// Slots with the same sources, as rectangles of operations and owner.
  private static func boxes(_ slots: [JointSlot: Part]) -> [(ChangeBox, [(cell: JointCell, source: Int?)])] {
    struct Row {
      var operations: PathOperations = []
      var cells: [(cell: JointCell, source: Int?)] = []
    }
    struct Side: Hashable {
      let owner: OwnerCondition
      let sources: SourceMask
    }
    var rows: [Side: Row] = [:]
    for operation in [nil] + PathOperation.allCases.map(Optional.some) {
      let other = slots[JointSlot(operation: operation, isOwner: false)]
      let owner = slots[JointSlot(operation: operation, isOwner: true)]
      func add(_ condition: OwnerCondition, _ parts: [Part]) {
        guard let mask = parts.first?.mask else { return }
        var row = rows[Side(owner: condition, sources: mask)] ?? Row()
        if let operation { row.operations.insert(PathOperations(operation)) }
        row.cells += parts.flatMap(\.cells)
        rows[Side(owner: condition, sources: mask)] = row
      }
      if operation == nil {
        add(.any, [owner].compactMap { $0 })
      } else if let other, let owner, other.mask == owner.mask {
        add(.any, [owner, other])
      } else {
        add(.owner, [owner].compactMap { $0 })
        add(.other, [other].compactMap { $0 })
      }
    }
    return rows.map { (ChangeBox(operations: $1.operations, owner: $0.owner, sources: $0.sources), $1.cells) }
      .sorted { $0.0.order.lexicographicallyPrecedes($1.0.order) }
  }
}

extension ChangeBox {
  fileprivate var order: [Int] {
    [Int(operations.rawValue), Int(owner.rawValue), sources.hasRest ? 0 : 1] + sources.listed
  }
}

extension RegionDraft {
  /// Takes an event as a witness if its deciders have none yet that is shorter.
  fileprivate mutating func note(_ cell: JointCell, _ event: () -> (Event, length: Int)) {
    let (event, length) = event()
    let fresh = WitnessDraft(old: cell.old, new: cell.new, event: event, length: length)
    let known = witnesses.firstIndex {
      $0.old == cell.old && $0.new == cell.new && $0.isBareCall == fresh.isBareCall
    }
    guard let known else {
      witnesses.append(fresh)
      return
    }
    if fresh.precedes(witnesses[known]) { witnesses[known] = fresh }
  }
}

extension WitnessDraft {
  /// Shorter events first; without a source, then as owner.
  func precedes(_ other: WitnessDraft) -> Bool {
    func order(_ witness: WitnessDraft) -> [Int] {
      [witness.event.source?.bytes.count ?? 0, witness.length, witness.event.isOwner ? 0 : 1]
    }
    let (mine, theirs) = (order(self), order(other))
    if mine != theirs { return mine.lexicographicallyPrecedes(theirs) }
    return event.description < other.event.description
  }
}
