package import IR

/// A map image that was read and checked: nothing in it leads outside of it.
///
/// INVARIANT: only `ImageReader` makes one, after checking every number in it.
package struct MapImage: Sendable {
  /// The file that holds it.
  let file: ByteReader
  /// Where the image stands in the file.
  let base: Int
  package let header: ImageHeader
  let layout: ImageHeader.Layout
  /// What the cells name.
  package let records: [ImageRecord]
  /// The path of each named source.
  package let sources: [BytePath]
  package let subject: String
  /// 0...5: the smallest size of a map's value that holds the image.
  package let tier: Int

  /// Bytes of the image, without padding to its tier.
  package var byteCount: Int { layout.bytes }

  /// The image alone, as it stands in the file.
  package var image: [UInt8] { Array(file.bytes[base..<base + layout.bytes]) }

  /// Number of byte classes, NUL's included.
  package var byteClassCount: Int { Int(header.classOfByte.max() ?? 0) + 1 }

  // MARK: Automata

  func owner(_ slot: Int) -> UInt32 { file.u32(base + layout.slots + slot * 8) }
  func next(_ slot: Int) -> UInt32 { file.u32(base + layout.slots + slot * 8 + 4) }

  /// Where a byte of class `byteClass` leads from a state.
  package func next(_ state: UInt32, byteClass: UInt8) -> UInt32 {
    let slot = Int(state) + Int(byteClass)
    return owner(slot) == state ? next(slot) : next(Int(state))
  }

  /// The label of a state, with its flags.
  package func mark(_ state: UInt32) -> StateMark { StateMark(rawValue: owner(Int(state))) }

  /// The state that a string leads to.
  package func walk(_ bytes: [UInt8], from start: UInt32) -> UInt32 {
    var state = start
    let slots = base + layout.slots
    let absorbing = UInt32(header.absorbing)
    // Every load checks its bounds.
    let span = file.bytes.span
    let raw = unsafe span.bytes
    for byte in bytes {
      if state <= absorbing { break }
      let header = slots + Int(state) * 8
      let slot = header + Int(self.header.classOfByte[Int(byte)]) * 8
      let owner = unsafe UInt32(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: slot, as: UInt32.self))
      state = unsafe UInt32(
        littleEndian: raw.unsafeLoadUnaligned(
          fromByteOffset: (owner == state ? slot : header) + 4,
          as: UInt32.self
        )
      )
    }
    return state
  }

  // MARK: Tables

  /// The row of a path class for a source class.
  package func row(source: Int, label: Int) -> Int {
    Int(file.u16(base + layout.row + (source * header.labels + label) * 2))
  }

  package func cell(row: Int, _ operation: PathOperation, isOwner: Bool) -> ImageCell {
    let column = Int(operation.rawValue) * 2 + (isOwner ? 1 : 0)
    return ImageCell(rawValue: file.u16(base + layout.cell + (row * 8 + column) * 2))
  }

  package func cell(source: Int, socket: SocketCell) -> ImageCell {
    ImageCell(rawValue: file.u16(base + layout.socket + (source * ImageHeader.socketCells + socket.index) * 2))
  }

  /// `capability` is 0...63, known or not.
  package func cell(source: Int, capability: Int) -> ImageCell {
    ImageCell(rawValue: file.u16(base + layout.capability + (source * ImageHeader.capabilityCells + capability) * 2))
  }

  package func cell(_ preset: Preset) -> ImageCell { header.presets[preset.index] }

  /// The row of a system call's number, if any rule speaks of it.
  package func syscallRow(_ number: Int) -> Int? {
    guard header.syscallRows > 0, (0..<ImageHeader.syscallNumbers).contains(number) else { return nil }
    let row = file.u16(base + layout.syscall + number * 2)
    return row == ImageHeader.noSyscall ? nil : Int(row)
  }

  package func cell(syscallRow: Int, source: Int, path: Int) -> ImageCell {
    let place = (syscallRow * header.syscallSources + source) * header.syscallPaths + path
    return ImageCell(rawValue: file.u16(base + layout.syscallCell + place * 2))
  }

  /// The classes of a named source.
  package func classes(ofNamed index: Int) -> ImageSource {
    let place = base + layout.named + index * 16
    return ImageSource(source: Int(file.u32(place + 8)), syscallSource: Int(file.u32(place + 12)))
  }
}

/// The head of a state.
package struct StateMark: Hashable, Sendable {
  package let rawValue: UInt32
  init(rawValue: UInt32) { self.rawValue = rawValue }

  package init(label: UInt32, isGuarded: Bool) {
    rawValue = StateMark.state | (isGuarded ? StateMark.guarded : 0) | label & StateMark.labels
  }

  static let state: UInt32 = 0x8000_0000
  static let guarded: UInt32 = 0x4000_0000
  package static let labels: UInt32 = 0x00FF_FFFF

  package var label: Int { Int(rawValue & StateMark.labels) }
  package var isGuarded: Bool { rawValue & StateMark.guarded != 0 }
}

/// The two classes of a source.
package struct ImageSource: Hashable, Sendable {
  /// 0: no source, and every one that no rule tells apart.
  package let source: Int
  /// 0: no source.
  package let syscallSource: Int
  package init(source: Int, syscallSource: Int) {
    self.source = source
    self.syscallSource = syscallSource
  }
}
