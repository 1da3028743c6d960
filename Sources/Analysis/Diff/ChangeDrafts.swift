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
  /// Ascending.
  var columns: [Int] = []
  /// One per pair of deciders.
  var witnesses: [WitnessDraft] = []
}

/// Which objects the columns of a region number.
indirect enum JointObjectsOfRegion {
  case paths(JointPaths)
  /// Columns are socket cells.
  case network
  /// Columns are capabilities.
  case capabilities
  case syscalls(JointSyscalls)
}

/// What of a region is no object.
struct ChangeBox: Hashable {
  var operations: PathOperations
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
  let length: WitnessLength
}

/// How long an event is to read.
struct WitnessLength: Hashable, Comparable {
  let source: Int
  /// Of the path, or the number of a socket or a capability.
  let object: Int
  let isOther: Bool
  /// Calls without a path argument are a region of their own.
  let isBareCall: Bool

  static func < (a: WitnessLength, b: WitnessLength) -> Bool {
    if a.source != b.source { return a.source < b.source }
    return a.object != b.object ? a.object < b.object : b.isOther && !a.isOther
  }
}

/// Sorts changed cells into entries and regions.
struct ChangeDrafts {
  private(set) var entries: [EntryDraft] = []
  var causes: ChangeCauses

  private var entryOf: [Key: Int] = [:]

  private struct Key: Hashable {
    let resourceClass: ResourceClass
    let old: Verdict
    let new: Verdict
    let cause: Int

    /// Causes are of one class.
    func hash(into hasher: inout Hasher) { hasher.combine(cause << 4 | Int(old.rawValue) << 2 | Int(new.rawValue)) }
  }

  private struct Place: Hashable {
    let entry: Int
    let box: ChangeBox
  }

  init(_ table: JointTable, _ causes: ChangeCauses) {
    self.causes = causes
    func source(_ number: Int?) -> BytePath? { number.map { table.sources[$0] } }
    for paths in table.paths {
      let columns = paths.columns.enumerated().lazy.map { ($0, $1.changes, $1.witness.bytes.count) }
      add(paths.resourceClass, .paths(paths), columns, source) { column, slot, source in
        let path = paths.columns[column].witness
        return Event(source: source, access: .path(slot.operation ?? .read, path), isOwner: slot.isOwner)
      }
    }
    let network = table.network.lazy.map { ($0.cell.index, Optional($0.column), $0.cell.index) }
    add(.network, .network, network, source) { column, _, source in
      Event(source: source, access: .network(SocketCell(index: column).representative))
    }
    let capabilities = table.capabilities.lazy.map {
      (Int($0.capability.rawValue), Optional($0.column), Int($0.capability.rawValue))
    }
    add(.capabilities, .capabilities, capabilities, source) { column, _, source in
      let capability = Capability(rawValue: UInt8(truncatingIfNeeded: column)) ?? .chown
      return Event(source: source, access: .capability(capability))
    }
    for calls in table.syscalls {
      let columns = calls.columns.enumerated().lazy.map { ($0, $1.changes, $1.witness?.bytes.count ?? 0) }
      let source = { (number: Int?) in number.map { calls.sources[$0].witness } }
      add(.syscalls, .syscalls(calls), columns, source) { column, _, source in
        Event(source: source, access: .syscall(calls.names.first ?? "", calls.columns[column].witness))
      }
    }
  }

  /// `columns` are numbered and have a length for people; `event` makes an event of a column.
  private mutating func add(
    _ resourceClass: ResourceClass,
    _ objects: JointObjectsOfRegion,
    _ columns: some Sequence<(Int, JointColumn?, Int)>,
    _ source: (Int?) -> BytePath?,
    event: (Int, JointSlot, BytePath?) -> Event
  ) {
    var regionOf: [Place: Int] = [:]
    for (number, column, length) in columns {
      guard let column else { continue }
      func put(_ key: Key, _ box: ChangeBox, _ cells: [(cell: JointCell, source: Int?)]) {
        let entry = entryOf[key] ?? entries.count
        if entry == entries.count {
          entryOf[key] = entry
          entries.append(EntryDraft(resourceClass: resourceClass, old: key.old, new: key.new, cause: key.cause))
        }
        let fresh = entries[entry].regions.count
        let region = regionOf[Place(entry: entry, box: box), default: fresh]
        if region == fresh {
          regionOf[Place(entry: entry, box: box)] = region
          entries[entry].regions.append(RegionDraft(objects: objects, box: box))
        }
        entries[entry].regions[region].columns.append(number)
        for (cell, from) in cells {
          let from = source(from)
          let length = WitnessLength(
            source: from?.bytes.count ?? 0,
            object: length,
            isOther: !cell.slot.isOwner,
            isBareCall: resourceClass == .syscalls && length == 0
          )
          entries[entry].regions[region].note(cell, length) { event(number, cell.slot, from) }
        }
      }
      if let (key, box) = whole(resourceClass, column) {
        put(key, box, column.plain.map { ($0, nil) })
        continue
      }
      let pieces = self.pieces(resourceClass, column)
      for (first, piece) in pieces.enumerated() where !pieces[..<first].contains(where: { $0.key == piece.key }) {
        for (box, cells) in ChangeDrafts.boxes(pieces.filter { $0.key == piece.key }) { put(piece.key, box, cells) }
      }
    }
  }

