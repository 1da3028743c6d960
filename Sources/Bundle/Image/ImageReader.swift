import CArmor
import Crypto
import IR

/// Why a file is no map image.
package struct ImageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In bytes from the start of the file.
  package let offset: Int
  /// Lower case, no final period.
  package let message: String

  package var description: String { "at byte \(offset): \(message)" }
}

/// Reads `bpf.img`. Whatever it accepts can be handed to the kernel: every index, state and string lies inside.
package enum ImageReader {
  /// - Throws: `ImageError` saying what is wrong, and where.
  package static func read(_ bytes: [UInt8]) throws(ImageError) -> MapImage {
    let file = try FileSections(bytes)
    let (header, layout) = try readHeader(file.reader, at: file.imageAt, bytes: file.imageBytes)
    guard header.named == file.sources.count else {
      throw ImageError(
        offset: file.imageAt + ImageHeader.Word.named.offset,
        message: "\(header.named) named sources where the file has paths of \(file.sources.count)"
      )
    }
    let image = MapImage(
      file: file.reader,
      base: file.imageAt,
      header: header,
      layout: layout,
      records: file.records,
      sources: file.sources,
      subject: file.subject,
      tier: file.tier
    )
    try AutomataCheck(image).check()
    try image.checkTables()
    return image
  }

  /// The head of an image of so many bytes, checked against the one layout that its counts give.
  private static func readHeader(_ reader: ByteReader, at base: Int, bytes: Int) throws(ImageError)
    -> (ImageHeader, ImageHeader.Layout)
  {
    func word(_ word: ImageHeader.Word) -> Int { Int(reader.u32(base + word.offset)) }
    func fail(_ word: ImageHeader.Word, _ message: String) -> ImageError {
      ImageError(offset: base + word.offset, message: message)
    }
    guard bytes >= ImageHeader.size else {
      throw ImageError(offset: base, message: "an image of \(bytes) bytes; its head alone takes \(ImageHeader.size)")
    }
    guard word(.magic) == Int(ImageHeader.magic) else { throw fail(.magic, "no map image stands here") }
    guard word(.version) == Int(ImageHeader.version) else {
      throw fail(.version, "version \(word(.version)) of the image; armorc reads \(ImageHeader.version)")
    }
    guard word(.generation) == 0 else { throw fail(.generation, "a generation, which only a loader sets") }
    let presets = ImageHeader.Word.presets0.offset
    let afterPresets = presets + 2 * Preset.allCases.count
    guard reader.u16(base + afterPresets) == 0 else {
      throw ImageError(offset: base + afterPresets, message: "reserved bits are zero")
    }
    let header = ImageHeader(
      slots: word(.slots),
      absorbing: word(.absorbing),
      start: [.start0, .start1, .start2, .start3].map { (one: ImageHeader.Word) in UInt32(word(one)) },
      labels: word(.labels),
      sources: word(.sources),
      rows: word(.rows),
      named: word(.named),
      syscallRows: word(.syscallRows),
      syscallSources: word(.syscallSources),
      syscallPaths: word(.syscallPaths),
      failClosed: UInt32(word(.failClosed)),
      visible: UInt32(word(.visible)),
      flags: UInt32(word(.flags)),
      presets: Preset.allCases.map { ImageCell(rawValue: reader.u16(base + presets + 2 * $0.index)) },
      classOfByte: Array(reader.bytes[(base + ImageHeader.classesAt)..<(base + ImageHeader.size)])
    )
    let bounds: [(ImageHeader.Word, ClosedRange<Int>, String)] = [
      (.labels, 1...Int(StateMark.labels), "path classes"),
      (.sources, 1...ImageHeader.maximumSources, "source classes"),
      (.rows, 1...ImageHeader.maximumRows, "rows"),
      (.syscallRows, 0...ImageHeader.syscallNumbers, "rows of system calls"),
      (.syscallSources, 1...Int(StateMark.labels), "source classes of system calls"),
      (.syscallPaths, 1...Int(StateMark.labels), "classes of path arguments"),
    ]
    for (one, range, what) in bounds where !range.contains(word(one)) {
      throw fail(one, "\(word(one)) \(what); \(range.lowerBound) to \(range.upperBound) are possible")
    }
    for (one, mask) in [(ImageHeader.Word.failClosed, 31), (.visible, 31), (.flags, 7)] where word(one) > mask {
      throw fail(one, "unknown bits are set")
    }
    if header.syscallRows == 0 && (header.syscallSources != 1 || header.syscallPaths != 1) {
      throw fail(.syscallRows, "classes of system calls without any call")
    }
    guard let layout = header.layout, layout.bytes == bytes else {
      throw fail(.bytes, "the tables do not fill \(bytes) bytes")
    }
    let places: [(ImageHeader.Word, Int)] = [
      (.bytes, layout.bytes), (.slotsAt, layout.slots), (.rowAt, layout.row), (.cellAt, layout.cell),
      (.socketAt, layout.socket), (.capabilityAt, layout.capability), (.namedAt, layout.named),
      (.syscallAt, layout.syscall), (.syscallCellAt, layout.syscallCell),
    ]
    for (one, wanted) in places where word(one) != wanted { throw fail(one, "\(word(one)) where \(wanted) belongs") }
    for place in (base + ImageHeader.size)..<(base + layout.slots) where reader.u8(place) != 0 {
      throw ImageError(offset: place, message: "padding is zero")
    }
    for place in (base + layout.end)..<(base + layout.bytes) where reader.u8(place) != 0 {
      throw ImageError(offset: place, message: "padding is zero")
    }
    var used: Set<UInt8> = []
    for (byte, number) in header.classOfByte.enumerated() {
      used.insert(number)
      if (byte == 0) != (number == 0) {
        throw ImageError(
          offset: base + ImageHeader.classesAt + byte,
          message: "class \(number) of byte \(byte): class 0 is NUL's alone"
        )
      }
    }
    if Int(used.max() ?? 0) + 1 != used.count {
      throw ImageError(offset: base + ImageHeader.classesAt, message: "byte classes with gaps")
    }
    return (header, layout)
  }
}

