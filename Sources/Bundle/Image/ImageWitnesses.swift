import IR

/// Strings that between them reach every pair of classes that an image and the decision table sort strings into.
package struct ImageWitnesses: Sendable {
  /// Executables; no source is none of them.
  package let sources: [[UInt8]]
  package let paths: [[UInt8]]
  package let callSources: [[UInt8]]
  package let callPaths: [[UInt8]]

  package init(sources: [[UInt8]], paths: [[UInt8]], callSources: [[UInt8]], callPaths: [[UInt8]]) {
    self.sources = sources
    self.paths = paths
    self.callSources = callSources
    self.callPaths = callPaths
  }

  /// Every cell of an image, asked with a witness of its classes: sources by hash where they are named, else by class, and
  /// no source; each with every path, without one and too long a one, all sockets, capabilities and system calls with rules;
  /// and the presets.
  package func forEachQuestion<Failure: Error>(
    _ image: MapImage,
    _ loaded: KernelImage,
    _ ask: (ImageQuestion) throws(Failure) -> Void
  ) throws(Failure) {
    let named = Set(image.sources.map(\.bytes))
    func source(_ bytes: [UInt8]?) -> ImageQuestion.Source {
      guard let bytes else { return .classes(ImageSource(source: 0, syscallSource: 0)) }
      return named.contains(bytes)
        ? .hash(KernelImage.hash(bytes, key: loaded.key)) : .classes(image.classes(of: bytes))
    }
    let objects = paths + sources + [[], [UInt8](repeating: UInt8(ascii: "/"), count: BytePath.maximumLength + 1)]
    for one in [nil] + sources {
      let source = source(one)
      for path in objects {
        for operation in PathOperation.allCases {
          for isOwner in [false, true] {
            // What lies below is no matter of the owner: asked once.
            let asksBelow = operation == .write && !isOwner
            try ask(ImageQuestion(source, .path(operation, path), isOwner: isOwner, asksBelow: asksBelow))
          }
        }
      }
      for socket in SocketCell.all { try ask(ImageQuestion(source, .socket(socket))) }
      for number in 0..<UInt8(ImageHeader.capabilityCells) { try ask(ImageQuestion(source, .capability(number))) }
    }
    for preset in Preset.allCases { try ask(ImageQuestion(source(nil), .preset(preset))) }
    let numbers = (0..<ImageHeader.syscallNumbers).filter { image.syscallRow($0) != nil }.map { UInt32($0) }
    for one in [nil] + callSources {
      let source = source(one)
      for number in numbers + [UInt32(ImageHeader.syscallNumbers)] {
        for path in [[]] + callPaths { try ask(ImageQuestion(source, .syscall(number, path))) }
      }
    }
  }
}
