import Automata
import Bundle
import IR

/// A decision table in the terms of an image: cells that name records instead of rules, and classes as coarse as that
/// permits.
struct ImageTables {
  private(set) var records: [ImageRecord] = []
  /// Per kept source class: the class of the table that stands for it.
  private(set) var sources: [Int] = [0]
  /// Class of the table to class of the image.
  private(set) var sourceOf: [Int] = []
  /// Path class of the table to label of the image, from 1.
  private(set) var labelOf: [UInt32] = []
  /// Label 0 included.
  private(set) var labelCount = 1
  /// Six cells each; row 0 is free.
  private(set) var rows: [[UInt16]] = [[UInt16](repeating: 0, count: 6)]
  /// `[source][label]`.
  private(set) var rowAt: [[UInt32]] = []
  private(set) var sockets: [[UInt16]] = []
  private(set) var capabilities: [[UInt16]] = []
  private(set) var syscalls: SyscallImage
  /// A cell per preset.
  private(set) var presets: [ImageCell] = Preset.allCases.map { _ in .free }
  /// Labels for which some operation is blocked for some source or owner.
  private(set) var blocking: Set<UInt32> = []

  /// Record and cell of whatever decides.
  struct Cells {
    private let recordOf: [Int: Int]
    init(_ recordOf: [Int: Int]) { self.recordOf = recordOf }

    func callAsFunction(_ cell: Cell) -> UInt16 {
      if let rule = cell.rule { return ImageCell(cell.verdict, record: recordOf[rule] ?? 0).rawValue }
      if let posture = cell.posture { return ImageCell(cell.verdict, posture: posture).rawValue }
      return cell.verdict == .allow ? ImageCell.free.rawValue : ImageCell(cell.verdict, posture: .syscalls).rawValue
    }
  }

  /// - Throws: `ImageProblem` if there are too many records or rows.
  init(_ table: DecisionTable, _ deciding: [Preset: PresetRule]) throws(ImageProblem) {
    var known: [ImageRecord: Int] = [:]
    var recordOf: [Int: Int] = [:]
    for rule in table.deciders.rules.sorted() {
      let record = ImageRecord(table.rules[rule])
      let number = known[record] ?? records.count
      if number == records.count {
        known[record] = number
        records.append(record)
      }
      recordOf[rule] = number
    }
    for preset in Preset.allCases where preset.obstacle == nil {
      guard let rule = deciding[preset] else { continue }
      let record = ImageRecord(rule)
      let number = known[record] ?? records.count
      if number == records.count {
        known[record] = number
        records.append(record)
      }
      presets[preset.index] = ImageCell(rule.verdict, record: number)
    }
    if records.count > ImageHeader.maximumRecords {
      throw .limit(.records, records.count, ImageHeader.maximumRecords, ImageProblem.scattered(table.rules))
    }
    let cells = Cells(recordOf)
    syscalls = SyscallImage(table.syscalls, cells)
    sortSources(table, cells)
    if sources.count > ImageHeader.maximumSources {
      throw .limit(.sources, sources.count, ImageHeader.maximumSources, ImageProblem.sourced(table.rules))
    }
    sortLabels(table, cells)
    if rows.count > ImageHeader.maximumRows {
      throw .limit(.rows, rows.count, ImageHeader.maximumRows, ImageProblem.largest(table.rules))
    }
  }

  private static func pathCells(_ table: DecisionTable, _ source: Int, _ path: Int, _ cells: Cells) -> [UInt16] {
    PathOperation.allCases.flatMap { operation in
      [false, true].map { cells(table.cell(source: source, path: path, operation, isOwner: $0)) }
    }
  }

  /// Sources that differ in no cell are one.
  private mutating func sortSources(_ table: DecisionTable, _ cells: Cells) {
    let beyond = ImageTables.unknownCapability(table)
    var known: [[UInt16]: Int] = [:]
    for source in 0..<table.sources.count {
      let socketRow = SocketCell.all.map { cells(table.cell(source: source, $0)) }
      var capabilityRow = Capability.allCases.map { cells(table.cell(source: source, $0)) }
      capabilityRow += [UInt16](repeating: beyond, count: ImageHeader.capabilityCells - capabilityRow.count)
      let paths = (0..<table.pathClassCount).flatMap { ImageTables.pathCells(table, source, $0, cells) }
      let column = socketRow + capabilityRow + paths
      let number = known[column] ?? sockets.count
      if number == sockets.count {
        known[column] = number
        if source > 0 { sources.append(source) }
        sockets.append(socketRow)
        capabilities.append(capabilityRow)
      }
      sourceOf.append(number)
    }
  }

