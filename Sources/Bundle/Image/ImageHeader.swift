import CArmor
import IR

/// The counts at the head of a map image, and where its tables lie (`struct armor_image` in `bpf/armor.h`).
package struct ImageHeader: Hashable, Sendable {
  package var slots: Int
  package var absorbing: Int
  /// Start state per `enum armor_automaton`.
  package var start: [UInt32]
  package var labels: Int
  package var sources: Int
  package var rows: Int
  package var named: Int
  package var syscallRows: Int
  package var syscallSources: Int
  package var syscallPaths: Int
  /// Bit masks over `enum armor_class`.
  package var failClosed: UInt32
  package var visible: UInt32
  package var flags: UInt32
  /// A cell per preset.
  package var presets: [ImageCell]
  /// 256 of them.
  package var classOfByte: [UInt8]

  package init(
    slots: Int = 0,
    absorbing: Int = 0,
    start: [UInt32] = [0, 0, 0, 0],
    labels: Int = 0,
    sources: Int = 0,
    rows: Int = 0,
    named: Int = 0,
    syscallRows: Int = 0,
    syscallSources: Int = 0,
    syscallPaths: Int = 0,
    failClosed: UInt32 = 0,
    visible: UInt32 = 0,
    flags: UInt32 = 0,
    presets: [ImageCell] = Preset.allCases.map { _ in .free },
    classOfByte: [UInt8] = [UInt8](repeating: 0, count: 256)
  ) {
    self.slots = slots
    self.absorbing = absorbing
    self.start = start
    self.labels = labels
    self.sources = sources
    self.rows = rows
    self.named = named
    self.syscallRows = syscallRows
    self.syscallSources = syscallSources
    self.syscallPaths = syscallPaths
    self.failClosed = failClosed
    self.visible = visible
    self.flags = flags
    self.presets = presets
    self.classOfByte = classOfByte
  }

  package static let magic = UInt32(ARMOR_IMAGE_MAGIC)
  package static let version = UInt32(ARMOR_IMAGE_VERSION)
  package static let automata = 4
  package static let socketCells = Int(ARMOR_SOCKET_CELLS)
  package static let capabilityCells = Int(ARMOR_CAPABILITY_CELLS)
  package static let syscallNumbers = Int(ARMOR_SYSCALL_NUMBERS)
  package static let noSyscall = UInt16(ARMOR_NO_SYSCALL)
  package static let maximumSources = Int(ARMOR_MAX_SOURCES)
  package static let maximumRecords = Int(ARMOR_MAX_RECORDS)
  package static let maximumRows = 1 << 16
  package static let tiers = Int(ARMOR_TIERS)

  /// Bytes of a tier, 0...5.
  package static func bytes(ofTier tier: Int) -> Int { 1 << (14 + 2 * tier) }

  /// The smallest tier that holds so many bytes, or nil.
  package static func tier(for bytes: Int) -> Int? { (0..<tiers).first { self.bytes(ofTier: $0) >= bytes } }

  /// A word of the structure, as 32-bit words from its start.
  enum Word: Int, CaseIterable {
    case magic, version, bytes, generation, slotsAt, slots, absorbing, start0, start1, start2, start3, labels, sources,
      rows, rowAt, cellAt, socketAt, capabilityAt, namedAt, named, syscallAt, syscallCellAt, syscallRows,
      syscallSources, syscallPaths, failClosed, visible, flags, presets0, presets2, presets4
    /// Where the word lies, in bytes. A word holds the cells of two presets; the last 16 bits are zero.
    var offset: Int { rawValue * 4 }
  }
  /// Where the classes of bytes lie.
  static let classesAt = Word.allCases.count * 4
  /// Size of the structure.
  static let size = classesAt + 256

  /// Where each table lies, in bytes from the start of the image; follows from the counts.
  package struct Layout: Hashable, Sendable {
    package let slots: Int
    package let named: Int
    package let row: Int
    package let cell: Int
    package let socket: Int
    package let capability: Int
    /// 0 if there are no system calls.
    package let syscall: Int
    package let syscallCell: Int
    /// After the last table.
    package let end: Int
    /// Of the whole image, a multiple of 8.
    package let bytes: Int
  }

  /// Nil if the counts are out of all bounds.
  package var layout: Layout? {
    let limit = ImageHeader.bytes(ofTier: ImageHeader.tiers - 1)
    guard slots <= limit, named <= limit, sources <= limit, labels <= limit, rows <= limit, syscallRows <= limit,
      syscallSources <= limit, syscallPaths <= limit
    else { return nil }
    // Below 2^25 each: no product of two overflows, and each is held against the limit before the next factor.
    let calls = syscallRows * syscallSources
    guard calls <= limit, calls * syscallPaths <= limit, sources * labels <= limit else { return nil }
    let slotsAt = (ImageHeader.size + 7) & ~7
    let namedAt = slotsAt + slots * 8
    let rowAt = namedAt + named * 16
    let cellAt = rowAt + sources * labels * 2
    let socketAt = cellAt + rows * 16
    let capabilityAt = socketAt + sources * ImageHeader.socketCells * 2
    let syscallAt = capabilityAt + sources * ImageHeader.capabilityCells * 2
    let hasCalls = syscallRows > 0
    let syscallCellAt = syscallAt + (hasCalls ? ImageHeader.syscallNumbers * 2 : 0)
    let end = syscallCellAt + calls * syscallPaths * 2
    return Layout(
      slots: slotsAt,
      named: namedAt,
      row: rowAt,
      cell: cellAt,
      socket: socketAt,
      capability: capabilityAt,
      syscall: hasCalls ? syscallAt : 0,
      syscallCell: hasCalls ? syscallCellAt : 0,
      end: end,
      bytes: (end + 7) & ~7
    )
  }

  /// The structure as bytes; `layout` is its own.
  package func encoded(_ layout: Layout) -> [UInt8] {
    var words = [Int](repeating: 0, count: Word.allCases.count)
    func set(_ word: Word, _ value: Int) { words[word.rawValue] = value }
    set(.magic, Int(ImageHeader.magic))
    set(.version, Int(ImageHeader.version))
    set(.bytes, layout.bytes)
    set(.slotsAt, layout.slots)
    set(.slots, slots)
    set(.absorbing, absorbing)
    for (word, state) in zip([Word.start0, .start1, .start2, .start3], start) { set(word, Int(state)) }
    set(.labels, labels)
    set(.sources, sources)
    set(.rows, rows)
    set(.rowAt, layout.row)
    set(.cellAt, layout.cell)
    set(.socketAt, layout.socket)
    set(.capabilityAt, layout.capability)
    set(.namedAt, layout.named)
    set(.named, named)
    set(.syscallAt, layout.syscall)
    set(.syscallCellAt, layout.syscallCell)
    set(.syscallRows, syscallRows)
    set(.syscallSources, syscallSources)
    set(.syscallPaths, syscallPaths)
    set(.failClosed, Int(failClosed))
    set(.visible, Int(visible))
    set(.flags, Int(flags))
    for (index, cell) in presets.enumerated() where index < Preset.allCases.count {
      words[ImageHeader.Word.presets0.rawValue + index / 2] |= Int(cell.rawValue) << (index % 2 * 16)
    }
    var bytes = ByteBuffer(capacity: layout.slots)
    for word in words { bytes.append32(UInt32(truncatingIfNeeded: word)) }
    bytes.append(classOfByte)
    bytes.pad(to: 8)
    return bytes.bytes
  }
}
