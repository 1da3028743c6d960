package import IR

/// What the matcher can be asked, in the terms of an image: also what is no event, such as an object without a path.
package struct ImageQuestion: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    case classes(ImageSource)
    /// Of the source nothing is known but its hash, as after its image was replaced.
    case hash(UInt64)
  }

  package enum Object: Hashable, Sendable {
    /// Bytes without NUL, be they a path or not; empty: an object without a path.
    case path(PathOperation, [UInt8])
    case socket(SocketCell)
    /// 0...63, known or not.
    case capability(UInt8)
    /// Any number; empty: no path argument.
    case syscall(UInt32, [UInt8])
    case preset(Preset)
  }

  package var source: Source
  package var object: Object
  package var isOwner: Bool
  /// Whether what lies below the path is asked about too, as where a directory is renamed. Not for executing.
  package var asksBelow: Bool

  package init(_ source: Source, _ object: Object, isOwner: Bool = false, asksBelow: Bool = false) {
    self.source = source
    self.object = object
    self.isOwner = isOwner
    self.asksBelow = asksBelow
  }

  /// An event as a hook asks it; nil if it is a system call without a number. `source` stands for the event's own.
  package init?(_ event: Event, from source: Source) {
    switch event.access {
    case .path(let operation, let path): object = .path(operation, path.bytes)
    case .network(let socket): object = .socket(SocketCell(socket))
    case .capability(let capability): object = .capability(capability.rawValue)
    case .syscall(let name, let path):
      guard let number = SystemCalls.number(of: name) else { return nil }
      object = .syscall(UInt32(number), path?.bytes ?? [])
    }
    self.source = source
    isOwner = event.isOwner
    asksBelow = false
  }

  /// Empty if there is no path.
  package var path: [UInt8] {
    switch object {
    case .path(_, let bytes), .syscall(_, let bytes): bytes
    case .socket, .capability, .preset: []
    }
  }

  package var resourceClass: ResourceClass {
    switch object {
    case .path(let operation, _): operation.resourceClass
    case .socket: .network
    case .capability: .capabilities
    case .syscall: .syscalls
    case .preset: .presets
    }
  }
}

extension ImageQuestion: CustomStringConvertible {
  package var description: String {
    let text =
      switch object {
      case .path(let operation, let path): "\(operation.name) \(words(path))" + (isOwner ? " as owner" : " as other")
      case .socket(let socket): "socket class \(socket.index)"
      case .capability(let number): "capability \(number)"
      case .syscall(let number, let path): "system call \(number) with \(words(path))"
      case .preset(let preset): "preset \(preset.rawValue)"
      }
    return switch source {
    case .classes(let classes): text + " from source class \(classes.source) (\(classes.syscallSource))"
    case .hash(let hash): text + " from the source with the hash \(String(hash, radix: 16))"
    }
  }

  private func words(_ path: [UInt8]) -> String {
    if path.isEmpty { return "no path" }
    return path.count <= 200 ? printable(path) : printable(path.prefix(200)) + "… (\(path.count) bytes)"
  }
}

/// What the matcher answers.
package struct ImageAnswer: Hashable, Sendable {
  package var isDenied: Bool
  /// Why something is decided that no cell decides (`enum armor_trouble`); 0: a cell does.
  package var trouble: UInt8
  package var cell: ImageCell
  /// The class of the path and the state that it ends in; both 0 without a path.
  package var label: Int
  package var state: UInt32
  /// Behind the path as a directory, if that was asked.
  package var below: UInt32
  package var isGuarded: Bool
  /// The class of the source that was used.
  package var source: Int
  /// What the task is after it executed the path; zeros if it does not.
  package var next: ImageSource
  package var nextHash: UInt64

  package init(
    isDenied: Bool = false,
    trouble: UInt8 = 0,
    cell: ImageCell = .free,
    label: Int = 0,
    state: UInt32 = 0,
    below: UInt32 = 0,
    isGuarded: Bool = false,
    source: Int = 0,
    next: ImageSource = ImageSource(source: 0, syscallSource: 0),
    nextHash: UInt64 = 0
  ) {
    self.isDenied = isDenied
    self.trouble = trouble
    self.cell = cell
    self.label = label
    self.state = state
    self.below = below
    self.isGuarded = isGuarded
    self.source = source
    self.next = next
    self.nextHash = nextHash
  }
}