  /// A capability that is newer than armorc: no rule can speak of it, the posture does.
  static func unknownCapability(_ table: DecisionTable) -> UInt16 {
    guard table.allowListed.contains(.capabilities) else { return ImageCell.free.rawValue }
    let verdict: Verdict =
      switch table.postures.capabilities {
      case .allow: .allow
      case .audit: .audit
      case .block: .block
      }
    return ImageCell(verdict, posture: .capabilities).rawValue
  }

  /// Path classes that differ in no cell are one label.
  private mutating func sortLabels(_ table: DecisionTable, _ cells: Cells) {
    var knownRows: [[UInt16]: UInt32] = [rows[0]: 0]
    var knownLabels: [[UInt32]: UInt32] = [:]
    rowAt = sources.map { _ in [0] }
    // Class 0 is what is no path.
    labelOf = [0]
    for path in 1..<max(table.pathClassCount, 1) {
      var column: [UInt32] = []
      var blocks = false
      for source in sources {
        let row = ImageTables.pathCells(table, source, path, cells)
        let number = knownRows[row] ?? UInt32(rows.count)
        if number == rows.count {
          knownRows[row] = number
          rows.append(row)
        }
        blocks = blocks || row.contains { ImageCell(rawValue: $0).verdict == .block }
        column.append(number)
      }
      let label = knownLabels[column] ?? UInt32(labelCount)
      if label == labelCount {
        knownLabels[column] = label
        labelCount += 1
        if blocks { blocking.insert(label) }
        for (source, number) in column.enumerated() { rowAt[source].append(number) }
      }
      labelOf.append(label)
    }
  }
}

/// The system calls of an image.
struct SyscallImage {
  /// `[number]`: row, or `ImageHeader.noSyscall`; empty if no rule speaks of any.
  private(set) var rowOf: [UInt16] = []
  private(set) var rowCount = 0
  private(set) var sourceCount = 1
  private(set) var pathCount = 1
  /// `[row][source][path]`.
  private(set) var cells: [UInt16] = []
  /// Label of the table's classifier to class of the image.
  private(set) var sourceOf: [UInt32] = []
  private(set) var pathOf: [UInt32] = []

  init(_ table: SyscallTable, _ cells: ImageTables.Cells) {
    func cell(_ name: Int, _ source: Int, _ path: Int) -> UInt16 {
      cells(table.cells[(name * table.sourceCount + source) * table.pathCount + path])
    }
    func merge(_ count: Int, _ column: (Int) -> [UInt16]) -> (kept: [Int], classOf: [UInt32]) {
      var known: [[UInt16]: UInt32] = [:]
      var kept: [Int] = []
      var classOf: [UInt32] = []
      for index in 0..<count {
        let mine = column(index)
        let number = known[mine] ?? UInt32(kept.count)
        if number == kept.count {
          known[mine] = number
          kept.append(index)
        }
        classOf.append(number)
      }
      return (kept, classOf)
    }
    let names = table.names.indices
    let sources = merge(table.sourceCount) { source in
      names.flatMap { name in (0..<table.pathCount).map { cell(name, source, $0) } }
    }
    let paths = merge(table.pathCount) { path in
      names.flatMap { name in sources.kept.map { cell(name, $0, path) } }
    }
    sourceOf = Array(sources.classOf.dropFirst())
    pathOf = Array(paths.classOf.dropFirst())
    guard !names.isEmpty else { return }
    sourceCount = sources.kept.count
    pathCount = paths.kept.count
    rowOf = [UInt16](repeating: ImageHeader.noSyscall, count: ImageHeader.syscallNumbers)
    for name in names {
      guard let number = SystemCalls.number(of: table.names[name]) else { continue }
      rowOf[number] = UInt16(rowCount)
      rowCount += 1
      for source in sources.kept { for path in paths.kept { self.cells.append(cell(name, source, path)) } }
    }
  }
}
