import Bundle
import CArmor
package import IR

/// A map image and what is worth telling of it.
package struct BPFArtifact: Sendable {
  /// The file `bpf.img`.
  package let bytes: [UInt8]
  /// Of the image alone.
  package let imageBytes: Int
  /// 0...5.
  package let tier: Int
  package let states: Int
  package let slots: Int
  package let byteClasses: Int
  package let labels: Int
  package let sources: Int
  package let records: Int
}

/// Writes map images.
package enum BPFBackend {
  package struct Options: Hashable, Sendable {
    package var budget: TableBudget
    /// Classes whose allowed events are reported as logs.
    package var visible: Set<ResourceClass>
    package init(budget: TableBudget = TableBudget(), visible: Set<ResourceClass> = []) {
      self.budget = budget
      self.visible = visible
    }
  }

  /// The image of a subject; `table` is its own. Pure: the same table gives the same bytes.
  package static func emit(
    _ subject: SubjectPolicy,
    _ table: DecisionTable,
    _ options: Options = Options()
  ) throws(ImageProblem) -> BPFArtifact {
    let tables = try ImageTables(table, subject.decidingPresets)
    let automata = try ImageAutomata(table, tables, options.budget)
    let alphabet = ByteAlphabet(automata.all)
    let largest = ImageHeader.bytes(ofTier: ImageHeader.tiers - 1)
    let comb: CombTable
    do throws(CombTable.Overflow) {
      let marks = automata.marks(tables.blocking, alphabet)
      comb = try CombTable(automata.all, alphabet, limit: largest / 8) { marks[$0] }
    } catch {
      throw .states(error.states, limit: largest / 8, ImageProblem.largest(table.rules))
    }
    let header = ImageHeader(
      slots: comb.owners.count,
      absorbing: comb.absorbing,
      start: comb.starts,
      labels: tables.labelCount,
      sources: tables.sources.count,
      rows: tables.rows.count,
      named: automata.named.count,
      syscallRows: tables.syscalls.rowCount,
      syscallSources: tables.syscalls.sourceCount,
      syscallPaths: tables.syscalls.pathCount,
      failClosed: failClosed(tables),
      visible: mask(options.visible),
      flags: flags(table, tables.presets),
      presets: tables.presets,
      classOfByte: alphabet.classOfByte
    )
    guard let layout = header.layout, let tier = ImageHeader.tier(for: layout.bytes) else {
      let bytes = header.layout?.bytes ?? largest * 2
      throw .tooLarge(bytes: bytes, limit: largest, ImageProblem.largest(table.rules))
    }
    let file = ImageFile(
      image: bytes(header, layout, tables, automata, comb),
      records: tables.records,
      sources: automata.named.map(\.path),
      subject: subject.name
    )
    return BPFArtifact(
      bytes: file.encoded,
      imageBytes: layout.bytes,
      tier: tier,
      states: comb.stateCount,
      slots: comb.owners.count,
      byteClasses: alphabet.count,
      labels: tables.labelCount - 1,
      sources: tables.sources.count,
      records: tables.records.count
    )
  }

  private static func bytes(
    _ header: ImageHeader,
    _ layout: ImageHeader.Layout,
    _ tables: ImageTables,
    _ automata: ImageAutomata,
    _ comb: CombTable
  ) -> [UInt8] {
    var image = ByteBuffer(capacity: layout.bytes)
    image.append(header.encoded(layout))
    for (owner, next) in zip(comb.owners, comb.nexts) {
      image.append32(owner)
      image.append32(next)
    }
    for named in automata.named {
      image.append64(0)
      image.append32(UInt32(named.classes.source))
      image.append32(UInt32(named.classes.syscallSource))
    }
    for row in tables.rowAt { for number in row { image.append16(UInt16(truncatingIfNeeded: number)) } }
    for row in tables.rows { for cell in row + [0, 0] { image.append16(cell) } }
    for row in tables.sockets { for cell in row { image.append16(cell) } }
    for row in tables.capabilities { for cell in row { image.append16(cell) } }
    for row in tables.syscalls.rowOf { image.append16(row) }
    for cell in tables.syscalls.cells { image.append16(cell) }
    image.pad(to: 8)
    return image.bytes
  }

  static func mask(_ classes: Set<ResourceClass>) -> UInt32 {
    classes.compactMap { ImageCell.number(of: $0) }.reduce(0) { $0 | 1 << UInt32($1) }
  }

  /// The classes in which something is blocked: what cannot be decided there is denied.
  private static func failClosed(_ tables: ImageTables) -> UInt32 {
    func blocks(_ cells: some Sequence<UInt16>) -> Bool { cells.contains { ImageCell(rawValue: $0).verdict == .block } }
    var classes: Set<ResourceClass> = []
    if tables.rows.contains(where: { blocks($0[..<2]) }) || blocksFileless(tables.presets) { classes.insert(.process) }
    if tables.rows.contains(where: { blocks($0[2...]) }) { classes.insert(.file) }
    if tables.sockets.contains(where: { blocks($0) }) { classes.insert(.network) }
    if tables.capabilities.contains(where: { blocks($0) }) { classes.insert(.capabilities) }
    return mask(classes)
  }

  /// Whether it takes a path to know that executing it is not blocked.
  static func blocksFileless(_ presets: [ImageCell]) -> Bool { presets[Preset.filelessExec.index].verdict == .block }

  static func flags(_ table: DecisionTable, _ presets: [ImageCell]) -> UInt32 {
    fileless(table) | (presets.contains { $0 != .free } ? UInt32(ARMOR_HAS_PRESETS) : 0)
  }

  /// What becomes of executing an object without a path: no rule covers it, so an allow-list's posture decides.
  static func fileless(_ table: DecisionTable) -> UInt32 {
    guard table.allowListed.contains(.process) else { return 0 }
    switch table.postures.file {
    case .allow: return 0
    case .audit: return UInt32(ARMOR_AUDIT_FILELESS)
    case .block: return UInt32(ARMOR_BLOCK_FILELESS)
    }
  }
}
