package import Bundle
package import IR
package import _PolicyTestSupport

package enum ImageProperty {
  /// An access of every kind.
  package static let events: [Event] = {
    let path = BytePath("/a/b") ?? .root
    let accesses: [Access] =
      PathOperation.allCases.map { .path($0, path) } + [
        .network(Socket(family: 2, type: 1, protocolNumber: 6)), .capability(.bpf), .syscall("open", path),
        .syscall("mount", nil),
      ]
    return accesses.flatMap { access in
      [nil, path, .root].map { Event(source: $0, access: access, isOwner: false) }
    }
  }()

  /// What must hold of any bytes: they are refused, or whatever is asked of them is answered from inside.
  /// - Returns: why they are refused, or nil. Traps where the property fails: the fuzzer's way of noticing.
  package static func check(_ bytes: [UInt8], events: [Event]) -> ImageError? {
    let image: MapImage
    do throws(ImageError) {
      image = try ImageReader.read(bytes)
    } catch {
      precondition(!error.message.isEmpty && error.offset >= 0)
      return error
    }
    precondition(image.byteCount <= ImageHeader.bytes(ofTier: image.tier))
    let loaded = KernelImage(image, generation: 1, key: 1)
    precondition(loaded == nil || loaded?.bytes.count == ImageHeader.bytes(ofTier: image.tier))
    for event in events {
      let cell = image.cell(for: event)
      if case .record(let record) = cell.reason { precondition(image.records.indices.contains(record)) }
      _ = image.decision(cell)
      guard let source = event.source else { continue }
      _ = loaded?.classes(ofHash: KernelImage.hash(source.bytes, key: 1))
    }
    return nil
  }
}

package enum ImageMutation {
  /// One to four changes: bytes, words, slots moved about, parts cut or doubled; mostly with the right digest.
  package static func mutate(_ original: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard bytes.count > 16 else { break }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<9, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2, 3, 4:
        // A word of a table or a slot becomes small, near, or like another.
        let word = place & ~3
        guard word + 4 <= bytes.count else { continue }
        let value: UInt32 =
          switch Int.random(in: 0..<4, using: &random) {
          case 0: UInt32.random(in: 0..<64, using: &random)
          case 1: UInt32.random(in: 0...UInt32.max, using: &random)
          case 2: 0x8000_0000 | UInt32.random(in: 0..<8, using: &random)
          default: UInt32(bytes[word]) + 1
          }
        for index in 0..<4 { bytes[word + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8)) }
      case 5:
        let from = Int.random(in: 0..<bytes.count, using: &random) & ~7
        let to = place & ~7
        guard max(from, to) + 8 <= bytes.count else { continue }
        bytes.replaceSubrange(to..<to + 8, with: Array(bytes[from..<from + 8]))
      case 6:
        // A word of either head, where all the counts are.
        let word = Int.random(in: 0..<57, using: &random) * 4
        guard word + 4 <= bytes.count else { continue }
        let value = UInt32.random(in: 0..<600, using: &random)
        for index in 0..<4 { bytes[word + index] = UInt8(truncatingIfNeeded: value >> UInt32(index * 8)) }
      case 7: if random.chance(20) { bytes.removeLast(min(bytes.count, Int.random(in: 1...64, using: &random))) }
      default: if random.chance(20) { bytes += [UInt8](repeating: 0, count: 8) }
      }
    }
    return random.chance(95) ? ImageFile.sealed(bytes) : bytes
  }
}