  private mutating func key(_ resourceClass: ResourceClass, _ column: JointColumn, _ cell: JointCell, _ source: Int?)
    -> Key
  {
    Key(
      resourceClass: resourceClass,
      old: cell.old.verdict,
      new: cell.new.verdict,
      cause: causes.cause(resourceClass, column, cell, source: source)
    )
  }

  /// The one key and box of a column that changes alike for every source and owner: most do.
  private mutating func whole(_ resourceClass: ResourceClass, _ column: JointColumn) -> (Key, ChangeBox)? {
    guard column.overrides.isEmpty, let first = column.plain.first else { return nil }
    var operations: PathOperations = []
    if first.slot.operation != nil {
      // Cells are in the order of slots.
      if column.plain.count % 2 != 0 { return nil }
      for index in stride(from: 0, to: column.plain.count, by: 2) {
        guard let operation = column.plain[index].slot.operation,
          column.plain[index + 1].slot.operation == operation
        else { return nil }
        operations.insert(PathOperations(operation))
      }
    }
    let key = self.key(resourceClass, column, first, nil)
    for cell in column.plain.dropFirst() where self.key(resourceClass, column, cell, nil) != key { return nil }
    return (key, ChangeBox(operations: operations, owner: .any, sources: SourceMask(hasRest: true)))
  }

  /// The cells of a slot that fall under one key: for which sources, and each of them.
  private struct Piece {
    let key: Key
    let slot: JointSlot
    var mask = SourceMask()
    var cells: [(cell: JointCell, source: Int?)] = []
  }

  private mutating func pieces(_ resourceClass: ResourceClass, _ column: JointColumn) -> [Piece] {
    var pieces: [Piece] = []
    func piece(_ key: Key, _ slot: JointSlot) -> Int {
      if let known = pieces.firstIndex(where: { $0.slot == slot && $0.key == key }) { return known }
      pieces.append(Piece(key: key, slot: slot))
      return pieces.count - 1
    }
    for cell in column.plain {
      let piece = piece(key(resourceClass, column, cell, nil), cell.slot)
      pieces[piece].mask.hasRest = true
      pieces[piece].cells.append((cell, nil))
    }
    let plain = pieces.count
    for (source, cells) in column.overrides {
      var alike: [Int] = []
      for cell in cells {
        let piece = piece(key(resourceClass, column, cell, source), cell.slot)
        if piece < plain { alike.append(piece) } else { pieces[piece].mask.listed.append(source) }
        pieces[piece].cells.append((cell, source))
      }
      for piece in 0..<plain where !alike.contains(piece) { pieces[piece].mask.listed.append(source) }
    }
    return pieces
  }

  /// Slots with the same sources, as rectangles of operations and owner.
  private static func boxes(_ pieces: [Piece]) -> [(ChangeBox, [(cell: JointCell, source: Int?)])] {
    var boxes: [(box: ChangeBox, cells: [(cell: JointCell, source: Int?)])] = []
    func add(_ operation: PathOperation?, _ owner: OwnerCondition, _ piece: Piece) {
      let known = boxes.firstIndex { $0.box.owner == owner && $0.box.sources == piece.mask }
      if let known {
        if let operation { boxes[known].box.operations.insert(PathOperations(operation)) }
        boxes[known].cells += piece.cells
      } else {
        let operations = operation.map { PathOperations($0) } ?? []
        boxes.append((ChangeBox(operations: operations, owner: owner, sources: piece.mask), piece.cells))
      }
    }
    for piece in pieces {
      let operation = piece.slot.operation
      if operation == nil {
        add(nil, .any, piece)
        continue
      }
      let other = pieces.firstIndex { $0.slot.operation == operation && $0.slot.isOwner != piece.slot.isOwner }
      if let other, pieces[other].mask == piece.mask {
        add(operation, .any, piece)
      } else {
        add(operation, piece.slot.isOwner ? .owner : .other, piece)
      }
    }
    return boxes
  }
}

extension RegionDraft {
  /// Takes an event as a witness if its deciders have none yet that is as short.
  fileprivate mutating func note(_ cell: JointCell, _ length: WitnessLength, _ event: () -> Event) {
    let known = witnesses.firstIndex {
      $0.old == cell.old && $0.new == cell.new && $0.length.isBareCall == length.isBareCall
    }
    if let known, witnesses[known].length <= length { return }
    let fresh = WitnessDraft(old: cell.old, new: cell.new, event: event(), length: length)
    if let known { witnesses[known] = fresh } else { witnesses.append(fresh) }
  }
}
