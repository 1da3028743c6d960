import CArmor
package import IR

extension MapImage {
  /// The classes of a source, by walking its path.
  package func classes(of source: BytePath?) -> ImageSource {
    source.map { classes(of: $0.bytes) } ?? ImageSource(source: 0, syscallSource: 0)
  }

  /// The classes of a byte string, be it a path or not.
  func classes(of bytes: [UInt8]) -> ImageSource {
    ImageSource(
      source: mark(walk(bytes, from: header.start[1])).label,
      syscallSource: mark(walk(bytes, from: header.start[3])).label
    )
  }

  /// The cell of an event: what the kernel's matcher says, from the same bytes.
  package func cell(for event: Event) -> ImageCell { cell(for: event.access, classes(of: event.source), event.isOwner) }

  /// The cell of an access by a process whose source has these classes.
  package func cell(for access: Access, _ source: ImageSource, _ isOwner: Bool) -> ImageCell {
    switch access {
    case .path(let operation, let path):
      let label = mark(walk(path.bytes, from: header.start[0])).label
      return cell(row: row(source: source.source, label: label), operation, isOwner: isOwner)
    case .network(let socket): return cell(source: source.source, socket: SocketCell(socket))
    case .capability(let capability): return cell(source: source.source, capability: Int(capability.rawValue))
    case .syscall(let name, let path):
      guard let number = SystemCalls.number(of: name), let row = syscallRow(number) else { return .free }
      let label = path.map { mark(walk($0.bytes, from: header.start[2])).label } ?? 0
      return cell(syscallRow: row, source: source.syscallSource, path: label)
    }
  }

  /// Verdict and decider of an event.
  package func decide(_ event: Event) -> ImageDecision { decision(cell(for: event)) }

  package func decision(_ cell: ImageCell) -> ImageDecision {
    switch cell.reason {
    case .nobody: ImageDecision(verdict: cell.verdict, decider: .nothing)
    case .posture(let resourceClass): ImageDecision(verdict: cell.verdict, decider: .posture(resourceClass))
    case .record(let index): ImageDecision(verdict: cell.verdict, decider: .rule(records[index]))
    }
  }
}

/// What an image says of an event.
package struct ImageDecision: Hashable, Sendable {
  package enum Decider: Hashable, Sendable {
    case nothing
    case posture(ResourceClass)
    case rule(ImageRecord)
  }
  package let verdict: Verdict
  package let decider: Decider
  package init(verdict: Verdict, decider: Decider) {
    self.verdict = verdict
    self.decider = decider
  }
}

/// An image as the value of a map: with its generation, and with the hashes of named sources in order.
package struct KernelImage: Sendable {
  package let bytes: [UInt8]
  /// The node's, for hashes of source paths.
  package let key: UInt64
  private let named: [(hash: UInt64, classes: ImageSource)]

  /// `key` is the node's, for hashes of source paths; `isPadded`: with zeros up to the size of the image's tier. Nil if two sources have one hash, or one has none: take another key.
  package init?(_ image: MapImage, generation: UInt32, key: UInt64, isPadded: Bool = true) {
    var named = image.sources.indices.map {
      (hash: KernelImage.hash(image.sources[$0].bytes, key: key), classes: image.classes(ofNamed: $0))
    }
    named.sort { $0.hash < $1.hash }
    guard named.first?.hash != 0, zip(named, named.dropFirst()).allSatisfy({ $0.hash != $1.hash }) else { return nil }
    var bytes = image.image
    func set(_ value: UInt64, _ count: Int, at place: Int) {
      for index in 0..<count { bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
    }
    set(UInt64(generation), 4, at: ImageHeader.Word.generation.offset)
    for (index, one) in named.enumerated() {
      let place = image.layout.named + index * 16
      set(one.hash, 8, at: place)
      set(UInt64(one.classes.source), 4, at: place + 8)
      set(UInt64(one.classes.syscallSource), 4, at: place + 12)
    }
    if isPadded {
      bytes += [UInt8](repeating: 0, count: ImageHeader.bytes(ofTier: image.tier) - bytes.count)
    }
    self.bytes = bytes
    self.key = key
    self.named = named
  }

  /// The keyed hash of a source's path.
  package static func hash(_ path: [UInt8], key: UInt64) -> UInt64 {
    path.reduce(key) { ($0 ^ UInt64($1)) &* ARMOR_HASH_PRIME }
  }

  /// The classes of a source whose hash alone is known; nil: it is not named.
  package func classes(ofHash hash: UInt64) -> ImageSource? {
    var low = 0
    var high = named.count
    while low < high {
      let middle = (low + high) / 2
      if named[middle].hash < hash { low = middle + 1 } else { high = middle }
    }
    return low < named.count && named[low].hash == hash ? named[low].classes : nil
  }
}