extension MapImage {
  /// Rows, cells, sources.
  fileprivate func checkTables() throws(ImageError) {
    let reader = file
    func check(_ place: Int, _ count: Int, _ what: String, _ defect: (UInt16) -> String?) throws(ImageError) {
      for index in 0..<count {
        let value = reader.u16(base + place + index * 2)
        if let defect = defect(value) {
          throw ImageError(offset: base + place + index * 2, message: "\(what) \(index): \(defect)")
        }
      }
    }
    let records = self.records.count
    let rows = header.rows
    for preset in Preset.allCases {
      if let defect = defect(of: preset) {
        throw ImageError(
          offset: base + ImageHeader.Word.presets0.offset + 2 * preset.index,
          message: "preset '\(preset.rawValue)': \(defect)"
        )
      }
    }
    if header.presets.contains(where: { $0 != .free }) != (header.flags & UInt32(ARMOR_HAS_PRESETS) != 0) {
      throw ImageError(
        offset: base + ImageHeader.Word.flags.offset,
        message: "the flag of presets is not what their cells say"
      )
    }
    try check(layout.row, header.sources * header.labels, "row") { $0 < rows ? nil : "row \($0) of \(rows)" }
    for row in 0..<rows {
      try check(layout.cell + row * 16, 6, "row \(row), cell") { ImageCell.defect($0, records: records) }
      try check(layout.cell + row * 16 + 12, 2, "row \(row), padding") { $0 == 0 ? nil : "\($0) where 0 belongs" }
    }
    try check(layout.socket, header.sources * ImageHeader.socketCells, "socket") {
      ImageCell.defect($0, records: records)
    }
    try check(layout.capability, header.sources * ImageHeader.capabilityCells, "capability") {
      ImageCell.defect($0, records: records)
    }
    if header.syscallRows > 0 {
      let calls = header.syscallRows
      try check(layout.syscall, ImageHeader.syscallNumbers, "system call") {
        $0 == ImageHeader.noSyscall || $0 < calls ? nil : "row \($0) of \(calls)"
      }
      try check(layout.syscallCell, calls * header.syscallSources * header.syscallPaths, "system call cell") {
        $0 & 3 == 2 ? "system calls are never blocked" : ImageCell.defect($0, records: records)
      }
    }
    for index in 0..<header.named {
      let place = base + layout.named + index * 16
      guard reader.u64(place) == 0 else {
        throw ImageError(offset: place, message: "source \(index): a hash, which only a loader sets")
      }
      let found = classes(ofNamed: index)
      guard found == classes(of: sources[index]) else {
        throw ImageError(
          offset: place + 8,
          message: "source \(index): classes \(found.source) and \(found.syscallSource), where its path leads elsewhere"
        )
      }
    }
  }

  /// What keeps the cell of a preset from being one: it is decided by a record of its class, or by nobody.
  fileprivate func defect(of preset: Preset) -> String? {
    let cell = cell(preset)
    if let defect = ImageCell.defect(cell.rawValue, records: records.count) { return defect }
    if cell == .free { return nil }
    if preset.obstacle != nil { return "a verdict, which the matcher cannot find" }
    guard case .record(let index) = cell.reason, records[index].resourceClass == .presets else {
      return "no preset decides it"
    }
    return cell.verdict == .allow ? "a preset allows nothing" : nil
  }
}
